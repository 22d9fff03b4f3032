import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scrollTo, visibleSlice } from './virtual.ts';

test('what is seen is always drawn, with as much again above and below where there is any', () => {
  const count = 100_000;
  for (let top = 0; top <= count * 28 - 700; top += 9973) {
    const { from, to } = visibleSlice(top, 700, 28, count);
    assert.ok(from * 28 <= Math.max(0, top - 700), `above ${top}`);
    assert.ok(to * 28 >= Math.min(count * 28, top + 1400), `below ${top}`);
    assert.ok(to - from < 110, `${to - from} rows at ${top}`);
  }
});

test('small moves draw nothing anew', () => {
  assert.equal(visibleSlice(28_000, 700, 28, 100_000).from, visibleSlice(28_020, 700, 28, 100_000).from);
});

test('short and empty lists', () => {
  assert.deepEqual(visibleSlice(0, 700, 28, 0), { from: 0, to: 0 });
  assert.deepEqual(visibleSlice(0, 700, 28, 3), { from: 0, to: 3 });
  // The list became shorter than where one had scrolled to.
  const { from, to } = visibleSlice(50_000, 700, 28, 3);
  assert.ok(from <= to && to === 3);
});

test('a row is brought into view with the least motion', () => {
  assert.equal(scrollTo(5, 0, 700, 28), 0);
  assert.equal(scrollTo(30, 0, 700, 28), 31 * 28 - 700);
  assert.equal(scrollTo(3, 500, 700, 28), 84);
});
