// How figures are known: counted by agents, estimated from the traces that were kept, or those traces' own (docs/rates.md).
import { count, percent } from '../lib/format.ts';
import type { RatesJSON } from './wire.ts';

export type Source = 'counted' | 'estimated' | 'kept';

export interface Rates {
  /** What most of the figures are. */
  source: Source;
  /** Requests that the figures are of. */
  total: number;
  /** How many of them agents counted. */
  counted: number;
  /** How many are in stored traces. */
  kept: number;
  /** Several services answer to one name: how much went to which is estimated, their sum is counted. */
  divided: boolean;
}

/** Without the member, the figures are the stored traces' own. */
export function readRates(json: RatesJSON | null | undefined, total: number): Rates {
  if (!json) return { source: 'kept', total, counted: 0, kept: total, divided: false };
  const source = json.Source === 'counted' || json.Source === 'estimated' ? json.Source : 'kept';
  return { source, total, counted: json.Counted ?? 0, kept: json.Kept ?? 0, divided: json.Divided ?? false };
}

export const noRates: Readonly<Rates> = { source: 'kept', total: 0, counted: 0, kept: 0, divided: false };

/** The figures of both together; they are known as most of them are. */
export function addRates(a: Rates, b: Rates): Rates {
  return {
    source: (b.total > a.total ? b : a).source,
    total: a.total + b.total,
    counted: a.counted + b.counted,
    kept: a.kept + b.kept,
    divided: a.divided || b.divided,
  };
}

export const sourceNames: Readonly<Record<Source, string>> = { counted: 'Counted', estimated: 'Estimated', kept: 'Kept' };

/** Before a number that is estimated. */
export const about = (source: Source): string => (source === 'estimated' ? '≈ ' : '');

/** How exact an estimate is nineteen times out of twenty, as a share; undefined where nothing was kept to go by. */
export function margin(r: Rates): number | undefined {
  if (r.kept <= 0 || r.total <= r.kept) return undefined;
  return 2 * Math.sqrt((1 - r.kept / r.total) / r.kept);
}

/** How the figures of a node or edge are known, in full. */
export function explain(r: Rates): string {
  if (r.source === 'kept') return 'Kept: figures are of the stored traces. What sampling left out, if anything, is not in them.';
  if (r.source === 'counted') {
    const rest = r.total - r.counted;
    const parts = [rest > 0 ? `Counted: agents counted ${count(r.counted)} of ${count(r.total)} requests, kept or not; the rest is estimated` : `Counted: agents counted all ${count(r.total)} requests, kept or not`];
    parts.push(`; ${count(r.kept)} of them are stored.`);
    if (r.divided) parts.push(' Several services answer to this name: their sum is counted, how it is divided among them is estimated.');
    return parts.join('');
  }
  const within = margin(r);
  return `Estimated: ${count(r.kept)} stored requests stand for ${count(r.total)}, as many as they were chosen from${within === undefined ? '' : `; give or take ${percent(within)}`}. Those that failed and were kept for it stand for themselves.`;
}

/** The sources of some figures in a few words: "all counted", "3 of 12 estimated (≈)"; "" where all are the traces' own. */
export function inSum(all: readonly Rates[]): string {
  const busy = all.filter((r) => r.total > 0);
  const of = (source: Source) => busy.filter((r) => r.source === source).length;
  const estimated = of('estimated');
  if (busy.length === 0 || of('kept') === busy.length) return '';
  if (of('counted') === busy.length) return 'rates counted';
  if (estimated === busy.length) return 'rates estimated (≈)';
  return estimated > 0 ? `rates of ${count(estimated)} of ${count(busy.length)} estimated (≈)` : `rates of ${count(of('counted'))} of ${count(busy.length)} counted`;
}
