import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putRule, takeRule } from './draft.ts';
import { complaints, formOf, hourOf, inOrder, matches, newForm, passedOver, rateText, reservoirText, ruleOf, shadow, type Form } from './model.ts';
import { rule } from './testing.ts';

test('a rule says what narrows it, and nothing where it matches everything', () => {
  assert.deepEqual(matches(rule('all')), []);
  assert.deepEqual(matches(rule('some', { ServiceName: 'pay*', HTTPMethod: 'POST', Attributes: { tier: 'gold', area: 'in' } })), [
    { what: 'service', pattern: 'pay*' },
    { what: 'method', pattern: 'POST' },
    { what: 'area', pattern: 'in' },
    { what: 'tier', pattern: 'gold' },
  ]);
});

test('rates are written exactly', () => {
  assert.deepEqual(
    [0, 0.05, 0.07, 0.125, 0.0005, 1].map(rateText),
    ['0 %', '5 %', '7 %', '12.5 %', '0.05 %', '100 %'],
  );
});

test('a rule comes back from the form as it went in', () => {
  for (const share of [0, 0.05, 0.07, 0.29, 0.333, 0.0001, 1]) {
    const before = rule('a', { FixedRate: share, ReservoirSize: 7, Attributes: { k: 'v' }, URLPath: '/a/*' });
    assert.deepEqual(ruleOf(formOf(before), before), before);
  }
  const boosted = rule('a', { SamplingRateBoost: { MaxRate: 0.5, CooldownWindowMinutes: 3 } });
  assert.deepEqual(ruleOf(formOf(boosted), boosted), boosted);
});

test('a boost that is emptied does nothing from then on', () => {
  const boosted = rule('a', { SamplingRateBoost: { MaxRate: 0.5, CooldownWindowMinutes: 3 } });
  assert.deepEqual(ruleOf({ ...formOf(boosted), Boost: ' ' }, boosted).SamplingRateBoost, { MaxRate: 0, CooldownWindowMinutes: 3 });
  assert.equal(formOf(rule('a', { SamplingRateBoost: { MaxRate: 0, CooldownWindowMinutes: 3 } })).Boost, '');
});

test('a new rule stands behind the others and before Default, and lacks its name alone', () => {
  const rules = [rule('a', { Priority: 40 }), rule('Default', { Priority: 10000 })];
  const form = newForm(rules);
  assert.equal(form.Priority, '140');
  assert.deepEqual(Object.keys(complaints(form, [])), ['RuleName']);
  assert.equal(newForm([rule('z', { Priority: 9990 })]).Priority, '9999');
});

test('what the server would refuse is said at its field', () => {
  const wrong = (patch: Partial<Form>) => Object.keys(complaints({ ...formOf(rule('ok')), ...patch }, ['taken']));
  assert.deepEqual(wrong({}), []);
  assert.deepEqual(wrong({ RuleName: 'x'.repeat(33) }), ['RuleName']);
  assert.deepEqual(wrong({ RuleName: '😀'.repeat(32) }), []);
  assert.deepEqual(wrong({ RuleName: 'taken' }), ['RuleName']);
  for (const Priority of ['0', '10000', '1.5', '', 'x']) assert.deepEqual(wrong({ Priority }), ['Priority'], Priority);
  for (const Rate of ['-1', '100.1', '', 'x']) assert.deepEqual(wrong({ Rate }), ['Rate'], Rate);
  for (const Reservoir of ['-1', '1.5', '']) assert.deepEqual(wrong({ Reservoir }), ['Reservoir'], Reservoir);
  assert.deepEqual(wrong({ HTTPMethod: 'ELEVENCHARS' }), ['HTTPMethod']);
  assert.deepEqual(wrong({ URLPath: '' }), ['URLPath']);
  assert.deepEqual(wrong({ Attributes: [['k', '']] }), ['Attributes']);
  assert.deepEqual(wrong({ Attributes: [['k', 'v'], ['k', 'w']] }), ['Attributes']);
  assert.deepEqual(wrong({ Attributes: Array.from({ length: 6 }, (_, i) => [`k${i}`, 'v']) }), ['Attributes']);
  assert.deepEqual(wrong({ Attributes: [['', '']] }), []);
  assert.deepEqual(wrong({ Boost: '101', Cooldown: '-1' }), ['Boost', 'Cooldown']);
});

test('of Default rate and reservoir alone are looked at', () => {
  assert.deepEqual(complaints(formOf(rule('Default', { Priority: 10000 })), []), {});
  assert.deepEqual(Object.keys(complaints({ ...formOf(rule('Default', { Priority: 10000 })), Rate: 'x' }, [])), ['Rate']);
});

test('the last hour is added up by rule, and older reports are left out', () => {
  const now = 10_000;
  const report = (RuleName: string, ago: number, RequestCount: number) => ({ RuleName, Timestamp: now - ago, RequestCount, BorrowCount: 1, SampledCount: 2 });
  const hours = hourOf([report('a', 10, 5), report('a', 3599, 7), report('a', 3700, 100), report('b', -5, 1)], now);
  const a = hours.get('a')!;
  assert.deepEqual([a.requests, a.sampled, a.borrowed], [12, 4, 2]);
  assert.deepEqual([a.bars[0]!.requests, a.bars.at(-1)!.requests, a.bars.length], [7, 5, 30]);
  assert.equal(hours.get('b')!.bars.at(-1)!.requests, 1, 'a clock that is ahead counts as now');
  assert.equal(hours.has('c'), false);
});

test('rules are tried by priority and then by name, also in the copy', () => {
  const rules = [rule('b'), rule('a'), rule('first', { Priority: 1 })];
  assert.deepEqual(inOrder(rules).map((r) => r.RuleName), ['first', 'a', 'b']);
  const changed = putRule(rules, rule('b', { Priority: 1, FixedRate: 1 }));
  assert.deepEqual(changed.map((r) => r.RuleName), ['b', 'first', 'a']);
  assert.equal(rules[0]!.Priority, 100, 'the rules themselves stay as they were');
  assert.deepEqual(takeRule(changed, 'first').map((r) => r.RuleName), ['b', 'a']);
});

test('a rule behind one that takes every request is never tried', () => {
  const rules = [rule('all', { Priority: 5 }), rule('paths', { Priority: 4, URLPath: '/a*' }), rule('Default', { Priority: 10000 })];
  assert.deepEqual(
    rules.map((r) => shadow(rules, r)?.RuleName),
    [undefined, undefined, 'all'],
  );
});

test('rules that SDKs pass over are named, with the reason', () => {
  assert.equal(passedOver(rule('a')), undefined);
  assert.match(passedOver(rule('a', { Attributes: { tier: 'gold' }, ResourceARN: 'arn:*' }))!, /^It asks for attributes and a resource:/);
});

test('a reservoir is written in full', () => {
  assert.deepEqual([0, 20, 1000, 2_147_483_647].map(reservoirText), ['0/s', '20/s', '1,000/s', '2,147,483,647/s']);
});
