// The page's frame: where one is, what is being done, what went wrong, the keys. Views draw; they ask through app alone.
import {h, reach, ticked} from './dom.js';
import {ask, Refused} from './api.js';
import {key, setting, draft} from './store.js';
import {place, number} from './model.js';
import {advice, language, say, speak, t} from './words.js';
import {filing, forgetFile} from './file.js';
import {review} from './review.js';
import {list, report} from './report.js';

const $ = id => document.getElementById(id);
const main = $('main');
const patience = 15000; // ms, of a look at what became of something

const app = {
  at: place(location.hash), session: null, report: null, list: null, busy: null,
  file: {mode: 'text'}, // what is being filed; a photograph or recording stays until its complaint is closed

  go(hash) {
    if (location.hash === hash) return arrive();
    location.hash = hash;
  },

  render(focus) {
    document.documentElement.lang = language();
    document.title = `${t('app')} – ${t('tagline')}`;
    frame();
    app.leave?.();
    app.leave = null;
    main.replaceChildren(...[views[app.at.name](app)].flat(Infinity).filter(Boolean));
    if (focus) app.aim(() => main.querySelector('h1') ?? main);
  },

  // aim gives the focus to an element. The view takes none before what is being done has ended.
  aim(find) {
    if (app.busy) app.target = find;
    else find().focus();
  },

  // tell says something to eyes and to screen readers.
  tell(text) { $('status').replaceChildren(h('p', {}, text)); },

  // request asks the API, for the key first where there is none or a wrong one.
  async request(method, path, more = {}) {
    if (key.get() === '' && !await enterKey(false)) throw new Refused({status: 401, type: 'unauthorized'});
    for (;;) {
      try {
        return await ask(method, path, {...more, key: key.get()});
      } catch (e) {
        if (e.status !== 401 || e.type !== 'unauthorized') throw e;
        if (!await enterKey(true)) throw e;
      }
    }
  },

  // run does one thing at a time, says what, and can be cancelled. What fails is shown, and can be tried again.
  async run(label, work) {
    if (app.busy) return;
    const stop = new AbortController(), before = document.activeElement;
    begin(label, stop);
    let failure;
    try {
      await work(stop.signal);
    } catch (e) {
      failure = e;
    }
    end();
    const next = app.next;
    app.next = null;
    if (next) return next(); // somebody has gone elsewhere in the meantime
    if (failure) fail(failure, () => app.run(label, work));
    else if (app.target) app.aim(app.target);
    else if (document.activeElement === document.body && before?.isConnected) before.focus();
  },

  take(session) {
    app.session = session;
    if (session.completed) app.close(session);
  },

  // decide is run for what changes a session: afterwards the page shows where it stands, whatever became of the answer.
  decide(label, work) {
    return app.run(label, async signal => {
      const before = app.session, step = before.current_step;
      try {
        await work(signal);
        app.render(app.session.current_step !== step || app.session.completed);
      } catch (e) {
        if (!(e instanceof Refused) || !(e.unsure || e.status === 409)) throw e;
        const now = await look(`/session/${before.session_id}`);
        if (!now) throw e;
        const same = now.current_step === step && now.status === before.status;
        if (e.status === 409 ? same && now.version === before.version : same) {
          app.session = now;
          throw e;
        }
        app.take(now);
        app.render(true);
        app.tell(t(e.status === 409 ? 'changed' : 'wentThrough', t(now.current_step)));
      }
    });
  },

  correct(correction, signal) {
    const s = app.session;
    return app.request('POST', `/session/${s.session_id}/correct`, {signal, json: {step: s.current_step, version: s.version, correction}});
  },

  // close forgets what this browser knows of a complaint that is through its reviews.
  close(session) {
    draft.drop(session.session_id);
    forgetFile(app);
    app.report = null;
    history.replaceState(null, '', '#fir=' + session.fir_number);
    app.at = place(location.hash);
    if (app.busy) app.next = arrive;
    else arrive();
  },

  async readReport(signal) {
    app.report = await app.request('GET', `/fir/${number(app.at.value)}`, {signal});
    app.render(true);
  },

  dialog, enterKey,
};

const views = {new: filing, session: review, fir: report, list};

// look reads without a word of its own; null where that cannot be done.
async function look(path) {
  try {
    return await ask('GET', path, {key: key.get(), signal: AbortSignal.timeout(patience)});
  } catch {
    return null;
  }
}

// arrive shows the place in the address.
function arrive() {
  if (app.busy) {
    app.next = arrive;
    return app.busy.stop.abort();
  }
  app.at = place(location.hash);
  settle();
  const {name, value} = app.at;
  if (name === 'session' && app.session?.session_id !== value) {
    app.session = null;
    return app.render(), app.run(t('loading'), async signal => {
      app.take(await app.request('GET', `/session/${encodeURIComponent(value)}`, {signal}));
      if (app.at.name === 'session') app.render(true);
    });
  }
  if (name === 'fir') {
    app.report = null;
    return app.render(), app.run(t('loading'), app.readReport);
  }
  if (name === 'list') {
    app.list = null;
    return app.render(), app.run(t('loading'), signal => list.read(app, signal));
  }
  app.render(true);
}

function begin(label, stop) {
  settle();
  app.target = null;
  const passed = h('span', {'aria-hidden': 'true'}), since = Date.now();
  const cancel = h('button', {type: 'button', onclick: () => stop.abort()}, t('cancel'));
  const timer = setInterval(() => { passed.textContent = ' ' + t('seconds', Math.floor((Date.now() - since) / 1000)); }, 1000);
  app.busy = {stop, timer};
  $('status').replaceChildren(h('p', {class: 'busy'}, h('span', {class: 'spin', 'aria-hidden': 'true'}), label + ' …', passed, cancel));
  main.inert = true;
  cancel.focus();
}

function end() {
  clearInterval(app.busy.timer);
  app.busy = null;
  main.inert = false;
  if ($('status').querySelector('.busy')) $('status').replaceChildren();
}

// settle takes an old trouble away.
function settle() {
  clearInterval(app.countdown);
  $('trouble').hidden = true;
  $('trouble').replaceChildren();
}

function fail(e, again) {
  if (e.type === 'cancelled') {
    if (app.at.name === 'session' && app.session) app.render();
    return app.tell(t('cancelled'));
  }
  if (!(e instanceof Refused)) {
    console.error(e); // a mistake of this page
    e = new Refused({type: 'page', detail: String(e.message ?? e)});
  }
  const gone = app.at.name === 'session' && e.status === 404;
  if (gone) refile();
  const retry = h('button', {type: 'button', class: 'main', onclick: gone ? () => app.go('#new') : again}, t(gone ? 'navNew' : 'again'));
  const head = h('h2', {tabIndex: -1}, t('trouble'));
  const facts = [['code', [e.status || '', e.type].filter(Boolean).join(' ')], ['trace', e.trace], ['request', e.request]].filter(([, v]) => v);
  $('trouble').replaceChildren(
    h('div', {role: 'alert'}, head, e.detail && h('p', {lang: 'en'}, e.detail),
      h('p', {}, h('strong', {}, t('whatToDo') + ': '), say((gone && advice.session_expired) || advice[e.type] || advice[e.status] || advice[e.status >= 500 ? 500 : 400]))),
    e.problems.length > 0 && h('ul', {}, e.problems.map(p => h('li', {}, h('a', {href: '#', onclick: ev => { ev.preventDefault(); reach(p); }}, `${p.item}. ${say(p.label)}: ${say(p.message)}`)))),
    h('p', {class: 'row'}, retry, h('button', {type: 'button', onclick: () => { settle(); main.focus(); }}, t('dismiss'))),
    facts.length > 0 && h('p', {class: 'facts'}, facts.map(([name, v]) => h('span', {}, t(name) + ': ', h('code', {}, v)))));
  $('trouble').hidden = false;
  if (e.wait > 0) wait(retry, e.wait);
  head.focus();
}

// wait holds a button back until the time that the server named is over.
function wait(button, ms) {
  const until = Date.now() + ms;
  const tick = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    button.disabled = seconds > 0;
    button.textContent = seconds > 0 ? t('againIn', seconds) : t('again');
    if (seconds <= 0) clearInterval(app.countdown);
  };
  clearInterval(app.countdown);
  app.countdown = setInterval(tick, 500);
  tick();
}

// refile keeps the words of a session that has expired for a new one.
function refile() {
  const content = app.session?.content, words = content?.original_transcript ?? content?.transcript ?? content?.document?.contents.statement;
  app.session = null;
  if (!words) return;
  draft.set('new', 'text', words);
  app.file.mode = 'text';
  app.tell(t('refileText'));
}

// dialog asks something in front of the page; it returns the value of the button that was pressed, or ''.
function dialog(title, content, buttons) {
  return new Promise(done => {
    const box = h('dialog', {'aria-labelledby': 'dialog-title'},
      h('form', {method: 'dialog'}, h('h2', {id: 'dialog-title'}, title), content,
        h('p', {class: 'row'}, buttons.map(([value, label, kind]) =>
          h('button', {value, type: kind === 'out' ? 'button' : 'submit', class: kind === 'main' && 'main', onclick: e => { if (kind === 'out') { e.preventDefault(); box.close(''); } }}, label)))));
    box.addEventListener('close', () => {
      box.remove();
      done(box.returnValue);
    });
    document.body.append(box);
    box.showModal();
  });
}

async function enterKey(wrong) {
  const input = h('input', {id: 'key', type: 'password', autocomplete: 'off', required: true, maxlength: 1024, spellcheck: 'false', 'aria-describedby': 'key-hint'});
  const answer = await dialog(t('keyTitle'),
    [h('p', {id: 'key-hint', class: wrong && 'wrong'}, t(wrong ? 'keyWrong' : 'keyAsk')), h('label', {htmlFor: 'key'}, t('keyTitle')), input],
    [['use', t('keyUse'), 'main'], ['', t('cancel'), 'out']]);
  const given = input.value.trim();
  if (answer !== 'use' || given === '') return false;
  if (!/^[\x21-\x7e]+$/.test(given)) return enterKey(true); // no header can carry it
  key.set(given);
  return true;
}

async function clear() {
  if (await dialog(t('clear'), h('p', {}, t('clearSure')), [['yes', t('clear'), 'main'], ['', t('cancel'), 'out']]) !== 'yes') return;
  draft.drop();
  key.forget();
  forgetFile(app);
  app.session = app.report = app.list = null;
  history.replaceState(null, '', '#new');
  arrive();
  app.tell(t('cleared'));
}

function help() {
  const on = h('input', {type: 'checkbox', checked: letters(), onchange: () => setting.set('letters', on.checked ? 'on' : 'off')});
  const keys = [['a', 'keyA'], ['r', 'keyR'], ['g', 'keyG'], ['e', 'keyE'], ['n', 'keyN'], ['l', 'keyL'], ['?', 'keyHelp'], ['Ctrl+Enter', 'keyEnter']];
  dialog(t('helpTitle'), [h('dl', {class: 'keys'}, keys.map(([k, what]) => h('div', {}, h('dt', {}, h('kbd', {}, k)), h('dd', {}, t(what))))), h('p', {class: 'hint'}, t('helpHint')), ticked(t('helpOn'), on)],
    [['', t('close'), 'main']]);
}

const letters = () => setting.get('letters', 'on') === 'on';

function frame() {
  const link = (name, label, k) => h('a', {href: '#' + name, 'aria-current': app.at.name === name ? 'page' : null, 'aria-keyshortcuts': k}, label);
  $('skip').textContent = t('skip');
  $('top').replaceChildren(
    h('p', {class: 'brand'}, h('strong', {}, t('app')), h('span', {}, t('tagline'))),
    h('nav', {'aria-label': t('app')}, link('new', t('navNew'), 'n'), link('list', t('navList'), 'l')),
    h('div', {class: 'row'},
      h('button', {type: 'button', lang: language() === 'hi' ? 'en' : 'hi', id: 'language', onclick: () => {
        speak(language() === 'hi' ? 'en' : 'hi');
        setting.set('language', language());
        app.render();
        $('language').focus();
      }}, t('other')),
      h('button', {type: 'button', onclick: help, 'aria-keyshortcuts': '?'}, t('navHelp')),
      h('button', {type: 'button', onclick: clear}, t('clear'))));
}

// The keys: letters outside of fields, Ctrl+Enter inside of them.
const typing = e => e.closest?.('input:not([type=checkbox]):not([type=radio]):not([type=file]):not([type=button]), textarea, select, [contenteditable]');

document.addEventListener('keydown', e => {
  if (e.repeat || e.altKey || e.metaKey || document.querySelector('dialog[open]')) return;
  const press = k => {
    const button = main.inert ? null : main.querySelector(`[data-key="${k}"]:not(:disabled)`);
    if (!button) return;
    e.preventDefault();
    if (k === 'e') button.focus();
    else button.click();
  };
  if (e.ctrlKey) {
    if (e.key === 'Enter' && main.contains(e.target)) press('a');
    return;
  }
  if (typing(e.target) || !letters()) return;
  switch (e.key) {
    case 'a': case 'r': case 'g': case 'e': return press(e.key);
    case 'n': e.preventDefault(); return app.go('#new');
    case 'l': e.preventDefault(); return app.go('#list');
    case '?': e.preventDefault(); return help();
  }
});

$('skip').addEventListener('click', e => { // the address behind the # is the place
  e.preventDefault();
  main.focus();
});
addEventListener('hashchange', arrive);
addEventListener('online', () => app.tell(t('online')));
addEventListener('offline', () => app.tell(t('offlineNow')));
for (const name of ['dragover', 'drop']) addEventListener(name, e => e.preventDefault()); // a file beside its place must not replace the page

speak(setting.get('language', navigator.language?.startsWith('hi') ? 'hi' : 'en'));
app.render(app.at.name === 'new');
if (key.get() !== '') arrive();
else enterKey(false).then(given => {
  if (!given) return;
  if (app.at.name !== 'new') return arrive();
  app.run(t('keyChecking'), async signal => {
    await app.request('GET', '/list_firs?limit=1', {signal});
    app.tell(t('keyGood'));
  });
});
