import assert from 'node:assert/strict';
import { test } from 'node:test';
import { across, barAt, edgesOf, labels, nudge, placeOf, rangeOf, slide, type Bar } from './brush.ts';

const bars: Bar[] = [0, 1, 2, 4, 8].map((from, i, all) => ({ from, to: all[i + 1] ?? 16, parts: [i] }));

test('a drag in either direction takes the bars it touched', () => {
  assert.deepEqual(across(3, 1), { start: 1, end: 4 });
  assert.deepEqual(rangeOf(bars, across(3, 1)), { from: 1, to: 8 });
  assert.equal(barAt(-0.2, 5), 0);
  assert.equal(barAt(0.41, 5), 2);
  assert.equal(barAt(1, 5), 4);
});

test('all bars are no choice', () => {
  assert.equal(rangeOf(bars, { start: 0, end: 5 }), undefined);
  assert.deepEqual(edgesOf(bars, undefined), { start: 0, end: 5 });
  assert.equal(rangeOf([], { start: 0, end: 0 }), undefined);
});

test('a range goes to the nearest edges, and is never empty', () => {
  assert.deepEqual(edgesOf(bars, { from: 1, to: 8 }), { start: 1, end: 4 });
  assert.deepEqual(edgesOf(bars, { from: 2.1, to: 2.2 }), { start: 2, end: 3 });
  assert.deepEqual(edgesOf(bars, { from: 100, to: 200 }), { start: 4, end: 5 });
});

test('edges move bar by bar and do not cross', () => {
  const e = { start: 1, end: 3 };
  assert.deepEqual(nudge(e, 'start', 1, 5), { start: 2, end: 3 });
  assert.deepEqual(nudge(e, 'start', 9, 5), { start: 2, end: 3 });
  assert.deepEqual(nudge(e, 'end', -9, 5), { start: 1, end: 2 });
  assert.deepEqual(nudge(e, 'end', 9, 5), { start: 1, end: 5 });
  assert.deepEqual(slide(e, 9, 5), { start: 3, end: 5 });
  assert.deepEqual(slide(e, -9, 5), { start: 0, end: 2 });
});

test('values stand where their bar is drawn, whatever it spans', () => {
  assert.equal(placeOf(bars, 0), 0);
  assert.equal(placeOf(bars, 6), 0.7);
  assert.equal(placeOf(bars, 16), 1);
});

test('words stand at as many edges as have room, at even distances, and none over another', () => {
  const even = (n: number): Bar[] => Array.from({ length: n }, (_, i) => ({ from: i, to: i + 1, parts: [1] }));
  const words = (n: number, width: number) => labels(even(n), width, (v) => `${v}`.padStart(5, '0'));
  assert.deepEqual(
    words(5, 600).map((l) => Number(l.text)),
    [0, 1, 2, 3, 4],
  );
  for (const [n, width] of [
    [10, 300],
    [47, 360],
    [3, 90],
    [1, 20],
  ] as const) {
    const drawn = words(n, width);
    assert.equal(drawn[0]!.x, 0);
    const gaps = drawn.slice(1).map((l, i) => l.x - drawn[i]!.x);
    for (const gap of gaps) assert.ok(gap > 5 * 6.8 && Math.abs(gap - gaps[0]!) < 1e-9, `${n} bars in ${width} pixels`);
  }
  assert.deepEqual(labels([], 200, String), []);
});
