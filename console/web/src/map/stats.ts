import type { EntryJSON, StatisticsJSON } from './wire.ts';

/** Outcome is the one class in which an entity is counted: throttle comes before fault, that before error. */
export type Outcome = 'ok' | 'error' | 'throttle' | 'fault';

export const outcomes: readonly Outcome[] = ['ok', 'error', 'throttle', 'fault'];

/** Stats counts recorded requests by outcome; time is the sum of their response times in seconds. */
export interface Stats extends Record<Outcome, number> {
  total: number;
  time: number;
}

export const noStats: Readonly<Stats> = { ok: 0, error: 0, throttle: 0, fault: 0, total: 0, time: 0 };

/** readStats turns X-Ray's nested counts into flat ones; absent ones count nothing. */
export function readStats(s: StatisticsJSON | null | undefined): Stats {
  if (!s) return { ...noStats };
  const throttle = s.ErrorStatistics?.ThrottleCount ?? 0;
  const error = s.ErrorStatistics?.OtherCount ?? Math.max(0, (s.ErrorStatistics?.TotalCount ?? 0) - throttle);
  const fault = s.FaultStatistics?.TotalCount ?? s.FaultStatistics?.OtherCount ?? 0;
  const ok = s.OkCount ?? 0;
  return { ok, error, throttle, fault, total: ok + error + throttle + fault, time: s.TotalResponseTime ?? 0 };
}

export function addStats(a: Stats, b: Stats): Stats {
  return {
    ok: a.ok + b.ok,
    error: a.error + b.error,
    throttle: a.throttle + b.throttle,
    fault: a.fault + b.fault,
    total: a.total + b.total,
    time: a.time + b.time,
  };
}

/** worst names the gravest failure that occurred, as its share of all: fault, then error, then throttle. */
export function worst(s: Stats): { outcome: Exclude<Outcome, 'ok'>; share: number } | undefined {
  for (const outcome of ['fault', 'error', 'throttle'] as const) {
    if (s[outcome] > 0) return { outcome, share: s[outcome] / s.total };
  }
  return undefined;
}

export const mean = (s: Stats): number | undefined => (s.total > 0 ? s.time / s.total : undefined);

/** Entry is how many requests took about so many seconds. */
export interface Entry {
  value: number;
  count: number;
}

/** readHistogram returns the entries by value; X-Ray promises no order. */
export function readHistogram(entries: readonly EntryJSON[] | null | undefined): Entry[] {
  return (entries ?? [])
    .filter((e) => e.Count > 0 && Number.isFinite(e.Value))
    .map((e) => ({ value: e.Value, count: e.Count }))
    .sort((a, b) => a.value - b.value);
}

export function addHistograms(a: readonly Entry[], b: readonly Entry[]): Entry[] {
  const counts = new Map<number, number>();
  for (const e of [...a, ...b]) counts.set(e.value, (counts.get(e.value) ?? 0) + e.count);
  return [...counts].map(([value, count]) => ({ value, count })).sort((x, y) => x.value - y.value);
}

export const countOf = (h: readonly Entry[]): number => h.reduce((n, e) => n + e.count, 0);

/** quantile returns the smallest value that at least the share q (0 to 1) of the entries do not exceed. */
export function quantile(h: readonly Entry[], q: number): number | undefined {
  const rank = Math.max(1, Math.ceil(q * countOf(h) - 1e-9));
  let seen = 0;
  for (const e of h) {
    seen += e.count;
    if (seen >= rank) return e.value;
  }
  return undefined;
}
