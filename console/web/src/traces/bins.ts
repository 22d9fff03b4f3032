// The two charts above the list: traces over time and traces by response time, from the rows that are read.
import type { Bar } from '../ui/brush.ts';
import type { Window } from '../lib/timerange.ts';
import type { TraceRow } from './api.ts';
import { outcomeOf, outcomes } from './model.ts';

const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/** The length of a bar in seconds: the shortest round one that needs at most so many bars. */
export function timeStep(window: Window, most: number): number {
  const length = window.to - window.from;
  return timeSteps.find((step) => length / step <= most) ?? Math.ceil(length / most / 86400) * 86400;
}

/** Traces by start, stacked by outcome. Bars begin at round times; the first and last reach beyond the window's ends. */
export function overTime(rows: TraceRow[], window: Window, most = 120): Bar[] {
  const step = timeStep(window, most);
  const first = Math.floor(window.from / step);
  const bars = Math.max(1, Math.ceil(window.to / step) - first);
  const parts = emptyParts(bars);
  for (const row of rows) count(parts, Math.floor(row.start / step) - first, row);
  return parts.map((p, i) => ({ from: (first + i) * step, to: (first + i + 1) * step, parts: p }));
}

/** Bars per factor of ten. */
const perDecade = 10;

/** The first and last bar of the scale: a microsecond and twelve days. */
const ends = { low: -6 * perDecade, high: 6 * perDecade };

/** Traces by response time, stacked by outcome. Each bar is a tenth of a decade wide, from the fastest to the slowest. */
export function byResponseTime(rows: TraceRow[]): Bar[] {
  let fastest = Infinity;
  let slowest = -Infinity;
  for (const { responseTime } of rows) {
    if (responseTime === undefined) continue;
    fastest = Math.min(fastest, responseTime);
    slowest = Math.max(slowest, responseTime);
  }
  if (fastest > slowest) return [];
  let low = decadeBar(fastest);
  let high = decadeBar(slowest);
  // Three decades at least, so that traces of one kind don't look like a wall.
  const missing = Math.max(0, 2 * perDecade - (high - low));
  const below = Math.min(Math.floor(missing / 2), low - ends.low);
  const above = Math.min(missing - below, ends.high - high);
  low -= missing - above;
  high += above;
  const parts = emptyParts(high - low + 1);
  for (const row of rows) if (row.responseTime !== undefined) count(parts, decadeBar(row.responseTime) - low, row);
  const bars = parts.map((p, i) => ({ from: edge(low + i), to: edge(low + i + 1), parts: p }));
  // What is beyond the scale is within its outermost bars, so that a brush over them asks for it too.
  bars[0]!.from = Math.min(bars[0]!.from, Math.max(0, fastest));
  bars.at(-1)!.to = Math.max(bars.at(-1)!.to, Math.ceil(slowest));
  return bars;
}

/** Where a response time stands, by the edges as they are written. */
function decadeBar(seconds: number): number {
  const within = Math.min(1e6, Math.max(1e-6, seconds));
  const place = Math.round(Math.log10(within) * perDecade);
  return within < edge(place) ? place - 1 : within >= edge(place + 1) ? place + 1 : place;
}

// Two figures, so that the edges make clauses that people can read.
function edge(place: number): number {
  return Number((10 ** (place / perDecade)).toPrecision(2));
}

function emptyParts(bars: number): number[][] {
  return Array.from({ length: bars }, () => outcomes.map(() => 0));
}

function count(parts: number[][], bar: number, row: TraceRow): void {
  const found = parts[bar];
  if (found) found[outcomes.indexOf(outcomeOf(row))]!++;
}
