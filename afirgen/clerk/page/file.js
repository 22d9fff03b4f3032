// The first view: a complaint is typed, photographed, or spoken.
import {h, labelled, select} from './dom.js';
import {draft, kept} from './store.js';
import {clock, count, fits, maxText, minText} from './model.js';
import {choices, say, t} from './words.js';
import {limit, Recorder} from './record.js';

const kinds = {
  image: {types: ['image/jpeg', 'image/jpg', 'image/png', 'application/pdf'], pick: 'photoPick', hint: 'photoHint', doing: 'readingPhoto'},
  audio: {types: ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'audio/mpeg', 'audio/mp3'], pick: 'speechPick', hint: 'speechHint', doing: 'hearing'},
};

// forgetFile lets go of a photograph or a recording.
export function forgetFile(app) {
  if (app.file.url) URL.revokeObjectURL(app.file.url);
  app.file = {mode: app.file.mode};
}

export function setFile(app, file) {
  forgetFile(app);
  Object.assign(app.file, {file, url: URL.createObjectURL(file)});
}

// shown is a photograph, PDF or recording as it can be seen or heard.
export function shown(file, url) {
  if (file.type.startsWith('image/')) return h('img', {src: url, alt: t('photoOf')});
  if (file.type.startsWith('audio/') || /\.(wav|mp3)$/i.test(file.name)) return h('audio', {src: url, controls: true, 'aria-label': t('source')});
  return h('p', {}, h('a', {href: url, target: '_blank', rel: 'noopener'}, t('openFile')));
}

export function filing(app) {
  const mode = app.file.mode;
  const information = kept('new', 'information', select(choices.information.map(([v, l]) => [v, v ? say(l) : t('informationLater')]), ''));
  const spoken = kept('new', 'language', select(choices.languages.map(([v, l]) => [v, say(l)]), ''));
  const submit = h('button', {type: 'submit', class: 'main', 'data-key': 'a'}, t('fileIt'));
  const part = mode === 'text' ? typed() : upload(app, mode);
  const form = h('form', {noValidate: true, onsubmit: e => {
    e.preventDefault();
    send(app, part, information.value, spoken.value);
  }}, part.node, h('div', {class: 'pair'}, labelled(t('language'), spoken), labelled(t('information'), information)),
  h('p', {class: 'row bar'}, submit));
  return [h('h1', {tabIndex: -1}, t('fileTitle')), choice(app), form];
}

function choice(app) {
  const options = [['text', 'typed'], ['image', 'photo'], ['audio', 'speech']];
  return h('fieldset', {class: 'choice'}, h('legend', {}, t('how')), options.map(([value, label]) => {
    const input = h('input', {type: 'radio', name: 'how', value, checked: app.file.mode === value, onchange: () => {
      app.leave?.();
      if (app.file.file) forgetFile(app);
      app.file.mode = value;
      app.render();
      document.querySelector(`input[name=how][value=${value}]`).focus();
    }});
    return h('label', {class: 'tick'}, input, h('span', {}, t(label)));
  }));
}

function typed() {
  const area = kept('new', 'text', h('textarea', {'data-edit': true, 'data-key': 'e', 'data-rows': 12, rows: 12, spellcheck: 'false', autocomplete: 'off'}));
  const counter = h('p', {class: 'hint', id: 'counter'});
  const recount = () => {
    const n = count(area.value);
    counter.textContent = n < minText ? t('atLeast', n, minText) : t('characters', n.toLocaleString('en-IN'), maxText.toLocaleString('en-IN'));
    counter.classList.toggle('wrong', n > maxText);
  };
  area.addEventListener('input', recount);
  recount();
  const field = labelled(t('text'), area, {hint: t('textHint'), after: counter});
  area.setAttribute('aria-describedby', area.getAttribute('aria-describedby') + ' counter');
  return {node: field, doing: 'filing', check() {
    const n = count(area.value);
    if (n >= minText && n <= maxText) return '';
    area.focus();
    return t(n < minText ? 'tooShort' : 'tooLong');
  }, fill: form => form.set('text', area.value)};
}

function upload(app, mode) {
  const kind = kinds[mode], {file, url} = app.file;
  const problem = h('p', {class: 'wrong', role: 'alert'});
  const take = given => {
    const why = given ? fits(given, kind.types) : 'fileType';
    if (why) return void (problem.textContent = t(why));
    app.leave?.();
    setFile(app, given);
    app.render();
    document.getElementById('chosen').focus();
  };
  const picker = (label, more) => labelled(label, h('input', {type: 'file', accept: mode === 'image' ? 'image/jpeg,image/png,application/pdf' : '.wav,.mp3,audio/wav,audio/mpeg', onchange: e => take(e.target.files[0]), ...more}));
  const drop = h('div', {class: 'drop', ondragover: () => drop.classList.add('over'), ondragleave: () => drop.classList.remove('over'),
    ondrop: e => {
      drop.classList.remove('over');
      take(e.dataTransfer.files[0]);
    }},
  h('div', {class: 'pair'}, picker(t(kind.pick), {'data-key': 'e'}), mode === 'image' && picker(t('photoTake'), {accept: 'image/jpeg,image/png', capture: 'environment'})),
  h('p', {class: 'hint'}, t(kind.hint)), problem);
  const preview = file && h('figure', {class: 'preview'},
    h('figcaption', {id: 'chosen', tabIndex: -1}, t('chosen', file.name, Math.ceil(file.size / 1024).toLocaleString('en-IN')),
      h('button', {type: 'button', onclick: () => { forgetFile(app); app.render(); }}, t('remove'))),
    shown(file, url));
  return {node: [mode === 'audio' && recorder(app, problem), drop, preview], doing: kind.doing, check() {
    if (app.file.file) return '';
    drop.querySelector('input').focus();
    return t('nothing');
  }, fill: form => form.set(mode, app.file.file, app.file.file.name)};
}

// recorder draws the microphone: record, loudness, stop. What was said before stays until there is something new.
function recorder(app, problem) {
  const meter = h('meter', {min: 0, max: 1, low: 0.02, high: 0.95, value: 0, 'aria-label': t('level')});
  const said = h('p', {class: 'hint'});
  let tape = null;
  const stop = async why => {
    const done = tape;
    tape = null;
    if (!done) return;
    setFile(app, await done.stop());
    app.leave = null;
    app.render();
    document.getElementById('chosen').focus();
    app.tell(why ?? t('recorded', clock(done.seconds)));
  };
  const button = h('button', {type: 'button', id: 'record', class: 'record', onclick: async () => {
    if (tape) return stop();
    problem.textContent = '';
    const next = new Recorder((level, seconds) => {
      meter.value = level;
      said.textContent = t('recording', clock(seconds), clock(limit)) + (level < 0.01 ? ' ' + t('quiet') : '');
    }, () => stop(t('recordFull', clock(limit))));
    try {
      await next.start();
    } catch {
      next.close();
      problem.textContent = t('noMicrophone');
      return;
    }
    if (!button.isConnected) return next.close();
    tape = next;
    app.leave = () => tape?.close();
    button.textContent = t('stop');
    button.classList.add('on');
    app.tell(t('recording', clock(0), clock(limit)));
  }}, t('record'));
  return h('div', {class: 'recorder'}, button, meter, said);
}

function send(app, part, information, spoken) {
  const why = part.check();
  if (why) return app.tell(why);
  return app.run(t(part.doing), async signal => {
    const form = new FormData();
    part.fill(form);
    if (information) form.set('information_type', information);
    if (spoken) form.set('language', spoken);
    const session = await app.request('POST', '/process', {form, signal});
    draft.drop('new');
    app.file.of = session.session_id;
    app.session = session;
    location.hash = '#session=' + session.session_id;
  });
}
