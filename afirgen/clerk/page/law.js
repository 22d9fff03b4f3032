// The table of sections: what may be violated, how sure that is, what is struck out, what is added by hand.
import {h, labelled, select, ticked} from './dom.js';
import {draft, kept} from './store.js';
import {cite, ref} from './model.js';
import {say, t} from './words.js';

// law draws violations. change sends a correction; evidence shows the words that speak for one of them; short leaves
// that out, and so does a table that cannot be changed.
export function law({scope, violations, change, evidence, short}) {
  return h('section', {class: 'law'},
    violations.length === 0 ? h('p', {class: 'note', 'data-field': 'charges', tabIndex: -1}, t('noLaw')) : [
      h('div', {class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': t('lawCaption')}, table(violations, change, evidence, short)),
      violations.some(v => v.confidence !== 'high') && h('p', {class: 'hint'}, t('verifyAll'))],
    change && adding(scope, change, short));
}

function table(violations, change, evidence, short) {
  const head = ['act', 'section', 'title', 'klass', 'bail', 'years', 'confidence', ...(short ? [] : ['evidence']), ...(change ? ['decision'] : [])];
  return h('table', {class: 'wide'}, h('caption', {class: 'unseen'}, t('lawCaption')),
    h('thead', {}, h('tr', {}, head.map(name => h('th', {scope: 'col'}, t(name))))),
    h('tbody', {}, violations.map((v, i) => row(v, i, head, {change, evidence, short}))));
}

function row(v, i, head, {change, evidence, short}) {
  const name = x => x === 'low' ? t('low_') : x ? t(x) : t('unknown_');
  const cells = [
    v.act,
    h('strong', {}, v.section + (v.sub_section ?? '')),
    [say(v.title), v.origin === 'clerk' && h('span', {class: 'tag'}, t('byClerk')), v.struck && h('span', {class: 'tag'}, t('struck'))],
    name(v.cognizable), name(v.bailable), years(v.max_years),
    [h('span', {class: 'sure ' + v.confidence}, name(v.confidence)), v.confidence !== 'high' && h('span', {class: 'verify'}, t('verify'))],
  ];
  if (!short) cells.push(v.evidence_span?.length && evidence ? h('button', {type: 'button', 'aria-label': `${t('evidence')}: ${cite(v)}`, onclick: () => evidence(i)}, t('evidence')) : '–');
  if (change) {
    cells.push(h('button', {type: 'button', 'data-law': cite(v), 'aria-label': `${t(v.struck ? 'restore' : 'strike')}: ${cite(v)}`,
      onclick: () => change({[v.struck ? 'restore_charges' : 'strike_charges']: [ref(v)]})}, t(v.struck ? 'restore' : 'strike')));
  }
  return h('tr', {class: v.struck && 'struck', 'data-field': `charges.${i}`, tabIndex: -1}, cells.map((c, k) =>
    k === 1 ? h('th', {scope: 'row', 'data-label': t(head[k])}, c) : h('td', {'data-label': t(head[k])}, c)));
}

// years writes a term as people say it: life, 3 years, 6 months.
function years(n) {
  if (n === 'life' || n === 'death') return t(n);
  if (!n) return t('unknown_');
  if (n < 1 || n % 1) return t('monthsN', Math.round(n * 12));
  return n === 1 ? t('yearOne') : t('yearsN', n);
}

function adding(scope, change, short) {
  const keep = (name, control) => kept(scope, 'add.' + name, control);
  const act = keep('act', select([['BNS', 'BNS'], ['IPC', 'IPC'], ['other', t('anotherAct')]], 'BNS'));
  const other = keep('other', h('input', {maxlength: 300}));
  const section = keep('section', h('input', {maxlength: 300, placeholder: '303'}));
  const sub = keep('sub', h('input', {maxlength: 300, placeholder: '(2)'}));
  const title = keep('title', h('input', {maxlength: 300}));
  const hindi = keep('hindi', h('input', {maxlength: 300, lang: 'hi'}));
  const pick = (name, values) => keep(name, select(values.map(v => [v, v ? t(v) : t('unknown_')]), values[0]));
  const klass = pick('class', ['cognizable', 'non_cognizable', 'conditional']), bail = pick('bail', ['', 'bailable', 'non_bailable', 'conditional']);
  const up = keep('years', h('input', {maxlength: 10}));
  const checked = keep('checked', h('input', {type: 'checkbox'}));
  const wrong = h('p', {class: 'wrong', role: 'alert'});
  const otherField = labelled(t('otherAct'), other);
  const showOther = () => { otherField.hidden = act.value !== 'other'; };
  act.addEventListener('change', showOther);
  showOther();
  const send = async e => {
    e.preventDefault();
    const violation = {
      act: (act.value === 'other' ? other.value : act.value).trim(), section: section.value.trim(), sub_section: sub.value.trim(),
      title: {en: title.value.trim() || hindi.value.trim(), hi: hindi.value.trim()}, cognizable: klass.value, bailable: bail.value, max_years: term(up.value),
      confidence: checked.checked ? 'high' : 'low', source: 'entered by the clerk', origin: 'clerk',
    };
    if (!violation.act || !violation.section || !violation.title.en) {
      wrong.textContent = t('needAct');
      (violation.section ? title : section).focus();
      return;
    }
    wrong.textContent = '';
    await change({add_charges: [violation]}, () => {
      for (const name of ['act', 'other', 'section', 'sub', 'title', 'hindi', 'class', 'bail', 'years', 'checked']) draft.forget(scope, 'add.' + name);
    });
  };
  return h('details', {class: 'adding'}, h('summary', {'data-key': short ? null : 'e'}, t('addTitle')), h('form', {noValidate: true, onsubmit: send},
    h('div', {class: 'grid'}, labelled(t('act'), act), otherField, labelled(t('section'), section, {star: t('mandatory')}), labelled(t('subSection'), sub),
      labelled(t('title'), title, {star: t('mandatory')}), labelled(t('titleHi'), hindi), labelled(t('klass'), klass), labelled(t('bail'), bail), labelled(t('years'), up, {hint: t('yearsHint')})),
    ticked(t('checked'), checked), wrong, h('p', {class: 'row'}, h('button', {type: 'submit'}, t('add')))));
}

// term reads years as the API writes them.
function term(text) {
  text = text.trim().toLowerCase();
  if (text === 'life' || text === 'death') return text;
  const n = Number(text.replace(',', '.'));
  return text && n > 0 && n < 100 ? n : null;
}
