import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readList, withNewest } from './recent.ts';

test('the newest comes first, each once, twenty at most', () => {
  assert.deepEqual(withNewest(['a', 'b', 'c'], 'b'), ['b', 'a', 'c']);
  const many = Array.from({ length: 30 }, (_, i) => String(i));
  assert.equal(withNewest(many, 'x').length, 20);
});

test('what is remembered badly is forgotten', () => {
  for (const json of [undefined, '', '{}', 'null', '3', '[1, {}]', '[']) assert.deepEqual(readList(json), [], String(json));
  assert.deepEqual(readList('["a", 1, "b"]'), ['a', 'b']);
});
