// Reports: the list of them, and one with what the law wants next.
import {h, labelled, select, ticked} from './dom.js';
import {draft, kept} from './store.js';
import {fromLocal, left, may, moment, number, toLocal} from './model.js';
import {say, t, words} from './words.js';
import {editor, missing} from './form.js';
import {law} from './law.js';
import {sheet} from './sheet.js';

const stateOf = state => say(words.states[state] ?? [state, state]);

// list shows a page of reports; its address holds the status that it is narrowed to.
export function list(app) {
  const page = app.list?.body, status = app.at.value;
  const pick = select([['', t('listAll')], ...Object.keys(words.states).map(s => [s, stateOf(s)])], status, {id: 'narrow', onchange: () => app.go(pick.value ? '#list=' + pick.value : '#list')});
  const given = h('input', {maxlength: 60, placeholder: 'KTW/0042/2026', autocomplete: 'off'});
  const open = h('form', {class: 'row', onsubmit: e => {
    e.preventDefault();
    if (given.value.trim()) app.go('#fir=' + given.value.trim());
  }}, labelled(t('openNumber'), given), h('button', {type: 'submit'}, t('openIt')));
  return [h('h1', {tabIndex: -1}, t('listTitle')), h('div', {class: 'pair'}, labelled(t('status'), pick), open), page && rows(app, page, status)];
}

list.read = async (app, signal) => {
  const before = app.list?.cursors ?? [];
  const query = new URLSearchParams({limit: 20});
  if (app.at.value) query.set('status', app.at.value);
  if (before.length) query.set('cursor', before.at(-1));
  app.list = {cursors: before, body: await app.request('GET', '/list_firs?' + query, {signal})};
  app.render(true);
};

function rows(app, page, status) {
  if (page.items.length === 0) return h('p', {class: 'note'}, t(status ? 'listEmptyFor' : 'listEmpty'));
  const turn = cursors => app.run(t('loading'), signal => {
    app.list.cursors = cursors;
    return list.read(app, signal);
  });
  const at = app.list.cursors;
  return [
    h('table', {}, h('caption', {}, t('listCaption', page.total_count.toLocaleString('en-IN'))),
      h('thead', {}, h('tr', {}, ['listNumber', 'status', 'created'].map(name => h('th', {scope: 'col'}, t(name))))),
      h('tbody', {}, page.items.map(r => h('tr', {}, h('th', {scope: 'row'}, h('a', {href: '#fir=' + r.fir_number}, r.fir_number)), h('td', {}, stateOf(r.status)), h('td', {}, moment(r.created_at)))))),
    h('p', {class: 'row'}, h('button', {type: 'button', disabled: at.length === 0, onclick: () => turn(at.slice(0, -1))}, t('newer')),
      h('button', {type: 'button', disabled: !page.has_more, onclick: () => turn([...at, page.next_cursor])}, t('older')))];
}

const editable = {draft: 'all', awaiting_signature: 'all', preliminary_enquiry: ['ruling', 'action']};

export function report(app) {
  const r = app.report;
  if (!r) return h('h1', {tabIndex: -1}, t('report', app.at.value));
  const scope = 'fir:' + r.fir_number, can = r.review_pending ? null : editable[r.status];
  const form = can && editor({app, scope, document: r.document, items: r.items, problems: r.problems, can,
    charges: law({scope, violations: r.document.charges, short: true, change: (correction, sent) => act(app, scope, 'correct', () => ({correction}), null, sent)})});
  const save = form && (() => act(app, scope, 'correct', () => ({correction: form.changes()}), form));
  return [
    h('h1', {tabIndex: -1}, t('report', r.fir_number)),
    head(r), clocks(r), duties(r),
    !form && r.problems.length > 0 && missing(r.problems),
    h('section', {'aria-labelledby': 'next'}, h('h2', {id: 'next'}, t('actions')), actions(app, r, scope, form)),
    form && h('section', {}, h('h2', {}, t('form')), form.node, h('p', {class: 'row bar'}, h('button', {type: 'button', id: 'save', onclick: () => form.changes() ? save() : app.tell(t('saved'))}, t('save')))),
    sheet(app, {number: r.fir_number, status: r.status, items: r.items, changed: form?.changes}),
    h('p', {class: 'row'}, h('button', {type: 'button', onclick: () => finish(app, scope)}, t('finish'))),
  ];
}

// finish leaves nothing of the complaint in this browser.
function finish(app, scope) {
  draft.drop(scope);
  for (const url of app.papers ?? []) URL.revokeObjectURL(url);
  app.papers = [];
  app.report = app.session = null;
  app.go('#new');
}

function head(r) {
  const facts = [['status', h('strong', {class: 'state ' + r.status}, stateOf(r.status))], ['klass', r.class && t(r.class)], ['created', moment(r.created_at)], ['registeredAt', moment(r.registered_at)],
    ['finalizedAt', moment(r.finalized_at)], ['receivedAs', r.received_as], ['former', r.former_numbers?.join(', ')], ['finding', r.finding]];
  return h('dl', {class: 'facts head'}, facts.filter(([, v]) => v).map(([name, v]) => h('div', {}, h('dt', {}, t(name)), h('dd', {}, v))));
}

function clocks(r) {
  if (r.deadlines.length === 0) return null;
  const now = Date.now();
  return h('section', {}, h('h2', {}, t('deadlines')), h('ul', {class: 'due'}, r.deadlines.map(d => {
    const rest = Date.parse(d.due) - now;
    return h('li', {class: rest < 0 ? 'late' : ''}, h('strong', {}, say(d.label)), ' – ', t('due', moment(d.due)), ' ',
      h('span', {class: 'tag'}, (rest < 0 ? '⚠ ' : '') + t(rest < 0 ? 'overdue' : 'leftTime', left(rest))), ' ', source(d));
  })));
}

const source = x => h('span', {class: 'hint'}, `${x.source}${x.confidence === 'high' ? '' : ' (' + t('unsure') + ')'}`);

const duties = r => r.duties.length > 0 && h('section', {}, h('h2', {}, t('duties')), h('ul', {}, r.duties.map(d => h('li', {class: d.key === 'unfinished_checks' ? 'late' : ''}, say(d.label), ' ', source(d)))));

// act sends one event; what stands unsaved in the form goes before it.
function act(app, scope, action, more, form, sent) {
  return app.run(t('doing'), async signal => {
    const post = json => app.request('POST', `/fir/${number(app.report.fir_number)}/events`, {signal, json: {version: app.report.version, ...json}});
    try {
      const unsaved = form?.changes();
      if (unsaved) {
        app.report = await post({action: 'correct', correction: unsaved});
        draft.forget(scope, 'form');
      }
      if (action !== 'correct' || !unsaved) app.report = await post({action, ...more()});
    } catch (e) {
      if (e.status !== 409 || e.type !== 'version_conflict') throw e;
      await app.readReport(signal);
      return app.tell(t('changed', stateOf(app.report.status)));
    }
    sent?.();
    if (action !== 'correct') for (const name of Object.keys(inputs(action))) draft.forget(scope, `${action}.${name}`);
    move(app);
    app.render(true);
    app.tell(action === 'correct' ? t('saved') : t('done', stateOf(app.report.status)));
  });
}

// move follows a report to its new number.
function move(app) {
  if (app.at.value === app.report.fir_number) return;
  history.replaceState(null, '', '#fir=' + app.report.fir_number);
  app.at.value = app.report.fir_number;
}

const inputs = action => ({sign: {kind: 1, by: 1, read: 1, admitted: 1}, enquire: {kind: 1, by: 1, read: 1, admitted: 1, reference: 1, name: 1, rank: 1, number: 1, at: 1}, conclude_enquiry: {prima: 1, finding: 1}, acknowledge: {number: 1}, despatch: {at: 1, name: 1, rank: 1, number: 1}}[action] ?? {});

function actions(app, r, scope, form) {
  const can = may(r);
  if (can.length === 0) return h('p', {}, t('noActions'));
  return can.map((name, i) => name === 'review' ?
    h('p', {class: 'note'}, t('review') + '. ', h('a', {href: '#session=' + r.session_id}, t('reviewOpen'))) :
    h('details', {class: 'action', open: i === 0}, h('summary', {}, t(name)), steps[name](app, r, scope, form)));
}

// button is the last line of an action.
const button = (label, main) => h('p', {class: 'row'}, h('button', {type: 'submit', class: main && 'main', 'data-key': main && 'a'}, label));

const formOf = (content, send) => h('form', {noValidate: true, onsubmit: e => {
  e.preventDefault();
  send();
}}, content);

function signing(scope, action, r) {
  const keep = (name, control) => kept(scope, `${action}.${name}`, control);
  const kind = keep('kind', select(['signature', 'thumb', 'electronic'].map(k => [k, t(k)]), r.document.information_type === 'electronic' ? 'electronic' : 'signature'));
  const by = keep('by', h('input', {value: r.document.complainant.name, maxlength: 300}));
  const read = keep('read', h('input', {type: 'checkbox', 'data-field': 'read_over.read_over'})), admitted = keep('admitted', h('input', {type: 'checkbox', 'data-field': 'read_over.admitted_correct'}));
  kind.setAttribute('data-field', 'signature.kind');
  return {
    node: [h('div', {class: 'grid'}, labelled(t('signKind'), kind), labelled(t('signBy'), by)), ticked(t('readOver'), read), ticked(t('admitted'), admitted)],
    read: () => ({kind: kind.value, by: by.value.trim(), read_over: read.checked, admitted: admitted.checked}),
  };
}

function officer(scope, action, value = {}) {
  const field = (name, label) => {
    const input = kept(scope, `${action}.${name}`, h('input', {value: value[name] ?? '', maxlength: 300}));
    return [input, labelled(label, input)];
  };
  return label => {
    const parts = {name: field('name', label), rank: field('rank', t('rank')), number: field('number', t('number'))};
    return {node: Object.values(parts).map(p => p[1]), read: () => Object.fromEntries(Object.entries(parts).map(([name, p]) => [name, p[0].value.trim()]))};
  };
}

// at is a moment on India's clock, with a button for now.
function at(scope, action, label, value) {
  const input = kept(scope, `${action}.at`, h('input', {type: 'datetime-local', value: toLocal(value), max: '9999-12-31T23:59'}));
  const now = h('button', {type: 'button', onclick: () => {
    input.value = toLocal(new Date().toISOString());
    input.dispatchEvent(new Event('input'));
  }}, t('now'));
  return [input, labelled(label, input, {after: now})];
}

const plain = name => (app, r, scope, form) => formOf([words[name + 'Hint'] && h('p', {class: 'hint'}, t(name + 'Hint')), button(t('confirm'), name === 'enter_ncr')], () => act(app, scope, name, () => ({}), form));

const steps = {
  sign(app, r, scope, form) {
    const signed = signing(scope, 'sign', r);
    return formOf([signed.node, button(t('signDo'), true)], () => act(app, scope, 'sign', signed.read, form));
  },
  enquire(app, r, scope, form) {
    const signed = signing(scope, 'enquire', r), who = officer(scope, 'enquire')(t('permName'));
    const reference = kept(scope, 'enquire.reference', h('input', {maxlength: 300})), [when, whenField] = at(scope, 'enquire', t('permAt'));
    return formOf([h('p', {class: 'hint'}, t('enquireHint')), h('div', {class: 'grid'}, labelled(t('permRef'), reference), who.node, whenField), signed.node, button(t('confirm'))],
      () => act(app, scope, 'enquire', () => ({...signed.read(), permission: {reference: reference.value.trim(), officer: who.read(), at: fromLocal(when.value) || undefined}}), form));
  },
  conclude_enquiry(app, r, scope, form) {
    const prima = kept(scope, 'conclude_enquiry.prima', select([['true', t('yes')], ['false', t('no')]], 'true')), finding = kept(scope, 'conclude_enquiry.finding', h('textarea', {rows: 4, maxlength: 5000}));
    return formOf([labelled(t('primaFacie'), prima), labelled(t('finding'), finding), button(t('confirm'), true)],
      () => act(app, scope, 'conclude_enquiry', () => ({prima_facie: prima.value === 'true', finding: finding.value.trim()}), form));
  },
  acknowledge(app, r, scope) {
    const given = kept(scope, 'acknowledge.number', h('input', {maxlength: 60, placeholder: 'ABC/0001/2026'}));
    return formOf([labelled(t('acknowledgeNumber'), given), button(t('confirm'), true)], () => act(app, scope, 'acknowledge', () => ({number: given.value.trim()})));
  },
  copy(app, r, scope) {
    if (r.document.read_over.copy_given) return h('p', {class: 'good', 'data-field': 'read_over.copy_given', tabIndex: -1}, '✓ ' + t('copyDo'));
    const box = formOf([button(t('copyDo'))], () => act(app, scope, 'copy', () => ({action: 'correct', correction: {copy_given: true}})));
    box.querySelector('button').setAttribute('data-field', 'read_over.copy_given');
    return box;
  },
  despatch(app, r, scope) {
    const sent = r.document.despatch, [when, whenField] = at(scope, 'despatch', t('despatchAt'), sent.at), who = officer(scope, 'despatch', sent.officer)(t('despatchOfficer'));
    return formOf([h('div', {class: 'grid'}, whenField, who.node), button(t('despatchDo'))],
      () => act(app, scope, 'despatch', () => ({action: 'correct', correction: {despatch: {at: fromLocal(when.value) || undefined, officer: who.read()}}})));
  },
  finalise(app, r) {
    const secret = h('input', {type: 'password', autocomplete: 'off', minlength: 8, maxlength: 256, required: true, spellcheck: 'false'});
    return formOf([h('p', {class: 'hint'}, t('finaliseHint')), labelled(t('finaliseKey'), secret), button(t('finaliseDo'))], () => app.run(t('doing'), async signal => {
      const auth_key = secret.value;
      await app.request('POST', '/authenticate', {signal, json: {fir_number: r.fir_number, auth_key}});
      secret.value = '';
      await app.readReport(signal);
      app.tell(t('done', stateOf(app.report.status)));
    }));
  },
  enter_ncr: plain('enter_ncr'), await_signature: plain('await_signature'), transfer: plain('transfer'), renumber: plain('renumber'),
};
