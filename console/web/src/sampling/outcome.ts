// Two simulations beside each other, as lines of a table.
import { count, percent } from '../lib/format.ts';
import type { Simulation } from './api.ts';

export interface Line {
  what: string;
  explain?: string;
  now: string;
  then: string;
  /** Change of the number, and undefined where it is the same. */
  more?: string | undefined;
  /** 0 to 1, for a bar. */
  shares?: [number, number];
}

/** Numbers of traces need not be whole, and small ones say so. */
export const traces = (n: number): string => (n > 0 && n < 10 && !Number.isInteger(n) ? n.toFixed(1) : count(n));

export const dollars = (n: number): string => (n === 0 ? '$0' : n < 0.01 ? '< $0.01' : `$${n < 100 ? n.toFixed(2) : count(n)}`);

// Sums of shares come out a hair below the whole.
const share = (part: number, whole: number): number => (whole <= 0 ? 0 : part > whole * (1 - 1e-9) ? 1 : part / whole);

function change(a: number, b: number): string | undefined {
  if (Math.abs(a - b) <= 1e-9 * Math.max(a, b)) return undefined;
  if (a === 0) return 'from none';
  const by = b / a - 1;
  return `${by > 0 ? '+' : '−'}${percent(Math.abs(by))}`;
}

/** What is the same in both. */
export const basis = (s: Simulation): string => `${traces(s.Traces)} traces, ${traces(s.FailingTraces)} of them failing`;

export function lines(now: Simulation, then: Simulation): Line[] {
  const kept = (what: string, of: (s: Simulation) => number, whole: (s: Simulation) => number, explain?: string): Line => {
    const text = (s: Simulation) => `${traces(of(s))} (${percent(share(of(s), whole(s)))})`;
    return {
      what,
      ...(explain === undefined ? {} : { explain }),
      now: text(now),
      then: text(then),
      more: change(of(now), of(then)),
      shares: [share(of(now), whole(now)), share(of(then), whole(then))],
    };
  };
  const all = (s: Simulation) => s.Traces;
  return [
    kept('Traces kept', (s) => s.KeptTraces, all),
    kept('Failing traces kept', (s) => s.KeptFailingTraces, (s) => s.FailingTraces, 'with an error, fault or throttle anywhere'),
    kept('By rules', (s) => s.KeptByRules, all, 'when the request came'),
    kept('By triggers alone', (s) => s.KeptByTriggers, all, 'when it had ended'),
    {
      what: 'Kept in a month',
      explain: 'at the pace of this time range',
      now: traces(now.KeptTracesPerMonth),
      then: traces(then.KeptTracesPerMonth),
      more: change(now.KeptTracesPerMonth, then.KeptTracesPerMonth),
    },
    {
      what: 'On AWS X-Ray, a month',
      explain: 'for recording: $5 a million beyond 100,000',
      now: dollars(now.DollarsPerMonthOnXRay),
      then: dollars(then.DollarsPerMonthOnXRay),
      more: change(now.DollarsPerMonthOnXRay, then.DollarsPerMonthOnXRay),
    },
  ];
}

export interface RuleLine {
  name: string;
  requests: number;
  failing: number;
  now: number | undefined;
  then: number | undefined;
}

/** Kept by each rule, now and then; undefined where there is no such rule or it matched nothing. */
export function ruleLines(now: Simulation, then: Simulation): RuleLine[] {
  const kept = (s: Simulation, name: string) => {
    const rule = s.Rules.find((r) => r.RuleName === name);
    return rule && rule.KeptFromReservoir + rule.KeptByRate;
  };
  const names = [...new Set([...then.Rules, ...now.Rules].map((r) => r.RuleName))];
  return names.map((name) => {
    const rule = then.Rules.find((r) => r.RuleName === name) ?? now.Rules.find((r) => r.RuleName === name)!;
    return { name, requests: rule.Requests, failing: rule.Failing, now: kept(now, name), then: kept(then, name) };
  });
}

export interface TriggerLine {
  name: string;
  when: string;
  matched: number;
  overQuota: number;
  now: number | undefined;
  then: number | undefined;
}

export function triggerLines(now: Simulation, then: Simulation): TriggerLine[] {
  const names = [...new Set([...then.Triggers, ...now.Triggers].map((t) => t.Name))];
  return names.map((name) => {
    const [a, b] = [now, then].map((s) => s.Triggers.find((t) => t.Name === name));
    const said = b ?? a!;
    return { name, when: said.When, matched: said.Matched, overQuota: said.OverQuota, now: a?.KeptByItAlone, then: b?.KeptByItAlone };
  });
}

/** What has to be said about how far the figures carry. */
export function caveats(s: Simulation, time: (seconds: number) => string): string[] {
  const out: string[] = [];
  if (!s.Complete) out.push(`There is too much in this time range to look at all of it: looked at was what began after ${time(s.StartTime)}.`);
  if (s.Unweighted > 0)
    out.push(
      `Of ${count(s.Unweighted)} stored traces nobody said how probably they were kept; each stands for itself, and what was sampled away beside them is not in the figures.`,
    );
  return out;
}
