// Figures in the few words that fit on a card, a chip or into an ear.
import { count, duration, percent } from '../lib/format.ts';
import type { MapEdge, MapNode } from './model.ts';
import { shortName } from './kind.ts';
import { about, type Rates } from './rates.ts';
import { quantile, worst, type Entry, type Outcome, type Stats } from './stats.ts';

export const outcomeNames: Readonly<Record<Outcome, string>> = { ok: 'OK', error: 'Error', throttle: 'Throttled', fault: 'Fault' };

/** What an outcome means in terms of HTTP. */
export const outcomeMeans: Readonly<Record<Outcome, string>> = {
  ok: 'answered',
  error: '4xx',
  throttle: '429',
  fault: '5xx',
};

const plural: Readonly<Record<Exclude<Outcome, 'ok'>, string>> = { error: 'errors', throttle: 'throttled', fault: 'faults' };

/** 0.4/min, 12/min, 12.3 k/min */
export function rate(perMinute: number | undefined): string {
  if (perMinute === undefined) return '';
  const few = perMinute < 10 ? String(Number(perMinute.toFixed(1))) : count(perMinute);
  return `${few === '0' ? '< 0.1' : few}/min`;
}

/** ≈ 12/min where the rate of a node or edge is estimated. */
export const rateOf = (x: { perMinute: number | undefined; rates: Rates }): string =>
  x.perMinute === undefined ? '' : about(x.rates.source) + rate(x.perMinute);

/** "2.3 % faults" */
export function failing(s: Stats): string {
  const w = worst(s);
  return w ? `${percent(w.share)} ${plural[w.outcome]}` : '';
}

export function quantileText(h: readonly Entry[], q: number): string {
  const value = quantile(h, q);
  return value === undefined ? '' : duration(value);
}

/** "p50 84 ms" */
export function half(h: readonly Entry[]): string {
  const value = quantileText(h, 0.5);
  return value && `p50 ${value}`;
}

export const join = (...parts: string[]): string => parts.filter((p) => p !== '').join(' · ');

/** An edge in one line. */
export const edgeLine = (e: MapEdge): string =>
  e.stats.total === 0 ? 'no traffic' : join(rateOf(e), (e.link ? 'age ' : '') + half(e.times), failing(e.stats));

/** What a node is called; clients have the name of what they call. */
export const title = (n: MapNode): string => (n.kind === 'client' ? `Clients of ${n.name}` : shortName(n.name, n.kind));
