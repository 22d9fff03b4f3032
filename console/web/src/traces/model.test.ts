import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceRow } from './api.ts';
import { toCsv, toJson } from './export.ts';
import {
  clauseOf,
  commonOrigin,
  formatSort,
  nextSort,
  outcomeOf,
  parseSort,
  requestsOf,
  shareRead,
  shortUrl,
  sorted,
  statusText,
  type ColumnKey,
  type Sort,
} from './model.ts';

let made = 0;
const row = (over: Partial<TraceRow>): TraceRow => ({
  id: `1-${made++}`,
  start: made,
  entry: { name: 'web' },
  services: [],
  annotations: 0,
  ...over,
});

test('a trace counts once, as the worst that it is', () => {
  assert.equal(outcomeOf(row({ entry: undefined })), 'unknown');
  assert.equal(outcomeOf(row({})), 'ok');
  assert.equal(outcomeOf(row({ error: true })), 'error');
  assert.equal(outcomeOf(row({ error: true, throttle: true })), 'throttle');
  assert.equal(outcomeOf(row({ error: true, throttle: true, fault: true })), 'throttle');
  assert.equal(outcomeOf(row({ error: true, fault: true })), 'fault');
});

test('rows without a value come last in both directions, and equals keep their order', () => {
  const rows = [row({ id: 'a', responseTime: 2 }), row({ id: 'b' }), row({ id: 'c', responseTime: 1 }), row({ id: 'd', responseTime: 2 })];
  const ids = (sort: Sort) =>
    sorted(rows, sort)
      .map((r) => r.id)
      .join('');
  assert.equal(ids({ by: 'responseTime', down: false }), 'cadb');
  assert.equal(ids({ by: 'responseTime', down: true }), 'adcb');
  assert.equal(ids({ by: 'time', down: true }), 'abcd');
  assert.equal(ids({ by: 'time', down: false }), 'dcba');
});

test('every column sorts', () => {
  const low = row({ status: 200, method: 'GET', url: 'a', entry: { name: 'a' }, responseTime: 1, services: ['x'], user: 'a', cause: 'a' });
  const high = row({
    fault: true,
    status: 500,
    method: 'POST',
    url: 'b',
    entry: { name: 'b' },
    responseTime: 2,
    services: ['x', 'y'],
    user: 'b',
    cause: 'b',
  });
  for (const by of ['status', 'method', 'url', 'entry', 'responseTime', 'services', 'user', 'cause'] as ColumnKey[]) {
    assert.deepEqual(sorted([high, low], { by, down: false }), [low, high], by);
    assert.deepEqual(sorted([low, high], { by, down: true }), [high, low], by);
  }
});

test('the order goes into the URL and back', () => {
  assert.equal(formatSort({ by: 'time', down: true }), undefined);
  for (const sort of [
    { by: 'time', down: false },
    { by: 'url', down: true },
    { by: 'cause', down: false },
  ] as Sort[])
    assert.deepEqual(parseSort(formatSort(sort)), sort);
  assert.deepEqual(parseSort('-nothing'), { by: 'time', down: true });
  assert.deepEqual(nextSort({ by: 'time', down: true }, 'responseTime'), { by: 'responseTime', down: true });
  assert.deepEqual(nextSort({ by: 'time', down: true }, 'url'), { by: 'url', down: false });
  assert.deepEqual(nextSort({ by: 'url', down: false }, 'url'), { by: 'url', down: true });
});

test('without an HTTP status the column says how far the root has got', () => {
  assert.equal(statusText(row({ status: 404, error: true })), '404');
  assert.equal(statusText(row({ responseTime: 1, fault: true })), 'fault');
  assert.equal(statusText(row({ responseTime: 1 })), 'ok');
  assert.equal(statusText(row({})), 'open');
  assert.equal(statusText(row({ entry: undefined })), 'no root');
  assert.equal(clauseOf(row({}), 'status'), '!responsetime');
  assert.equal(clauseOf(row({ entry: undefined }), 'status'), undefined);
});

test('values become clauses that mean just them', () => {
  const r = row({ status: 503, method: 'POST', url: 'https://x/"y"', user: 'o\\k', entry: { name: 'web "1"' } });
  assert.equal(clauseOf(r, 'status'), 'http.status = 503');
  assert.equal(clauseOf(row({ fault: true }), 'status'), 'fault');
  assert.equal(clauseOf(r, 'method'), 'http.method = "POST"');
  assert.equal(clauseOf(r, 'url'), 'http.url = "https://x/\\"y\\""');
  assert.equal(clauseOf(r, 'user'), 'user = "o\\\\k"');
  assert.equal(clauseOf(r, 'entry'), 'service("web \\"1\\"") { root }');
  for (const key of ['time', 'responseTime', 'services', 'cause'] as ColumnKey[]) assert.equal(clauseOf(r, key), undefined);
  for (const key of ['method', 'url', 'user', 'entry'] as ColumnKey[]) assert.equal(clauseOf(row({ entry: undefined }), key), undefined);
});

test('URLs lose what they all have in common', () => {
  const rows = [row({ url: 'https://a.example:8000/x' }), row({}), row({ url: 'https://a.example:8000/y?z' })];
  const origin = commonOrigin(rows);
  assert.equal(origin, 'https://a.example:8000');
  assert.equal(shortUrl(rows[2]!.url!, origin), '/y?z');
  assert.equal(shortUrl('https://a.example:8000', origin), '/');
  assert.equal(commonOrigin([...rows, row({ url: 'http://b/' })]), '');
  assert.equal(shortUrl('http://b/c', ''), 'b/c');
  assert.equal(commonOrigin([row({ url: '/no/origin' })]), '');
});

test('the share that is read', () => {
  assert.equal(shareRead(0, 100, 38), 0.62);
  assert.equal(shareRead(0, 100, -5), 1);
  assert.equal(shareRead(5, 5, 5), 1);
});

test('CSV keeps commas, quotes and lines, and no cell is a formula', () => {
  const csv = toCsv([row({ id: '1-a', start: 1.5, url: 'a,"b"\nc', user: ' =1+1', services: ['x', 'y'], responseTime: -0.5 })]);
  assert.equal(csv[0], '\ufeff');
  const [names, ...lines] = csv.split('\r\n');
  assert.equal(names!.split(',').length, 19);
  assert.equal(lines[0], `1-a,1970-01-01T00:00:01.500Z,,-0.5,,"a,""b""\nc",,' =1+1,web,,false,false,false,false,x; y,0,,,1`);
  assert.equal(csv.at(-1), '\n');
});

test('JSON is JSON', () => {
  const rows = [row({ url: 'a' }), row({})];
  assert.deepEqual(JSON.parse(toJson(rows)), rows);
  assert.deepEqual(JSON.parse(toJson([])), []);
});

test('a trace stands for as many requests as it was chosen from, and otherwise for itself', () => {
  assert.equal(requestsOf([]), 0);
  assert.equal(requestsOf([row({}), row({ keep: 'trigger' }), row({ keep: 'head', weight: 10 })]), 12);
});
