import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causesOf, recorded, title } from './cause.ts';
import { find } from './find.ts';
import { hint } from './hint.ts';
import { Exact, layOut, parse, print } from './json.ts';
import { read } from './model.ts';
import { deeperThan, hiders, next, visible } from './rows.ts';
import { large, segment, sub, traceOf } from './testing.ts';
import * as view from './view.ts';

const tree = () =>
  traceOf(
    segment('a', 0, 1, { subsegments: [sub('b', 0.1, 0.5, { subsegments: [sub('c', 0.2, 0.3, { fault: true })] }), sub('d', 0.6, 0.9)] }),
  );

test('numbers that JavaScript would round are kept to the digit', () => {
  const text =
    '{"a":12345678901234567890,"b":[-9007199254740993],"c":1E400,"d":0.1,"e":"12345678901234567890 is text","f":1780165693.1234567}';
  const value = parse(text) as { [key: string]: unknown };
  assert.ok(value.a instanceof Exact && value.a.literal === '12345678901234567890');
  assert.equal(value.d, 0.1);
  assert.equal(print(parse(text)).replace(/\s+(?=["\]}-])|(?<=:) /g, ''), text);
  assert.equal(Number(value.a), 12345678901234567890);
});

test('JSON that is wrong stays wrong', () => {
  for (const text of ['{"a":12345678901234567890', '', '01234567890123456789', '{"a":--12345678901234567890}'])
    assert.throws(() => parse(text), SyntaxError, text);
});

test('a text is laid out without touching literals, order or duplicate keys', () => {
  assert.equal(
    layOut('{"b":1.50,"a":[ {} ,[ ],"x:{,}\\"" ],\n"b":-0}'),
    '{\n  "b": 1.50,\n  "a": [\n    {},\n    [],\n    "x:{,}\\""\n  ],\n  "b": -0\n}',
  );
});

test('what is below a collapsed row is not listed', () => {
  const trace = tree();
  assert.deepEqual(
    visible(trace, new Set(['b'])).map((s) => s.key),
    ['a', 'b', 'd'],
  );
  assert.deepEqual(
    visible(trace, new Set(['a'])).map((s) => s.key),
    ['a'],
  );
  assert.deepEqual(hiders(trace.byKey.get('c')!, new Set(['a', 'b', 'd'])), ['b', 'a']);
  assert.deepEqual([...deeperThan(trace, 1)], ['b']);
});

test('hiding the rest keeps matches and what leads to them, collapsed or not', () => {
  const trace = tree();
  const rows = visible(trace, new Set(['a']), new Set(find(trace, 'fault')));
  assert.deepEqual(
    rows.map((s) => s.key),
    ['a', 'b', 'c'],
  );
});

test('stepping goes round at both ends', () => {
  const { spans } = tree();
  const list = [spans[1]!, spans[3]!];
  const step = (from: number | undefined, by: 1 | -1) => next(list, from === undefined ? undefined : spans[from]!, by)?.index;
  assert.deepEqual([step(undefined, 1), step(1, 1), step(2, 1), step(3, 1)], [1, 3, 3, 1]);
  assert.deepEqual([step(undefined, -1), step(3, -1), step(2, -1), step(1, -1)], [3, 1, 1, 3]);
  assert.equal(next([], spans[0], 1), undefined);
});

test('search wants every word, in whatever a span says of itself', () => {
  const trace = traceOf(
    segment('a', 0, 1, {
      name: 'Checkout',
      annotations: { tenant: 'acme', items: 3 },
      http: { request: { url: 'https://shop.test/cart/7' } },
      subsegments: [
        sub('b', 0, 1, { name: 'db', sql: { sanitized_query: 'SELECT * FROM carts' } }),
        sub('c', 0, 1, { cause: { exceptions: [{ type: 'TimeoutError', message: 'no answer' }] } }),
      ],
    }),
  );
  const keys = (text: string) => find(trace, text).map((s) => s.key);
  assert.deepEqual(
    [keys('tenant=acme'), keys('items=3 check'), keys('CART'), keys('timeout answer'), keys('timeout question'), keys(' ')],
    [['a'], ['a'], ['a', 'b'], ['c'], [], []],
  );
});

test('a hint says what was asked', () => {
  const of = (name: string, more: object) =>
    hint(traceOf(segment('a', 0, 1, { subsegments: [sub('b', 0, 1, { name, ...more })] })).spans[1]!);
  const http = { http: { request: { method: 'GET', url: 'https://orders.test:8443/items/7?x=1' } } };
  assert.equal(of('orders.test', http), 'GET /items/7?x=1');
  assert.equal(of('call', http), 'GET orders.test:8443/items/7?x=1');
  assert.equal(of('DynamoDB', { aws: { operation: 'GetItem', table_name: 'carts' } }), 'GetItem carts');
  assert.equal(of('SQS', { aws: { operation: 'SendMessage', queue_url: 'https://sqs.test/1/jobs' } }), 'SendMessage jobs');
  assert.equal(of('db', { sql: { sanitized_query: 'SELECT\n  1' } }), 'SELECT 1');
  assert.equal(of('work', {}), '');
});

test('causes are followed by id across the trace, and rings of them end', () => {
  const exception = (id: string, cause?: string) => ({ id, type: id.toUpperCase(), message: 'm', ...(cause ? { cause } : {}) });
  const trace = traceOf(
    segment('a', 0, 1, {
      cause: 'E1',
      subsegments: [
        sub('b', 0, 1, { cause: { working_directory: '/app', exceptions: [exception('e1', 'e2'), exception('e2', 'e3')] } }),
        sub('c', 0, 1, { cause: { exceptions: [exception('e3', 'e4'), exception('e4', 'e3')] } }),
        sub('d', 0, 1, { cause: { id: 'nowhere' } }),
        sub('e', 0, 1, { cause: { exceptions: [] } }),
      ],
    }),
  );
  const all = recorded(trace);
  const of = (key: string) => causesOf(trace.byKey.get(key)!, all);
  const chain = (key: string) => {
    const out: string[] = [];
    for (let p = of(key)?.problems[0]; p !== undefined; p = p.cause) out.push(`${title(p)}${p.at ? ` at ${p.at.key}` : ''}`);
    return out;
  };
  assert.deepEqual(chain('a'), ['E1: m at b', 'E2: m at b', 'E3: m at c', 'E4: m at c']);
  assert.deepEqual(chain('b'), ['E1: m', 'E2: m', 'E3: m at c', 'E4: m at c']);
  assert.deepEqual(of('b')!.problems.length, 1);
  assert.deepEqual(chain('c'), ['E3: m', 'E4: m']);
  assert.equal(of('d')!.unknown, 'nowhere');
  assert.equal(of('e'), undefined);
});

test('zooming keeps the moment under the pointer and stays within the trace', () => {
  const all = { from: 0, to: 10 };
  assert.deepEqual(view.zoom(all, all, 0.5, 2), { from: 1, to: 6 });
  assert.deepEqual(view.zoom({ from: 1, to: 6 }, all, 4, 2), all);
  assert.deepEqual(view.pan({ from: 1, to: 6 }, all, 1), { from: 5, to: 10 });
  assert.equal(view.isWhole(view.zoom({ from: 1, to: 6 }, all, 9), all), true);
  const narrow = view.zoom(all, all, 1e-12, 10);
  assert.ok(narrow.to - narrow.from >= 0.99e-6 && narrow.to <= 10);
});

test('ticks are round and within the view', () => {
  assert.deepEqual(
    view.ticks({ from: 0, to: 1 }, 5).map((t) => +t.toFixed(6)),
    [0, 0.2, 0.4, 0.6, 0.8, 1],
  );
  assert.deepEqual(
    view.ticks({ from: 0.13, to: 0.171 }, 4).map((t) => +t.toFixed(6)),
    [0.14, 0.16],
  );
});

test('labels of ticks tell them apart', () => {
  const labels = (from: number, to: number) => view.tickLabels(view.ticks({ from, to }, 2), { from, to });
  assert.deepEqual(labels(0, 1), ['0.0 s', '0.5 s', '1.0 s']);
  assert.deepEqual(labels(0, 0.4), ['0 ms', '200 ms', '400 ms']);
  assert.deepEqual(labels(1.234, 1.2342), ['1.2340 s', '1.2341 s', '1.2342 s']);
  assert.deepEqual(labels(-0.0001, 0.0001), ['-100 µs', '0 µs', '100 µs']);
  assert.deepEqual(labels(0, 200), ['0', '2 min']);
  assert.deepEqual(labels(0, 20000), ['0', '3 h']);
  assert.deepEqual(labels(0, 250000), ['0', '2 d']);
  assert.deepEqual(labels(100, 170), ['100 s', '150 s']);
});

test('a view goes through the URL', () => {
  assert.deepEqual(view.parse(view.format({ from: 0.0125, to: 1.5 })), { from: 0.0125, to: 1.5 });
  for (const text of [undefined, '', '1', '2~1', 'a~b', '1~2~3', '~', '1~Infinity']) assert.equal(view.parse(text), undefined, text);
});

test('search and listing of ten thousand segments look at each span once', () => {
  const trace = read(large(10_000));
  assert.equal(find(trace, 'tenant=t3').length, Math.ceil((10_000 - 3) / 7));
  const only = new Set(find(trace, 'fault'));
  assert.ok(visible(trace, new Set(), only).length < 2_000);
});
