import assert from 'node:assert/strict';
import { test } from 'node:test';
import { and, conjuncts, decimal, inGroup, not, quote, responseTimeOf, withResponseTime } from './clause.ts';

test('texts are quoted with the escapes of JSON', () => {
  assert.equal(quote('a "b" \\ c\n'), '"a \\"b\\" \\\\ c\\n"');
  assert.equal(quote('é 日本'), '"é 日本"');
});

test('numbers have no exponent and no binary dust', () => {
  for (const [value, want] of [
    [0.1 + 0.2, '0.3'],
    [1e-7, '0.0000001'],
    [5, '5'],
    [1500000, '1500000'],
    [0, '0'],
    [0.05, '0.05'],
  ] as const)
    assert.equal(decimal(value), want);
});

test('a clause is added once', () => {
  assert.equal(and('', 'fault'), 'fault');
  assert.equal(and('error', 'fault'), 'error AND fault');
  assert.equal(and('error AND fault', 'fault'), 'error AND fault');
  assert.equal(and(' user = "a AND b" ', 'fault'), 'user = "a AND b" AND fault');
});

test('what has an OR of its own is put into brackets', () => {
  assert.equal(and('error OR fault', 'user = "a"'), '(error OR fault) AND user = "a"');
  assert.equal(and('a', 'error or fault'), 'a AND (error or fault)');
  assert.equal(and('service("OR") { error OR fault }', 'fault'), 'service("OR") { error OR fault } AND fault');
  assert.equal(and('(error OR fault)', 'ok'), '(error OR fault) AND ok');
});

test('the other side of a clause', () => {
  assert.equal(not('fault'), '!fault');
  assert.equal(not('user = "a"'), '!(user = "a")');
});

test('terms are cut at AND on their own level only', () => {
  assert.deepEqual(conjuncts('a AND (b AND c) and service("x AND y") { d AND e } AND rootcause.json = #[{"a":"AND"}]'), [
    'a',
    '(b AND c)',
    'service("x AND y") { d AND e }',
    'rootcause.json = #[{"a":"AND"}]',
  ]);
  assert.deepEqual(conjuncts('a OR b AND c'), ['a OR b AND c']);
  assert.deepEqual(conjuncts('user = "\\" AND "'), ['user = "\\" AND "']);
  assert.deepEqual(conjuncts('annotation.and = 1 AND annotation.or = 2'), ['annotation.and = 1', 'annotation.or = 2']);
});

test('the last click counts', () => {
  assert.equal(and('fault AND user = "a"', '!(user = "a")'), 'fault AND !(user = "a")');
  assert.equal(and('!fault', 'fault'), 'fault');
  assert.equal(and('!(user = "a") AND ok', 'user = "a"'), 'ok AND user = "a"');
});

test('bounds of the response time replace those that stood there', () => {
  const bounds = { from: 2, to: 3 };
  assert.equal(withResponseTime('', { from: 0.5, to: 2 }), 'responsetime >= 0.5 AND responsetime <= 2');
  assert.equal(withResponseTime('fault AND responsetime > 3', bounds), 'fault AND responsetime >= 2 AND responsetime <= 3');
  assert.equal(
    withResponseTime('responsetime >= 1 AND responsetime <= 9 AND user = "a"', bounds),
    'user = "a" AND responsetime >= 2 AND responsetime <= 3',
  );
  assert.equal(withResponseTime('error OR fault', bounds), '(error OR fault) AND responsetime >= 2 AND responsetime <= 3');
  assert.equal(
    withResponseTime('service("x") { responsetime > 5 }', bounds),
    'service("x") { responsetime > 5 } AND responsetime >= 2 AND responsetime <= 3',
  );
});

test('bounds are found again wherever they stand, and taken out', () => {
  for (const before of ['', 'fault', 'error OR fault', 'service("x") { responsetime > 5 }']) {
    const text = withResponseTime(before, { from: 0.05, to: 1.3 });
    assert.deepEqual(responseTimeOf(text), { from: 0.05, to: 1.3 }, text);
    assert.deepEqual(responseTimeOf(and(text, 'user = "a"')), { from: 0.05, to: 1.3 }, text);
  }
  for (const none of [
    '',
    'responsetime > 5',
    'service("x") { responsetime >= 1 AND responsetime <= 2 }',
    'responsetime >= 1 AND responsetime <= 2 OR fault',
  ]) {
    assert.equal(responseTimeOf(none), undefined, none);
  }
  assert.equal(withResponseTime('responsetime >= 1 AND fault AND responsetime <= 2', undefined), 'fault');
  assert.equal(withResponseTime('responsetime >= 1 AND responsetime <= 2', undefined), '');
  assert.equal(withResponseTime('(error OR fault) AND responsetime >= 1 AND responsetime <= 2', undefined), '(error OR fault)');
});

test('a group is named beside the filter', () => {
  assert.equal(inGroup('', ''), '');
  assert.equal(inGroup('fault', 'Default'), 'fault');
  assert.equal(inGroup('', 'slow'), 'group.name = "slow"');
  assert.equal(inGroup('a OR b', 'slow'), 'group.name = "slow" AND (a OR b)');
});
