// What can be said without a browser: texts, times, spans, the address, what a correction holds. Tested with Node.

export const steps = ['transcript_review', 'summary_review', 'violations_review', 'fir_narrative_review', 'final_review'];
export const minText = 10, maxText = 50000, maxNote = 10000, maxFile = 25 * 1024 * 1024;

// count counts characters as the server does: code points, after NFC, without white space at the ends.
export function count(text) {
  let n = 0;
  for (const _ of text.normalize('NFC').replace(/\r\n?/g, '\n').trim()) n++;
  return n;
}

// pieces cuts a text at the borders of spans, which are bytes of its UTF-8. Each piece says which lists of spans it is in.
export function pieces(text, lists) {
  const bytes = new TextEncoder().encode(text), decoder = new TextDecoder();
  const spans = lists.flatMap((list, of) => (list ?? []).map(s => ({start: s.start, end: s.end, of})))
    .filter(s => s.start >= 0 && s.start < s.end && s.end <= bytes.length);
  const borders = [...new Set([0, bytes.length, ...spans.flatMap(s => [s.start, s.end])])].sort((a, b) => a - b);
  const out = [];
  for (let i = 0; i + 1 < borders.length; i++) {
    const [start, end] = [borders[i], borders[i + 1]];
    const of = [...new Set(spans.filter(s => s.start <= start && end <= s.end).map(s => s.of))];
    out.push({text: decoder.decode(bytes.subarray(start, end)), of});
  }
  return out;
}

// place reads the address behind the #.
export function place(hash) {
  let text = hash.replace(/^#/, '');
  try {
    text = decodeURIComponent(text);
  } catch { /* not escaped as it should be: taken as it stands */ }
  const at = text.indexOf('=');
  const [name, value] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  return ['new', 'session', 'fir', 'list'].includes(name) ? {name, value} : {name: 'new', value: ''};
}

// number writes a report's number into a path.
export const number = n => n.split('/').map(encodeURIComponent).join('/');

const india = 5.5 * 3600e3;

// moment writes a time of the server as it stands in the form, in India's time.
export function moment(rfc) {
  const at = Date.parse(rfc ?? '');
  if (Number.isNaN(at)) return '';
  const [day, hour] = new Date(at + india).toISOString().split('T');
  return `${day.split('-').reverse().join('.')} ${hour.slice(0, 5)} IST`;
}

// toLocal and fromLocal carry a time into a field of type datetime-local and back: India's clock, whatever this machine's.
export function toLocal(rfc) {
  const at = Date.parse(rfc ?? '');
  return Number.isNaN(at) ? '' : new Date(at + india).toISOString().slice(0, 16);
}

export function fromLocal(text) {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? `${text.slice(0, 16)}:00+05:30` : '';
}

// retryAfter reads the header, seconds or a date, as milliseconds; at most ten minutes.
export function retryAfter(header, now) {
  if (!header) return 0;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.min(600e3, Math.max(0, wait)) : 0;
}

// get and put follow a path like complainant.name or accused.0.kind.
export function get(object, path) {
  return path.split('.').reduce((o, p) => o?.[p], object);
}

export function put(object, path, value) {
  const parts = path.split('.'), last = parts.pop();
  let at = object;
  for (const p of parts) at = at[p] ??= {};
  at[last] = value;
}

// itemsOf are the items that people enter, by their keys in a correction.
export const itemsOf = ['ruling', 'occurrence', 'information_type', 'place', 'complainant', 'accused', 'delay_reasons', 'properties', 'inquest', 'action'];

// working lays what was entered and not sent over the document, item by item.
export function working(document, unsent) {
  const out = {narrative: document.contents.narrative, translations: document.contents.translations ?? []};
  for (const item of itemsOf) out[item] = document[item];
  return structuredClone({...out, ...unsent});
}

// correction is what has changed against the document: whole items, as the API wants them.
export function correction(document, now) {
  const was = working(document, {}), out = {};
  for (const item of Object.keys(was)) if (!same(was[item], now[item])) out[item] = now[item];
  return out;
}

// same compares as the server would: a missing field and an empty one are the same.
export function same(a, b) {
  if (Array.isArray(a) || Array.isArray(b)) {
    a ??= [];
    b ??= [];
    return a.length === b.length && a.every((v, i) => same(v, b[i]));
  }
  if (a && b && typeof a === 'object' && typeof b === 'object') {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every(k => same(a[k], b[k]));
  }
  if (a && typeof a === 'object') return Object.values(a).every(v => same(v, undefined));
  if (b && typeof b === 'object') return same(b, a);
  return (a ?? '') === (b ?? '');
}

// ready drops the times that nobody has entered: no moment is written as an empty text.
export function ready(correction) {
  const out = structuredClone(correction);
  for (const path of ['occurrence.received_at']) if (get(out, path) === '') delete out.occurrence.received_at;
  return out;
}

export const cite = v => `${v.act} ${v.section}${v.sub_section ?? ''}`;

export const ref = v => ({act: v.act, section: v.section, sub_section: v.sub_section});

// fits says why a file cannot be sent: size or type; '' where it can.
export function fits(file, kinds) {
  if (file.size > maxFile) return 'fileLarge';
  if (file.size === 0) return 'fileEmpty';
  return kinds.some(k => file.type === k || file.name.toLowerCase().endsWith('.' + k.split('/').pop())) ? '' : 'fileType';
}

// may lists what can be done to a report where it stands.
export function may(report) {
  const can = [], state = report.status, electronic = report.document.information_type === 'electronic';
  if (state === 'draft' && report.review_pending) return ['review'];
  if (state === 'draft' || state === 'awaiting_signature') {
    can.push(report.class === 'non_cognizable' ? 'enter_ncr' : 'sign');
    if (state === 'draft' && electronic) can.push('await_signature');
    if (report.class !== 'non_cognizable') can.push('enquire');
  }
  if (state === 'preliminary_enquiry') can.push('conclude_enquiry');
  if (state === 'preliminary_enquiry' && report.class === 'non_cognizable') can.push('enter_ncr');
  if (['draft', 'awaiting_signature', 'preliminary_enquiry'].includes(state)) can.push('renumber');
  if (state === 'zero') can.push('transfer');
  if (state === 'transferred') can.push('acknowledge');
  if (['registered', 'zero', 'ncr'].includes(state)) can.push('copy', 'despatch');
  if (state === 'registered' || state === 'ncr') can.push('finalise');
  return can;
}

// left is a span of time for people: 2 d 3 h, 4 h 5 min.
export function left(ms) {
  const min = Math.floor(Math.abs(ms) / 60e3), d = Math.floor(min / 1440), hour = Math.floor(min / 60) % 24;
  return d > 0 ? `${d} d ${hour} h` : hour > 0 ? `${hour} h ${min % 60} min` : `${min} min`;
}

export const clock = seconds => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
