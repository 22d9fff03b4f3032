// Choosing a range on a row of bars: arithmetic on the edges between bars, of which there is one more than bars.

/** Bar is a count per series of what lies in [from, to). Bars stand side by side without gaps. */
export interface Bar {
  from: number;
  to: number;
  parts: readonly number[];
}

/** Range is in the units of the bars. */
export interface Range {
  from: number;
  to: number;
}

/** Edges is a range by edge: 0 is the left side of the first bar. start < end. */
export interface Edges {
  start: number;
  end: number;
}

const clamp = (n: number, low: number, high: number) => Math.min(high, Math.max(low, n));

export const total = (bar: Bar): number => bar.parts.reduce((sum, n) => sum + n, 0);

/** The bar under a place from 0 (left) to 1 (right). */
export function barAt(place: number, bars: number): number {
  return clamp(Math.floor(place * bars), 0, bars - 1);
}

/** The bars between two bars, both included. */
export function across(a: number, b: number): Edges {
  return { start: Math.min(a, b), end: Math.max(a, b) + 1 };
}

/** Moves one edge by so many bars; it stops one bar short of the other. */
export function nudge(e: Edges, which: 'start' | 'end', by: number, bars: number): Edges {
  if (which === 'start') return { ...e, start: clamp(e.start + by, 0, e.end - 1) };
  return { ...e, end: clamp(e.end + by, e.start + 1, bars) };
}

/** Moves both edges, which keep their distance. */
export function slide(e: Edges, by: number, bars: number): Edges {
  const step = clamp(by, -e.start, bars - e.end);
  return { start: e.start + step, end: e.end + step };
}

/** The range between two edges; undefined when it holds every bar, which chooses nothing. */
export function rangeOf(bars: readonly Bar[], e: Edges): Range | undefined {
  const first = bars[e.start];
  const last = bars[e.end - 1];
  if (!first || !last || (e.start === 0 && e.end === bars.length)) return undefined;
  return { from: first.from, to: last.to };
}

/** The edges nearest to a range, at least one bar apart; all bars for no range. */
export function edgesOf(bars: readonly Bar[], range: Range | undefined): Edges {
  if (!range || bars.length === 0) return { start: 0, end: bars.length };
  const start = clamp(Math.round(placeOf(bars, range.from) * bars.length), 0, bars.length - 1);
  const end = clamp(Math.round(placeOf(bars, range.to) * bars.length), start + 1, bars.length);
  return { start, end };
}

/** Where a value stands, 0 (left) to 1 (right). Bars are drawn equally wide, whatever they span. */
export function placeOf(bars: readonly Bar[], value: number): number {
  const i = bars.findIndex((b) => value < b.to);
  if (i < 0) return 1;
  const bar = bars[i]!;
  return (i + clamp((value - bar.from) / (bar.to - bar.from), 0, 1)) / bars.length;
}

/** Label is a word that begins beside the mark of an edge, at a distance from the left. */
export interface Label {
  x: number;
  text: string;
}

const letter = 6.8; // pixels of a digit in the widest of the usual fonts, 11 px
const air = 14; // pixels between words, the mark included

/** Words at as many edges as fit side by side in a width, at even distances from the first edge on. */
export function labels(bars: readonly Bar[], width: number, format: (value: number) => string): Label[] {
  if (bars.length === 0 || width <= 0) return [];
  const words = bars.map((b) => format(b.from));
  const widest = Math.max(...words.map((w) => w.length)) * letter + air;
  const step = Math.max(1, Math.ceil((widest * bars.length) / width));
  const at = (edge: number) => (edge * width) / bars.length;
  return words
    .map((text, edge) => ({ x: at(edge), text }))
    .filter((l, edge) => edge % step === 0 && (edge === 0 || l.x + l.text.length * letter <= width));
}
