// The form I.I.F.-I with its fifteen items, to be filled in.
import {grow, h, labelled, reach, select} from './dom.js';
import {draft} from './store.js';
import {correction, fromLocal, get, put, ready, toLocal, working} from './model.js';
import {choices, labels, say, t} from './words.js';

// Fields of an item: name, kind, and * where the form asks for it always. What is asked for only sometimes, the server
// says under problems.
const station = at => [`${at}.name`, `${at}.district`, `${at}.state`, `${at}.code`];
const officer = at => [`${at}.name`, `${at}.rank`, `${at}.number`];
const fields = {
  2: ['ruling.class|ruling', 'ruling.reason', ...officer('ruling.officer')],
  3: ['occurrence.date_from|date|*', 'occurrence.date_to|date', 'occurrence.time_period||*', 'occurrence.time_from|time', 'occurrence.time_to|time', 'occurrence.received_at|moment|*', 'occurrence.diary_entry||*', 'occurrence.diary_time|time|*'],
  4: ['information_type|information|*'],
  5: ['place.direction_distance||*', 'place.beat_number', 'place.address|block|*'],
  '5b': station('place.outside_station'),
  6: ['complainant.name||*', 'complainant.relative_name', 'complainant.date_of_birth', 'complainant.nationality', 'complainant.phone', 'complainant.occupation', 'complainant.present_address|block|*', 'complainant.permanent_address|block|*', 'complainant.uid_number', 'complainant.passport_number', 'complainant.passport_issue_date|date', 'complainant.passport_issue_place', 'complainant.other_id'],
  8: ['delay_reasons|block'], 11: ['inquest'],
  13: ['action.kind|action|*', ...officer('action.officer'), 'action.reason|block', ...station('action.transfer_to')],
};
const rows = {
  accused: ['kind|accused', 'name', 'alias', 'relative_name', 'address|block', 'physical_features|block'],
  properties: ['category', 'type', 'description|block', 'value_rupees|rupees'],
  translations: ['language', 'text|block'],
};
const adds = {accused: 'addAccused', properties: 'addProperty', translations: 'addTranslation'};
const blank = {accused: {kind: '', name: '', alias: '', relative_name: '', address: '', physical_features: ''}, properties: {category: '', type: '', description: '', value_rupees: null}, translations: {language: '', text: ''}};

// editor draws the form. What is entered and not sent is kept, item by item; changes returns it as a correction.
// can is 'all', or the list of items that may be changed; charges draws item 2.
export function editor({app, scope, document: doc, items, problems, can, charges}) {
  const may = item => can === 'all' || can.includes(item);
  const unsent = JSON.parse(draft.get(scope, 'form') ?? '{}');
  const now = working(doc, unsent);
  const state = {
    doc, now, may, problems: new Map(problems.map(p => [p.field, p])), known: new Map(items.flatMap(i => i.fields.map(f => [f.name, f]))),
    changed: () => {
      const out = correction(doc, now);
      if (Object.keys(out).length) draft.set(scope, 'form', JSON.stringify(out));
      else draft.forget(scope, 'form');
    },
  };
  const restored = Object.keys(unsent).length > 0 && h('p', {class: 'note'}, t('restored') + ' ', h('button', {type: 'button', onclick: () => {
    draft.forget(scope, 'form');
    app.render();
  }}, t('discard')));
  const form = h('div', {class: 'form'}, items.map(item => fieldset(state, item, charges)));
  (form.querySelector('[aria-invalid]') ?? form.querySelector('.field [data-field]'))?.setAttribute('data-key', 'e');
  const node = [missing(problems), restored, form];
  return {node, changes() {
    const out = ready(correction(doc, now));
    return Object.keys(out).length ? out : null;
  }};
}

// long is a field that needs the width of the page.
export const long = f => f.value.en.length > 150 && 'broad';

export function missing(problems) {
  if (problems.length === 0) return h('p', {class: 'good'}, t('missingNone'));
  return h('section', {class: 'warn missing', 'aria-label': t('missing', problems.length)}, h('h2', {}, t('missing', problems.length)), h('p', {class: 'hint'}, t('missingHint')),
    h('ul', {}, problems.map(p => h('li', {}, h('button', {type: 'button', class: 'link', onclick: () => reach(p)}, `${p.item}. ${say(p.label)}: ${say(p.message)}`)))));
}

function fieldset(state, item, charges) {
  return h('fieldset', {'data-item': item.number, tabIndex: -1},
    h('legend', {}, `${item.number}. ${say(item.label)}`, item.mandatory && h('abbr', {class: 'star', title: t('mandatory')}, ' *')),
    inside(state, item, charges));
}

function inside(state, item, charges) {
  const n = item.number, names = fields[n] ?? [];
  switch (n) {
    case 1: return [h('p', {class: 'hint'}, t('bySystem')), facts(item)];
    case 2: return [charges, state.may('ruling') ? more(t('ruling'), state, fields[2], state.now.ruling?.class || wrongIn(state, 'ruling')) : null];
    case 5: return state.may('place') ? [grid(state, names), more(t('outside'), state, fields['5b'], Object.values(state.now.place.outside_station ?? {}).some(Boolean))] : facts(item);
    case 6: return state.may('complainant') ? [grid(state, names)] : facts(item);
    case 7: return state.may('accused') ? table(state, 'accused') : facts(item);
    case 9: return state.may('properties') ? table(state, 'properties') : facts(item);
    case 10: return [h('p', {class: 'hint'}, t('calculated')), facts(item)];
    case 12: return contents(state, item);
    case 13: return state.may('action') ? [grid(state, names), h('p', {class: 'hint'}, t('later')), facts(item, f => f.name.startsWith('read_over'))] : facts(item);
    case 14: case 15: return [h('p', {class: 'hint'}, t('later')), facts(item)];
  }
  return state.may(names[0].split(/[.|]/)[0]) ? grid(state, names) : facts(item);
}

const wrongIn = (state, item) => [...state.problems.keys()].some(name => name.startsWith(item + '.'));

const more = (label, state, names, open) => h('details', {open: Boolean(open)}, h('summary', {}, label), grid(state, names));

const facts = (item, which = () => true) => h('dl', {class: 'facts'}, item.fields.filter(which).map(f =>
  h('div', {'data-field': f.name, tabIndex: -1, class: long(f)}, h('dt', {}, say(f.label)), h('dd', {class: f.known ? '' : 'unknown'}, say(f.value)))));

function contents(state, item) {
  const statement = item.fields.find(f => f.name === 'contents.statement');
  return [
    state.may('narrative') ? control(state, 'narrative|text|*', say(state.known.get('contents.narrative')?.label) || t('narrative'), 'contents.narrative') : facts(item, f => f.name === 'contents.narrative'),
    statement && h('details', {}, h('summary', {}, say(statement.label)), h('div', {class: 'paper'}, say(statement.value))),
    state.may('translations') ? table(state, 'translations') : null,
  ];
}

const grid = (state, names) => h('div', {class: 'grid'}, names.map(spec => {
  const name = spec.split('|')[0];
  return control(state, spec, say(state.known.get(name)?.label ?? labels[name]), name);
}));

// control binds one field. name is its path in the document, under which problems are told.
function control(state, spec, label, name) {
  const [path, kind = '', star] = spec.split('|'), problem = state.problems.get(name);
  const input = made(kind, get(state.now, path));
  input.setAttribute('data-field', name);
  const read = () => {
    put(state.now, path, kind === 'moment' ? fromLocal(input.value) : kind === 'rupees' ? (input.value === '' ? null : Number(input.value)) : input.value);
    state.changed();
  };
  input.addEventListener('input', read);
  input.addEventListener('change', read);
  const set = value => {
    input.value = value;
    read();
    input.focus();
  };
  const after = name === 'occurrence.received_at' ? h('button', {type: 'button', onclick: () => set(toLocal(new Date().toISOString()))}, t('now')) :
    name === 'complainant.permanent_address' ? h('button', {type: 'button', onclick: () => set(state.now.complainant.present_address)}, t('sameAddress')) : null;
  return labelled(label, input, {star: star && t('mandatory'), problem: problem && say(problem.message), after, class: kind === 'block' || kind === 'text' ? 'broad' : ''});
}

function made(kind, value) {
  value ??= '';
  switch (kind) {
    case 'date': return h('input', {type: kind, value, max: '9999-12-31'});
    case 'time': return h('input', {type: kind, value});
    case 'moment': return h('input', {type: 'datetime-local', value: toLocal(value), max: '9999-12-31T23:59'});
    case 'rupees': return h('input', {type: 'number', min: 0, max: 1e12, step: 1, inputmode: 'numeric', value: value === '' ? '' : String(value)});
    case 'block': case 'text': {
      const area = grow(h('textarea', {value, 'data-rows': kind === 'text' ? 8 : 2, maxlength: kind === 'text' ? null : 5000, spellcheck: 'false'}));
      area.addEventListener('input', () => grow(area));
      return area;
    }
    case '': return h('input', {value, maxlength: 300, autocomplete: 'off', spellcheck: 'false'});
  }
  return select(choices[kind].map(([v, l]) => [v, say(l)]), value);
}

// table is rows that can be added and removed.
function table(state, item) {
  const box = h('div', {class: 'rows', 'data-field': item === 'translations' ? 'contents.translations' : item, tabIndex: -1});
  const draw = focus => {
    const list = state.now[item] ??= [];
    box.replaceChildren(...list.map((_, i) => h('div', {class: 'one', role: 'group', 'aria-label': t('row', i + 1)},
      h('p', {class: 'row'}, h('strong', {}, t('row', i + 1)), h('button', {type: 'button', onclick: () => {
        list.splice(i, 1);
        state.changed();
        draw('add');
      }}, t('removeRow', i + 1))),
      h('div', {class: 'grid'}, rows[item].map(spec => {
        const [name, ...kind] = spec.split('|'), path = `${item}.${i}.${name}`;
        return control(state, [path, ...kind].join('|'), say(state.known.get(path)?.label ?? labels[`${item}.${name}`]), item === 'translations' ? 'contents.' + path : path);
      })))),
    h('button', {type: 'button', 'data-add': item, disabled: list.length >= 100, onclick: () => {
      list.push(structuredClone(blank[item]));
      state.changed();
      draw('last');
    }}, t(adds[item])));
    if (focus === 'add') box.querySelector('[data-add]').focus();
    if (focus === 'last') box.querySelector('.one:nth-last-child(2)').querySelector('select, input, textarea').focus();
  };
  draw();
  return box;
}
