import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presentTriggers } from './armed.ts';
import { basis, caveats, dollars, lines, ruleLines, traces, triggerLines } from './outcome.ts';
import { simulation } from './testing.ts';
import { defaultTriggers, quotaText, triggersText } from './triggertext.ts';
import { agent } from '../agents/testing.ts';

const trigger = (name: string, when: string, quota: number) => ({ name, when, quota, matched: 0, kept: 0, over_quota: 0 });

test('two simulations stand beside each other, with what changes', () => {
  const then = simulation({ KeptTraces: 75, KeptFailingTraces: 25, KeptByRules: 75, KeptByTriggers: 0, DollarsPerMonthOnXRay: 0 });
  const [kept, failing, rules, triggers, , money] = lines(simulation(), then);
  assert.deepEqual([kept!.now, kept!.then, kept!.more, kept!.shares], ['150 (15 %)', '75 (7.5 %)', '−50 %', [0.15, 0.075]]);
  assert.deepEqual([failing!.now, failing!.then], ['50 (100 %)', '25 (50 %)']);
  assert.deepEqual([rules!.more, triggers!.more], ['−32 %', '−100 %']);
  assert.deepEqual([money!.now, money!.then], ['$0.04', '$0']);
  assert.equal(lines(simulation(), simulation())[0]!.more, undefined);
  assert.equal(lines(simulation({ KeptTraces: 0 }), simulation())[0]!.more, 'from none');
  assert.equal(basis(then), '1,000 traces, 50 of them failing');
});

test('a sum that is a hair short of the whole is the whole', () => {
  const [, failing] = lines(simulation(), simulation({ KeptFailingTraces: 50 * (1 - 1e-12) }));
  assert.equal(failing!.then, '50 (100 %)');
});

test('small numbers of traces say that they are no whole ones, and money is money', () => {
  assert.deepEqual([0, 0.25, 3, 12.4, 12_345].map(traces), ['0', '0.3', '3', '12', '12.3 k']);
  assert.deepEqual([0, 0.001, 2.456, 1234.5].map(dollars), ['$0', '< $0.01', '$2.46', '$1,235']);
});

test('rules and triggers that stand on one side only are there, without a figure on the other', () => {
  const extra = { RuleName: 'new', Requests: 10, Failing: 1, KeptFromReservoir: 1, KeptByRate: 2 };
  const then = simulation({ Rules: [extra, ...simulation().Rules], Triggers: [] });
  assert.deepEqual(
    ruleLines(simulation(), then).map((r) => [r.name, r.requests, r.now, r.then]),
    [
      ['new', 10, undefined, 3],
      ['Default', 1000, 110, 110],
    ],
  );
  assert.deepEqual(
    triggerLines(simulation(), then).map((t) => [t.name, t.now, t.then]),
    [['error', 40, undefined]],
  );
});

test('what the figures do not carry is said', () => {
  assert.deepEqual(caveats(simulation(), String), []);
  const said = caveats(simulation({ Complete: false, StartTime: 77, Unweighted: 3 }), String);
  assert.equal(said.length, 2);
  assert.match(said[0]!, /after 77/);
  assert.match(said[1]!, /^Of 3 stored traces/);
});

test('the triggers of an agent become the text of a file', () => {
  const text = triggersText([trigger('fault', 'fault', 500), trigger('upi', `filter: service("it's") AND responsetime > 2`, 1 / 6), trigger('told', 'told by', 1000)]);
  assert.equal(
    text,
    `version: 1
triggers:
  - name: fault
    when: fault
    quota: 500/s
  - name: upi
    when: 'filter: service("it''s") AND responsetime > 2'
    quota: 10/m
`,
  );
  assert.equal(triggersText([trigger('told', 'x', 1)]), 'version: 1\ntriggers: []\n');
  assert.equal(
    triggersText(['error', 'fault', 'throttle'].map((name) => trigger(name, name, 1000))),
    defaultTriggers,
  );
});

test('quotas are written in the unit in which they are whole', () => {
  assert.deepEqual([1000, 0.5, 1 / 3600, 0.25 / 3600].map(quotaText), ['1000/s', '30/m', '1/h', `${0.25 / 3600}/s`]);
});

test('the triggers of now are those of an agent that speaks', () => {
  assert.equal(presentTriggers([]).text, defaultTriggers);
  assert.equal(presentTriggers(undefined).text, defaultTriggers);
  const armed = (host: string, silent: number, when: string) => agent({ host, silent_seconds: silent, triggers: [trigger('t', when, 1)] });
  const chosen = presentTriggers([armed('old', 500, 'error'), armed('web', 1, 'fault')]);
  assert.match(chosen.text, /when: fault/);
  assert.equal(chosen.whose, 'the triggers of web');
  assert.match(presentTriggers([armed('a', 1, 'error'), armed('b', 1, 'fault')]).whose, /differ, and these are those of a/);
  assert.match(presentTriggers([armed('a', 1, 'error'), armed('b', 1, 'error')]).whose, /all 2 agents/);
});
