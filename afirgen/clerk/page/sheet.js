// The report as it is printed: the fifteen items to be read, and the server's PDF.
import {h, select} from './dom.js';
import {number as escaped} from './model.js';
import {long} from './form.js';
import {language, sayIn, t, words} from './words.js';

// sheet shows what the server has. changed says whether something is not saved yet.
export function sheet(app, {number, status, items, changed}) {
  app.paper ??= language();
  const links = h('p', {class: 'row', id: 'pdf'});
  const pdf = lang => h('button', {type: 'button', 'data-pdf': lang, onclick: () => app.run(t('printing'), async signal => {
    const file = await app.request('GET', `/fir/${escaped(number)}/pdf?lang=${lang}`, {signal, as: 'blob'});
    const url = URL.createObjectURL(file.type === 'application/pdf' ? file : new Blob([file], {type: 'application/pdf'}));
    app.papers = [...(app.papers ?? []), url].slice(-4);
    const name = `${number.replaceAll('/', '-')}_${lang}.pdf`;
    const open = h('a', {href: url, target: '_blank', rel: 'noopener'}, t('pdfOpen', t(lang === 'hi' ? 'pdfLinkHi' : 'pdfLink')));
    links.replaceChildren(open, h('a', {href: url, download: name}, t('pdfSave')));
    app.tell(t('pdfReady'));
    app.aim(() => open);
  })}, t(lang === 'hi' ? 'pdfHi' : 'pdfEn'));
  const paper = h('article', {class: 'sheet'});
  const draw = () => paper.replaceChildren(...written(number, status, items, app.paper));
  const pick = select([['en', t('printEn')], ['hi', t('printHi')]], app.paper, {'aria-label': t('preview'), onchange: () => {
    app.paper = pick.value;
    draw();
  }});
  draw();
  return h('section', {class: 'print'}, h('h2', {}, t('preview')), changed?.() && h('p', {class: 'note'}, t('unsaved')),
    h('p', {class: 'row'}, pdf('en'), pdf('hi'), pick, h('button', {type: 'button', onclick: () => {
    document.querySelector('.print details').open = true;
    print();
  }}, t('printPage'))), links,
    h('details', {open: Boolean(app.paperOpen), ontoggle: e => { app.paperOpen = e.target.open; }}, h('summary', {}, t('form')), paper));
}

// written speaks the paper's language, whatever the page speaks.
function written(number, status, items, lang) {
  const say = label => sayIn(lang, label);
  return [
    h('h3', {lang}, say(words.tagline)), h('p', {lang}, `I.I.F.-I · ${number} · ${say(words.states[status] ?? [status, status])}`),
    ...items.map(item => h('section', {lang}, h('h4', {}, `${item.number}. ${say(item.label)}`),
      h('dl', {class: 'facts'}, item.fields.map(f => h('div', {class: long(f)}, h('dt', {}, say(f.label)), h('dd', {class: f.known ? '' : 'unknown'}, say(f.value))))))),
    h('p', {class: 'hand', lang}, say(words.signed) + ':'),
  ];
}
