// Run with Node's test runner by the whole-system tests, beside copies of the page's modules.
import test from 'node:test';
import assert from 'node:assert/strict';
import * as m from './model.js';
import {Down, wav} from './wav.js';

test('characters are counted as code points, after NFC and without white space at the ends', () => {
  assert.equal(m.count('  मोबाइल\r\n'), 6);
  assert.equal(m.count('😀é'), 2);
  assert.equal(m.count('e\u0301'), 1);
});

test('spans are bytes, and pieces never cut a character', () => {
  const text = 'मेरा फ़ोन चोरी हुआ', bytes = new TextEncoder();
  const start = bytes.encode('मेरा ').length, end = bytes.encode('मेरा फ़ोन').length;
  const found = m.pieces(text, [[{start, end}], [{start, end: bytes.encode(text).length}], undefined]);
  assert.deepEqual(found.map(p => p.text), ['मेरा ', 'फ़ोन', ' चोरी हुआ']);
  assert.deepEqual(found.map(p => p.of), [[], [0, 1], [1]]);
  assert.equal(m.pieces(text, [[{start: 5, end: 4000}]]).map(p => p.text).join(''), text);
  assert.deepEqual(m.pieces('', []), []);
});

test('the address says where one is', () => {
  assert.deepEqual(m.place('#session=abc'), {name: 'session', value: 'abc'});
  assert.deepEqual(m.place('#fir=KTW/0001/2026'), {name: 'fir', value: 'KTW/0001/2026'});
  assert.deepEqual(m.place('#fir=KTW%2F0001%2F2026'), {name: 'fir', value: 'KTW/0001/2026'});
  assert.deepEqual(m.place('#fir=%'), {name: 'fir', value: '%'});
  assert.deepEqual(m.place('#elsewhere'), {name: 'new', value: ''});
});

test('times are India\'s, whatever the clock of the machine', () => {
  assert.equal(m.moment('2026-11-20T18:45:00Z'), '21.11.2026 00:15 IST');
  assert.equal(m.toLocal('2026-11-20T18:45:00Z'), '2026-11-21T00:15');
  assert.equal(m.fromLocal('2026-11-21T00:15'), '2026-11-21T00:15:00+05:30');
  assert.equal(m.fromLocal(''), '');
  assert.equal(m.moment(undefined), '');
});

test('Retry-After is seconds or a date, and never more than ten minutes', () => {
  assert.equal(m.retryAfter('2', 0), 2000);
  assert.equal(m.retryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 1000), 4000);
  assert.equal(m.retryAfter('86400', 0), 600000);
  assert.equal(m.retryAfter('soon', 0), 0);
  assert.equal(m.retryAfter(null, 0), 0);
});

test('a correction holds the items that have changed, whole', () => {
  const document = {
    ruling: {reason: '', officer: {name: '', rank: '', number: ''}}, occurrence: {date_from: '2026-11-20', diary_entry: ''},
    information_type: 'written', place: {address: ''}, complainant: {name: ''}, accused: [], delay_reasons: '', properties: [],
    inquest: '', action: {kind: ''}, contents: {narrative: 'x', statement: 'y'},
  };
  const now = m.working(document, {});
  assert.deepEqual(m.correction(document, now), {});
  m.put(now, 'occurrence.diary_entry', '12');
  m.put(now, 'ruling.class', '');
  now.accused.push({kind: 'unknown'});
  assert.deepEqual(m.correction(document, now), {occurrence: {date_from: '2026-11-20', diary_entry: '12'}, accused: [{kind: 'unknown'}]});
  assert.deepEqual(document.accused, []);
  assert.equal(m.working(document, {inquest: '7'}).inquest, '7');
  assert.deepEqual(m.ready({occurrence: {received_at: '', diary_entry: '1'}}), {occurrence: {diary_entry: '1'}});
});

test('what may be done to a report hangs on its state', () => {
  const report = (status, more = {}) => ({status, class: 'cognizable', document: {information_type: 'written'}, ...more});
  assert.deepEqual(m.may(report('draft', {review_pending: true})), ['review']);
  assert.deepEqual(m.may(report('draft')), ['sign', 'enquire', 'renumber']);
  assert.deepEqual(m.may(report('draft', {class: 'non_cognizable'})), ['enter_ncr', 'renumber']);
  assert.ok(m.may(report('draft', {document: {information_type: 'electronic'}})).includes('await_signature'));
  assert.deepEqual(m.may(report('registered')), ['copy', 'despatch', 'finalise']);
  assert.deepEqual(m.may(report('finalized')), []);
});

test('a file that the server would refuse is not sent', () => {
  assert.equal(m.fits({name: 'a.JPG', type: 'image/jpeg', size: 5}, ['image/jpeg']), '');
  assert.equal(m.fits({name: 'a.gif', type: 'image/gif', size: 5}, ['image/jpeg']), 'fileType');
  assert.equal(m.fits({name: 'a.jpg', type: 'image/jpeg', size: m.maxFile + 1}, ['image/jpeg']), 'fileLarge');
  assert.equal(m.fits({name: 'a.jpg', type: 'image/jpeg', size: 0}, ['image/jpeg']), 'fileEmpty');
});

const tone = (hz, from, seconds) => Float32Array.from({length: from * seconds}, (_, i) => 0.5 * Math.sin(2 * Math.PI * hz * i / from));

function through(samples, from) {
  const down = new Down(from), chunks = [];
  for (let i = 0; i < samples.length; i += 4096) chunks.push(down.push(samples.subarray(i, i + 4096)));
  chunks.push(down.end());
  return chunks;
}

const loudness = samples => Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length) / 32767;

for (const from of [48000, 44100, 16000, 8000]) {
  test(`speech at ${from} Hz becomes 16 kHz, as long and as loud`, () => {
    const out = through(tone(440, from, 1), from).flatMap(c => [...c]);
    assert.ok(Math.abs(out.length - 16000) < 100, `${out.length} samples`);
    const crossings = out.filter((s, i) => i > 0 && s >= 0 && out[i - 1] < 0).length;
    assert.ok(Math.abs(crossings - 440) <= 2, `${crossings} Hz`);
    assert.ok(Math.abs(loudness(out) - 0.5 / Math.SQRT2) < 0.02, `loudness ${loudness(out)}`);
  });
}

test('what 16 kHz cannot hold is cut off', () => {
  const out = through(tone(12000, 48000, 1), 48000).flatMap(c => [...c]);
  assert.ok(loudness(out) < 0.01, `loudness ${loudness(out)}`);
});

test('a WAV file says what it holds', () => {
  const view = new DataView(wav([Int16Array.of(1, -2), Int16Array.of(3)]));
  const word = at => String.fromCharCode(...new Uint8Array(view.buffer, at, 4));
  assert.deepEqual([word(0), word(8), word(36)], ['RIFF', 'WAVE', 'data']);
  assert.deepEqual([view.getUint32(4, true), view.getUint32(24, true), view.getUint32(40, true)], [42, 16000, 6]);
  assert.deepEqual([44, 46, 48].map(at => view.getInt16(at, true)), [1, -2, 3]);
});

import {readdirSync, readFileSync} from 'node:fs';
import * as w from './words.js';

test('everything is said in both languages, with the same gaps', () => {
  const pairs = [...Object.values(w.words), ...Object.values(w.words.approving), ...Object.values(w.words.states), ...Object.values(w.advice), ...Object.values(w.labels),
    ...Object.values(w.choices).flat().map(c => c[1])].filter(Array.isArray);
  assert.ok(pairs.length > 200);
  for (const [en, hi] of pairs) {
    assert.ok(en && hi, `${en} / ${hi}`);
    assert.deepEqual(hi.match(/\{\d\}/g)?.sort(), en.match(/\{\d\}/g)?.sort(), en);
  }
});

test('every word that the page asks for is there', () => {
  for (const file of readdirSync('.').filter(f => /^[a-z]+\.js$/.test(f))) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/\bt\('([A-Za-z_]+)'/g)) assert.ok(w.words[name], `${file} asks for ${name}`);
  }
});

test('a label of the server is said in the language of the page, and in English where Hindi is missing', () => {
  w.speak('hi');
  assert.equal(w.say({en: 'Theft', hi: 'चोरी'}), 'चोरी');
  assert.equal(w.say({en: 'Theft', hi: ''}), 'Theft');
  w.speak('en');
  assert.equal(w.t('reviewOf', 2, 'Summary'), 'Review 2 of 5: Summary');
  assert.equal(w.say(undefined), '');
});
