// The five reviews of a session, one screen each.
import {grow, h, labelled, select} from './dom.js';
import {draft, kept} from './store.js';
import {count, maxNote, pieces, steps} from './model.js';
import {say, t, words} from './words.js';
import {setFile, shown} from './file.js';
import {law} from './law.js';
import {sheet} from './sheet.js';
import {editor} from './form.js';

const every = 2000, looks = 300; // ms between two looks at a session that is being worked on, and how many

export function review(app) {
  const s = app.session;
  if (!s) return h('h1', {tabIndex: -1}, t('loading'));
  if (s.status === 'processing') return waiting(app);
  if (s.status === 'error') return [h('h1', {tabIndex: -1}, t('endedTitle')), h('p', {}, t('endedHint')), s.error_type && h('p', {}, h('code', {}, s.error_type)), h('p', {}, h('a', {href: '#new'}, t('navNew')))];
  const step = s.current_step, at = steps.indexOf(step);
  const part = parts[step](app, s, s.session_id + ':' + step);
  return [stepper(at), h('h1', {tabIndex: -1}, t('reviewOf', at + 1, t(step))),
    s.error_type && h('p', {class: 'note', role: 'note'}, t('lastFailed', s.error_type)),
    part.node, decisions(app, s, step, part)];
}

const parts = {transcript_review: transcript, summary_review: summary, violations_review: violations, fir_narrative_review: narrative, final_review: final};

function stepper(at) {
  return h('ol', {class: 'steps', 'aria-label': t('stepsLabel')}, steps.map((step, i) =>
    h('li', {class: i < at ? 'past' : i === at ? 'now' : '', 'aria-current': i === at ? 'step' : null}, h('span', {class: 'name'}, t(step)), i < at && h('span', {class: 'unseen'}, ` (${t('stepDone')})`))));
}

// text is an artefact that can be corrected by hand.
function text(scope, name, label, value, hint) {
  const area = kept(scope, name, h('textarea', {value, 'data-edit': true, 'data-key': 'e', 'data-rows': 8, spellcheck: 'false'}));
  grow(area);
  area.addEventListener('input', () => grow(area));
  const back = area.restored && h('p', {class: 'note'}, t('restored') + ' ', h('button', {type: 'button', onclick: () => {
    area.undo();
    grow(area).focus();
    back.remove();
  }}, t('discard')));
  return {node: labelled(label, area, {hint, after: back}), changes: () => area.value.trim() === value.trim() ? null : {[name]: area.value}};
}

const said = (label, body) => h('section', {class: 'words'}, h('h2', {}, label), h('div', {class: 'paper', tabIndex: 0, role: 'group', 'aria-label': label}, body));

function transcript(app, s, scope) {
  const c = s.content, machine = c.engine !== undefined || (s.steps ?? []).some(d => d === 'ocr_done' || d === 'asr_done');
  if (!machine) return {node: [said(t('transcript'), c.transcript), h('p', {class: 'hint'}, t('typedAsIs'))], changes: () => null};
  const part = text(scope, 'transcript', t('transcript'), c.transcript, t('transcriptHint'));
  const sure = c.low_confidence ?
    h('div', {class: 'warn', role: 'alert'}, h('strong', {}, '⚠ ' + t('lowTitle')), h('p', {}, t('low', Math.round(c.confidence)))) :
    c.engine && h('p', {class: 'hint'}, t('sure', c.engine, Math.round(c.confidence)));
  const reading = c.reading && h('details', {}, h('summary', {}, t('reading')), h('div', {class: 'paper'}, c.reading));
  return {...part, node: [sure, h('div', {class: 'beside'}, h('div', {}, part.node, reading), source(app, s))]};
}

// source is the photograph or the recording beside its transcript. The server keeps it, and shows it to nobody.
function source(app, s) {
  const {file, url, of} = app.file;
  if (!file || of !== s.session_id) {
    return h('section', {class: 'source'}, h('h2', {}, t('source')), h('p', {class: 'hint'}, t('noSource')),
      labelled(t('photoPick'), h('input', {type: 'file', accept: 'image/*,application/pdf,.wav,.mp3', onchange: e => {
        if (!e.target.files[0]) return;
        setFile(app, e.target.files[0]);
        app.file.of = s.session_id;
        app.render();
      }})));
  }
  const view = shown(file, url), box = h('div', {class: 'paper image', tabIndex: 0, role: 'group', 'aria-label': t('source')}, view);
  const zoom = by => h('button', {type: 'button', onclick: () => { box.dataset.zoom = Math.min(3, Math.max(0, Number(box.dataset.zoom ?? 0) + by)); }}, t(by > 0 ? 'zoom' : 'unzoom'));
  return h('section', {class: 'source'}, h('h2', {}, t('source')), view.tagName === 'IMG' ? [h('p', {class: 'row'}, zoom(1), zoom(-1)), box] : view);
}

function summary(app, s, scope) {
  const part = text(scope, 'summary', t('summary'), s.content.summary);
  return {...part, node: h('div', {class: 'beside'}, part.node, said(t('original'), s.content.original_transcript))};
}

function narrative(app, s, scope) {
  const part = text(scope, 'narrative', t('narrative'), s.content.fir_narrative);
  return {...part, node: h('div', {class: 'beside'}, part.node, said(t('original'), s.content.original_transcript))};
}

function violations(app, s, scope) {
  const c = s.content, open = c.checks_failed + c.checks_timed_out;
  const paper = h('div', {class: 'paper', tabIndex: 0, role: 'group', 'aria-label': t('original')});
  const show = only => {
    const found = pieces(c.original_transcript, c.violations.map(v => v.struck ? [] : v.evidence_span));
    paper.replaceChildren(...found.map(p => {
      const of = p.of.filter(i => only === undefined || i === only);
      return of.length ? h('mark', {title: t('marksOf', of.map(i => `${c.violations[i].act} ${c.violations[i].section}${c.violations[i].sub_section ?? ''}`).join(', '))}, p.text) : p.text;
    }));
    if (only === undefined) return;
    paper.focus();
    paper.querySelector('mark')?.scrollIntoView({block: 'center'});
  };
  show();
  const table = law({
    scope, violations: c.violations, evidence: show,
    change: changing(app),
  });
  const node = [
    open > 0 && h('div', {class: 'warn', role: 'alert'}, h('strong', {}, '⚠ ' + t('openTitle', open)), h('p', {}, t('openHint', c.checks_failed, c.checks_timed_out))),
    table,
    c.notices.length > 0 && h('section', {class: 'note'}, h('h2', {}, t('notices')), h('ul', {}, c.notices.map(n => h('li', {}, say(n))))),
    c.special_acts?.length > 0 && h('section', {class: 'note'}, h('h2', {}, t('special')), h('ul', {}, c.special_acts.map(a => h('li', {}, say(a.title), a.sections?.length ? ': ' + a.sections.join(', ') : '')))),
    h('div', {class: 'beside'},
      h('section', {class: 'words'}, h('h2', {}, t('original')), paper, h('p', {}, h('button', {type: 'button', onclick: () => show()}, t('showAll')))),
      said(t('summary'), c.summary)),
  ];
  return {node, changes: () => null};
}

// changing sends a correction of the sections; sent is told once it has arrived.
const changing = app => (correction, sent) => app.decide(t('saving'), async signal => {
  app.take(await app.correct(correction, signal));
  sent?.();
});

function final(app, s, scope) {
  const c = s.content;
  const part = editor({
    app, scope, document: c.document, items: c.items, problems: c.problems, can: 'all',
    charges: law({
      scope, violations: c.document.charges, short: true,
      change: changing(app),
    }),
  });
  return {...part, node: [part.node, sheet(app, {number: s.fir_number, status: c.report_status, items: c.items, changed: part.changes})]};
}

// decisions are what a person can say to a review.
function decisions(app, s, step, part) {
  const scope = s.session_id + ':' + step;
  const note = kept(scope, 'note', h('textarea', {rows: 2, maxlength: maxNote}));
  const save = async signal => {
    const changes = part.changes();
    if (changes) app.session = await app.correct(changes, signal);
    return changes;
  };
  const approve = () => app.decide(say(words.approving[step]), async signal => {
    await save(signal);
    const now = await app.request('POST', '/validate', {signal, json: {session_id: s.session_id, approved: true, step, version: app.session.version, user_input: note.value.trim() || undefined}});
    draft.drop(scope);
    app.take(now);
  });
  const onlySave = () => app.decide(t('saving'), async signal => {
    await save(signal);
    forget(scope);
    app.tell(t('saved'));
  });
  const last = step === 'final_review';
  return h('section', {class: 'bar', 'aria-label': t('decision')},
    !last && h('details', {open: note.value !== ''}, h('summary', {}, t('noteNext') + ` (${t('optional')})`), labelled(t('note'), note)),
    h('div', {class: 'row'},
      h('button', {type: 'button', class: 'main', 'data-key': 'a', 'aria-keyshortcuts': 'a Control+Enter', onclick: approve}, t(last ? 'approveLast' : 'approve')),
      part.node && step !== 'violations_review' && h('button', {type: 'button', id: 'save', onclick: onlySave}, t('save')),
      h('button', {type: 'button', 'data-key': 'r', 'aria-keyshortcuts': 'r', onclick: () => reject(app, s, step)}, t('reject')),
      step !== 'transcript_review' && h('button', {type: 'button', 'data-key': 'g', 'aria-keyshortcuts': 'g', onclick: () => regenerate(app, s, step)}, t('regenerate'))));
}

// forget drops what has been sent with a correction; a note for the next step is not.
function forget(scope) {
  for (const name of ['transcript', 'summary', 'narrative', 'form']) draft.forget(scope, name);
}

function noted(scope, name) {
  const area = kept(scope, name, h('textarea', {rows: 4, maxlength: maxNote}));
  const counter = h('p', {class: 'hint'}), recount = () => { counter.textContent = t('characters', count(area.value), maxNote); };
  area.addEventListener('input', recount);
  recount();
  return [area, labelled(t('note'), area, {after: counter})];
}

async function reject(app, s, step) {
  const scope = s.session_id + ':' + step, [area, node] = noted(scope, 'why');
  const answer = await app.dialog(t('rejectTitle'), [h('p', {class: 'hint'}, t('rejectHint')), node],
    [['reject', t('reject'), 'main'], regenerable(step) && ['again', t('rejectAnd')], ['', t('cancel'), 'out']].filter(Boolean));
  if (!answer) return;
  await app.decide(t(answer === 'again' ? 'regenerating' : 'rejecting'), async signal => {
    app.take(await app.request('POST', '/validate', {signal, json: {session_id: s.session_id, approved: false, regenerate: answer === 'again', step, version: app.session.version, user_input: area.value.trim() || undefined}}));
    draft.forget(scope, 'why');
    if (answer === 'again') forget(scope);
    else app.tell(t('rejected'));
  });
}

const regenerable = step => step !== 'transcript_review' && step !== 'final_review';

async function regenerate(app, s, step) {
  const scope = s.session_id + ':' + step, [area, node] = noted(scope, 'why');
  const up = steps.slice(1, Math.min(4, steps.indexOf(step) + 1));
  const what = select(up.map(name => [name, t(name)]), up.at(-1));
  const answer = await app.dialog(t('regenerateTitle'), [h('p', {class: 'hint'}, t('regenerateHint')), labelled(t('regenerateWhat'), what), node],
    [['again', t('regenerate'), 'main'], ['', t('cancel'), 'out']]);
  if (!answer) return;
  await app.decide(t('regenerating'), async signal => {
    app.take(await app.request('POST', `/regenerate/${s.session_id}`, {signal, json: {step: what.value, version: app.session.version, user_input: area.value.trim() || undefined}}));
    draft.forget(scope, 'why');
    forget(s.session_id + ':' + what.value);
    app.aim(() => document.querySelector('h1'));
  });
}

// waiting looks after a session that somebody else, or another window, has set to work.
function waiting(app) {
  const id = app.session.session_id;
  let timer, n = 0, gone = false;
  const look = async () => {
    let now = null;
    try {
      now = await app.request('GET', `/session/${id}`);
    } catch { /* the next look may do better */ }
    if (gone) return;
    if (now && now.status !== 'processing') {
      app.take(now);
      if (app.at.name === 'session') app.render(true);
      return;
    }
    if (++n < looks) timer = setTimeout(look, every);
  };
  timer = setTimeout(look, every);
  app.leave = () => {
    gone = true;
    clearTimeout(timer);
  };
  return [h('h1', {tabIndex: -1}, t('workingTitle')), h('p', {}, h('span', {class: 'spin', 'aria-hidden': 'true'}), t('workingHint')),
    h('p', {}, h('button', {type: 'button', onclick: () => { clearTimeout(timer); n = 0; look(); }}, t('lookAgain')))];
}
