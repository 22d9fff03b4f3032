import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimate } from './clock.ts';
import { criticalPath } from './critical.ts';
import { read, type Trace } from './model.ts';
import { large, segment, sub, traceOf } from './testing.ts';
import { gaps, place, shares, silences, type Stretch } from './timing.ts';

const ms = (s: number) => Math.round(s * 1000);
const stretches = (list: Stretch[]) => list.map((s) => [ms(s.from), ms(s.to)]);
const host = (id: string) => ({ aws: { ec2: { instance_id: id } } });

function pathOf(trace: Trace): Record<string, number[][]> {
  const path = criticalPath(trace, place(trace));
  return Object.fromEntries([...path.stretches].map(([i, list]) => [trace.spans[i]!.key, stretches(list)]));
}

test('self time is what no child covers; children side by side are not subtracted twice', () => {
  const trace = traceOf(segment('a', 0, 1, { subsegments: [sub('b', 0.1, 0.4), sub('c', 0.2, 0.5), sub('d', 0.7, 0.8)] }));
  const t = place(trace);
  assert.deepEqual([...t.self].map(ms), [500, 300, 300, 100]);
  assert.deepEqual(stretches(gaps(trace.spans[0]!, t)), [
    [0, 100],
    [500, 700],
    [800, 1000],
  ]);
});

test('children that reach out of their parent take no more than there is', () => {
  const trace = traceOf(segment('a', 1, 2, { subsegments: [sub('b', 0.5, 1.5), sub('c', 1.8, 3), sub('d', 5, 6)] }));
  assert.equal(ms(place(trace).self[0]!), 300);
});

test('a span in progress lasts as long as the trace is known to', () => {
  const trace = traceOf(segment('a', 0, undefined, { subsegments: [sub('b', 1, undefined), sub('c', 0, 4)] }));
  assert.deepEqual([...place(trace).to].map(ms), [4000, 4000, 4000]);
});

test("the time of an inferred callee is its own, not the caller's", () => {
  const trace = traceOf(
    segment('a', 0, 1, { name: 'web', subsegments: [sub('b', 0, 0.7, { name: 'db', namespace: 'remote' })] }),
    segment('i', 0, 0.7, { name: 'db', inferred: true, parent_id: 'b', origin: 'Database::SQL' }),
  );
  assert.deepEqual(shares(trace, place(trace)).map(ms), [300, 700]);
});

test('silence is time in which nothing at all was recorded', () => {
  const trace = traceOf(segment('a', 0, 1), segment('b', 0.5, 1.5), segment('c', 2, 3));
  assert.deepEqual(stretches(silences(trace, place(trace))), [[1500, 2000]]);
});

test('the critical path is what the end waited for, from the end backwards', () => {
  const trace = traceOf(
    segment('a', 0, 1, {
      subsegments: [sub('early', 0.1, 0.3), sub('short', 0.4, 0.6), sub('long', 0.4, 0.9, { subsegments: [sub('in', 0.5, 0.6)] })],
    }),
  );
  assert.deepEqual(pathOf(trace), {
    a: [
      [0, 100],
      [300, 400],
      [900, 1000],
    ],
    early: [[100, 300]],
    long: [
      [400, 500],
      [600, 900],
    ],
    in: [[500, 600]],
  });
});

test('the critical path has no more time than the main segment, whatever the clocks say', () => {
  const trace = traceOf(
    segment('a', 1, 2, { subsegments: [sub('b', 1.1, 1.9), sub('late', 1.5, 9)] }),
    segment('c', 0.2, 1.5, { parent_id: 'b' }),
    segment('later', 3, 4, { parent_id: 'a' }),
  );
  const path = criticalPath(trace, place(trace));
  assert.equal(ms(path.seconds.reduce((a, b) => a + b)), 1000);
  assert.equal(path.stretches.has(trace.byKey.get('later')!.index), false);
});

test('in a large trace the critical path fills the main segment exactly', () => {
  const trace = read(large(5000));
  const path = criticalPath(trace, place(trace));
  assert.equal(ms(path.seconds.reduce((a, b) => a + b)), ms(trace.main!.to! - trace.main!.from));
});

test('clocks that can agree are left alone, up to a millisecond', () => {
  const trace = traceOf(
    segment('a', 0, 1, { subsegments: [sub('b', 0.1, 0.5), sub('c', 0.6, 0.9)] }),
    segment('d', 0.2, 0.4, { parent_id: 'b' }),
    segment('e', 0.5991, 0.9, { parent_id: 'c' }),
  );
  assert.deepEqual(estimate(trace).skews, []);
});

test('a callee that starts before its call has a fast or slow clock, and all below moves with it', () => {
  const trace = traceOf(
    segment('a', 0, 1, { subsegments: [sub('b', 0.2, 0.6)] }),
    segment('d', 0.1, 0.3, { parent_id: 'b', subsegments: [sub('x', 0.15, 0.2)] }),
    segment('f', 0.16, 0.18, { parent_id: 'x' }),
  );
  const { skews, shifts } = estimate(trace);
  assert.deepEqual(
    skews.map((s) => [s.caller.key, s.callee.key, ms(s.shift), ms(s.uncertainty!)]),
    [['b', 'd', 200, 100]],
  );
  const t = place(trace, shifts);
  const from = Object.fromEntries(trace.spans.map((s) => [s.key, ms(t.from[s.index]!)]));
  assert.deepEqual(from, { a: 0, b: 200, d: 300, x: 350, f: 360 });
});

test('all calls between two hosts narrow the estimate', () => {
  const trace = traceOf(
    segment('a', 0, 1, { ...host('i-1'), subsegments: [sub('b', 0.2, 0.6), sub('c', 0.7, 0.9)] }),
    segment('d', 0.1, 0.3, { name: 'orders', parent_id: 'b', ...host('i-2') }),
    segment('e', 0.55, 0.73, { name: 'orders', parent_id: 'c', ...host('i-2') }),
  );
  assert.deepEqual(
    estimate(trace).skews.map((s) => [s.calls, ms(s.shift), ms(s.uncertainty!)]),
    [[2, 160, 10]],
  );
});

test('work that nobody waits for is no skew', () => {
  const trace = traceOf(
    segment('a', 0, 1, { subsegments: [sub('b', 0.1, 0.2), sub('c', 0.3, 0.4), sub('d', 0.5, undefined)] }),
    segment('queue', 5, 6, { parent_id: 'b' }),
    segment('outlives', 0.35, 3, { parent_id: 'c' }),
    segment('open', 0.6, undefined, { parent_id: 'd' }),
  );
  assert.deepEqual(estimate(trace).skews, []);
});

test('a callee that answered over HTTP was waited for, however late its clock says that it began', () => {
  const answer = (status: number, over = {}) => ({ http: { response: { status } }, namespace: 'remote', ...over });
  const skews = (over: object, to = 5.3) =>
    estimate(
      traceOf(segment('a', 0, 1, { subsegments: [{ ...sub('b', 0.2, 0.6), ...over }] }), segment('d', 5, to, { parent_id: 'b' })),
    ).skews.map((s) => ms(s.shift));
  assert.deepEqual(skews(answer(200)), [-4750]);
  assert.deepEqual(skews(answer(503)), [-4750]);
  assert.deepEqual(skews(answer(202)), []);
  assert.deepEqual(skews(answer(200, { namespace: 'aws' })), []);
  assert.deepEqual(skews(answer(200), 9), []);
});

test('a callee that is early and longer than its call is moved to the start of the call', () => {
  const trace = traceOf(segment('a', 1, 2, { subsegments: [sub('b', 1.5, 1.6)] }), segment('c', 1, 1.4, { parent_id: 'b' }));
  assert.deepEqual(
    estimate(trace).skews.map((s) => [ms(s.shift), s.uncertainty]),
    [[500, undefined]],
  );
});

test('a correction may move a callee before everything else', () => {
  const trace = traceOf(segment('a', 0, 1, { subsegments: [sub('b', 0, 0.9)] }), segment('c', 0.3, 1.2, { parent_id: 'b' }));
  const { shifts } = estimate(trace);
  assert.equal(ms(place(trace, shifts).from[2]!), 0);
  assert.equal(ms(place(trace).last), 1200);
});

test('nothing at all has no times', () => {
  const t = place(traceOf());
  assert.deepEqual([t.first, t.last], [0, 0]);
});
