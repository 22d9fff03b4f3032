import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrive, formatPlace, merge, parsePlace, type Place } from './place.ts';

const id = '1-5759e988-bd862e3fe1be46a994272793';

test('the addresses of the X-Ray console are read', () => {
  const cases: [string, Place][] = [
    ['', { page: 'map', id: '', raw: false, params: {} }],
    ['#/service-map', { page: 'map', id: '', raw: false, params: {} }],
    ['#/traces', { page: 'traces', id: '', raw: false, params: {} }],
    ['#/sampling?view=simulator', { page: 'sampling', id: '', raw: false, params: { view: 'simulator' } }],
    ['#/agents', { page: 'agents', id: '', raw: false, params: {} }],
    [`#/traces/${id}`, { page: 'trace', id, raw: false, params: {} }],
    [`#/traces/${id}/raw`, { page: 'trace', id, raw: true, params: {} }],
    ['#/traces?filter=fault&timeRange=PT1H', { page: 'traces', id: '', raw: false, params: { filter: 'fault', timeRange: 'PT1H' } }],
    [
      '#/traces?filter=service(%22a%22)+%7B+fault+%7D',
      { page: 'traces', id: '', raw: false, params: { filter: 'service("a") { fault }' } },
    ],
    [
      '#/service-map?timeRange=2026-01-31T10:00~2026-01-31T11:00',
      { page: 'map', id: '', raw: false, params: { timeRange: '2026-01-31T10:00~2026-01-31T11:00' } },
    ],
  ];
  for (const [hash, want] of cases) assert.deepEqual(parsePlace(hash), want, hash);
});

test('what is no address is the map, and nothing throws', () => {
  for (const hash of ['#', '#/', '#/nowhere', '#nonsense', '#/?', '#/%zz?%zz=%zz']) assert.equal(parsePlace(hash).page, 'map', hash);
  assert.equal(parsePlace('#/traces/%zz').id, '%zz');
});

test('every place is read back as it was written', () => {
  const texts = ['plain', 'service("a b") { responsetime >= 1 AND user = "é&=#?/+%~:" }', '日本語', 'a+b', '%41', '{}[]"\\\n\t'];
  for (const text of texts) {
    const place: Place = { page: 'traces', id: '', raw: false, params: { filter: text, [text]: 'x', timeRange: 'PT5M' } };
    assert.deepEqual(parsePlace(formatPlace(place)), place, text);
    const trace: Place = { page: 'trace', id: text.replaceAll('\n', ''), raw: true, params: {} };
    assert.deepEqual(parsePlace(formatPlace(trace)), trace, text);
  }
});

test('times and paths stay readable in the address', () => {
  const params = { timeRange: '2026-01-31T10:00~2026-01-31T11:00' };
  assert.equal(formatPlace({ page: 'map', id: '', raw: false, params }), '#/service-map?timeRange=2026-01-31T10:00~2026-01-31T11:00');
});

test('on the way to another page what belongs to all pages stays', () => {
  const from = {
    timeRange: 'PT5M',
    filter: 'fault',
    group: 'g',
    tz: 'utc',
    refresh: '30',
    theme: 'dark',
    node: 'n',
    sort: 'url',
    segment: 's',
  };
  assert.deepEqual(arrive(from, { page: 'trace', id }), {
    page: 'trace',
    id,
    raw: false,
    params: { timeRange: 'PT5M', filter: 'fault', group: 'g', tz: 'utc', refresh: '30', theme: 'dark' },
  });
  assert.deepEqual(arrive(from, { page: 'traces', params: { filter: 'ok', group: undefined, trace: id } }).params, {
    timeRange: 'PT5M',
    filter: 'ok',
    tz: 'utc',
    refresh: '30',
    theme: 'dark',
    trace: id,
  });
});

test('changing parameters leaves the old ones alone', () => {
  const before = { a: '1', b: '2', c: '3' };
  assert.deepEqual(merge(before, { a: undefined, b: '', d: '4' }), { c: '3', d: '4' });
  assert.deepEqual(before, { a: '1', b: '2', c: '3' });
});
