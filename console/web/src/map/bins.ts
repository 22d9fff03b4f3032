// From a histogram as the server keeps it to bars with round edges, so that what is brushed reads well in a filter.
import type { Bar, Range } from '../ui/brush.ts';
import type { Entry } from './stats.ts';

// Places of edges within a decade, evenly spaced on a logarithmic axis: Renard's series R5, R10, R20 and R40, rounded.
const r10 = [1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8];
const r20 = [1, 1.12, 1.25, 1.4, 1.6, 1.8, 2, 2.25, 2.5, 2.8, 3.2, 3.6, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9];
const decades = [[1, 1.6, 2.5, 4, 6.3], r10, r20, r20.flatMap((n, i) => [n, round(Math.sqrt(n * (r20[i + 1] ?? 10)), 3)])].reverse();

const steps = [1, 2, 2.5, 5];

/** Beyond this ratio of the longest to the shortest duration the axis is logarithmic. */
const wide = 12;

function round(n: number, digits = 12): number {
  return Number(n.toPrecision(digits));
}

/** Counts the entries in at most so many bars; of a range only what lies in it. Seconds. */
export function bins(entries: readonly Entry[], most = 48, range?: Range): Bar[] {
  const inside = range ? entries.filter((e) => e.value >= range.from && e.value <= range.to) : entries;
  const first = inside[0];
  const last = inside[inside.length - 1];
  if (!first || !last) return [];
  const edges = edgesFor(first.value, last.value, most);
  const bars = edges.slice(1).map((to, i) => ({ from: edges[i]!, to, parts: [0] }));
  let bar = 0;
  for (const e of inside) {
    while (bar < bars.length - 1 && e.value >= bars[bar]!.to) bar++;
    bars[bar]!.parts[0]! += e.count;
  }
  return bars;
}

function edgesFor(low: number, high: number, most: number): number[] {
  const start = Math.max(low, high / 1e5, 1e-6); // of five decades one sees nothing
  if (high / start <= wide) return linear(low, high, most);
  const edges = logarithmic(start, high, most);
  if (low < edges[0]!) edges[0] = low <= 0 ? 0 : Math.min(low, edges[0]!);
  return edges;
}

function logarithmic(low: number, high: number, most: number): number[] {
  for (const decade of decades) {
    const edges: number[] = [];
    for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.log10(high) + 1; power++) {
      for (const n of decade) edges.push(round(n * 10 ** power));
    }
    const from = edges.findLastIndex((e) => e <= low);
    const to = edges.findIndex((e) => e > high);
    if (to - from <= most) return edges.slice(from, to + 1);
  }
  return [low, round(high * 1.0000001)];
}

function linear(low: number, high: number, most: number): number[] {
  const span = Math.max(high - low, high * 0.2, 1e-6);
  const step = roundStep((span / most) * 1.05);
  const from = Math.floor(round(low / step));
  const to = Math.floor(round(high / step)) + 1;
  const edges: number[] = [];
  // A margin on both sides, so that a single tall bar does not fill the whole chart.
  for (let i = Math.max(0, from - 1); i <= to + 1; i++) edges.push(round(i * step));
  return edges;
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return round((steps.find((s) => s * power >= least) ?? 10) * power);
}
