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

/** Traces by response time, stacked by outcome. Each bar is a tenth of a decade wide, from the fastest to the slowest. */
export function byResponseTime(rows: TraceRow[]): Bar[] {
  let low = Infinity;
  let high = -Infinity;
  for (const row of rows) {
    if (row.responseTime === undefined) continue;
    const place = decadeBar(row.responseTime);
    low = Math.min(low, place);
    high = Math.max(high, place);
  }
  if (low > high) return [];
  // Three decades at least, so that traces of one kind don't look like a wall.
  const missing = Math.max(0, 2 * perDecade - (high - low));
  low -= Math.floor(missing / 2);
  high += Math.ceil(missing / 2);
  const parts = emptyParts(high - low + 1);
  for (const row of rows) if (row.responseTime !== undefined) count(parts, decadeBar(row.responseTime) - low, row);
  return parts.map((p, i) => ({ from: edge(low + i), to: edge(low + i + 1), parts: p }));
}

/** What takes no time at all is counted with a microsecond. */
function decadeBar(seconds: number): number {
  const place = Math.floor(Math.log10(Math.max(seconds, 1e-6)) * perDecade + 1e-9);
  return Math.min(place, 6 * perDecade);
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
