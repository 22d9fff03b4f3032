// Time series of one node or edge: points as X-Ray answers them, gathered into bars of equal length.
import type { Bar } from '../ui/brush.ts';
import { addHistograms, addStats, noStats, outcomes, quantile, readHistogram, readStats, type Entry, type Stats } from './stats.ts';
import { addRates, noRates, readRates, type Rates, type Source } from './rates.ts';
import type { SeriesJSON } from './wire.ts';

/** Moment is what happened in one bar of time, epoch seconds. */
export interface Moment {
  from: number;
  to: number;
  stats: Stats;
  times: Entry[];
  rates: Rates;
}

// Lengths of bars that fall on the marks of a clock.
const lengths = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/** How to ask for a window: X-Ray knows periods of 60 and 300 seconds only. */
export interface Grid {
  period: 60 | 300;
  length: number; // of a bar, a multiple of the period
  from: number; // start of the first bar
  bars: number;
}

/** grid divides a window into at most so many bars. */
export function grid(from: number, to: number, most = 60): Grid {
  const least = (to - from) / (most - 1);
  const length = lengths.find((l) => l >= least) ?? Math.ceil(least / 86400) * 86400;
  const start = Math.floor(from / length) * length;
  return { period: length % 300 === 0 ? 300 : 60, length, from: start, bars: Math.max(1, Math.ceil((to - start) / length)) };
}

/** readSeries places the points on the grid. A bar in which nothing happened is there too, with zeros. */
export function readSeries(json: SeriesJSON, g: Grid): Moment[] {
  const moments = Array.from({ length: g.bars }, (_, i) => ({
    from: g.from + i * g.length,
    to: g.from + (i + 1) * g.length,
    stats: { ...noStats },
    times: [] as Entry[],
    rates: { ...noRates },
  }));
  for (const p of json.TimeSeriesServiceStatistics ?? []) {
    // A timestamp is the end of its bucket.
    const m = moments[Math.floor((p.Timestamp - g.period - g.from) / g.length)];
    if (!m) continue;
    const stats = readStats(p.ServiceSummaryStatistics ?? p.EdgeSummaryStatistics);
    m.stats = addStats(m.stats, stats);
    m.rates = addRates(m.rates, readRates(p.RoentgenRates, stats.total));
    m.times = addHistograms(m.times, readHistogram(p.ResponseTimeHistogram));
  }
  return moments;
}

/** Bars of requests, stacked in the order of outcomes. */
export const requestBars = (moments: readonly Moment[]): Bar[] =>
  moments.map((m) => ({ from: m.from, to: m.to, parts: outcomes.map((o) => m.stats[o]) }));

/** The quantile over time, seconds; undefined where nothing happened. */
export const quantileLine = (moments: readonly Moment[], q: number): (number | undefined)[] => moments.map((m) => quantile(m.times, q));

/** A run of bars whose requests are known in the same way, epoch seconds. */
export interface Run {
  source: Source;
  from: number;
  to: number;
}

/** How requests over time are known, from the first to the last bar with any. */
export function runs(moments: readonly Moment[]): Run[] {
  const out: Run[] = [];
  for (const m of moments) {
    if (m.stats.total === 0) continue;
    const last = out.at(-1);
    if (last?.source === m.rates.source) last.to = m.to;
    else out.push({ source: m.rates.source, from: m.from, to: m.to });
  }
  return out;
}
