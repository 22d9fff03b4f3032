// The part of the trace's time that the waterfall shows, and how it moves.
import { duration as seconds } from '../lib/format.ts';

/** Seconds after the trace's start. */
export interface View {
  from: number;
  to: number;
}

/** Nobody's clock is finer: the narrowest view, in seconds. */
const narrowest = 1e-6;

/** Zooms about the moment `at`: a factor below one shows less. */
export function zoom(view: View, all: View, factor: number, at = (view.from + view.to) / 2): View {
  const width = Math.max(narrowest, (view.to - view.from) * factor);
  const left = (at - view.from) / (view.to - view.from || 1);
  return fit({ from: at - width * left, to: at + width * (1 - left) }, all);
}

/** Moves by a share of what is shown, to the right when positive. */
export function pan(view: View, all: View, share: number): View {
  const step = (view.to - view.from) * share;
  return fit({ from: view.from + step, to: view.to + step }, all);
}

/** The view with the same width as far as possible that lies within all. */
export function fit(view: View, all: View): View {
  const width = Math.min(Math.max(view.to - view.from, narrowest), all.to - all.from);
  const from = Math.min(Math.max(view.from, all.from), all.to - width);
  return { from, to: from + width };
}

/** True when nothing is cut off. */
export function isWhole(view: View, all: View): boolean {
  const slack = (all.to - all.from) * 1e-6;
  return view.from <= all.from + slack && view.to >= all.to - slack;
}

/** Whatever length the trace has, there is something to draw on: a moment gets a microsecond. */
export function whole(first: number, last: number): View {
  return { from: first, to: Math.max(last, first + narrowest) };
}

/** Moments for the ruler, round in their unit, about `count` of them within the view. */
export function ticks(view: View, count: number): number[] {
  const step = round((view.to - view.from) / Math.max(1, count));
  const out: number[] = [];
  for (let n = Math.ceil(view.from / step - 1e-9); n * step <= view.to && out.length < 100; n++) out.push(n * step);
  return out;
}

/** Steps of a clock, for what takes minutes, hours and days. Seconds. */
const clockSteps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200];

/** The next of 1, 2, 5, 10, 20 … at or above; of seconds beyond a minute the next that a clock has, and whole days. */
function round(step: number): number {
  if (step > 50) return clockSteps.find((s) => s >= step) ?? 86400 * round(step / 86400);
  const power = 10 ** Math.floor(Math.log10(step));
  const lead = step / power;
  return power * (lead <= 1.0001 ? 1 : lead <= 2.0001 ? 2 : lead <= 5.0001 ? 5 : 10);
}

/** Moments as the ruler writes them: in one unit, with as many digits as the step between them needs. */
export function tickLabels(moments: number[], view: View): string[] {
  const size = Math.max(Math.abs(view.from), Math.abs(view.to));
  const apart = moments.length > 1 ? moments[1]! - moments[0]! : 0;
  if (apart >= 60) return moments.map((t) => (t === 0 ? '0' : seconds(t)));
  const [unit, name] = size >= 1 ? [1, 's'] : size >= 1e-3 ? [1e-3, 'ms'] : [1e-6, 'µs'];
  const step = moments.length > 1 ? moments[1]! - moments[0]! : view.to - view.from;
  const digits = Math.min(9, Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9)));
  return moments.map((t) => `${(t / unit + 0).toFixed(digits).replace(/^-(0(\.0*)?)$/, '$1')} ${name}`);
}

/** Where a moment stands, as a share of the view's width: 0 at its left edge, 1 at its right. */
export function share(view: View, moment: number): number {
  return (moment - view.from) / (view.to - view.from);
}

/** As a URL has it: milliseconds, from-to. */
export function format(view: View): string {
  const ms = (s: number) => String(Number((s * 1000).toFixed(3)));
  return `${ms(view.from)}~${ms(view.to)}`;
}

/** Reads what format wrote; undefined when it is none. */
export function parse(text: string | undefined): View | undefined {
  const [from, to, more] = (text ?? '').split('~').map((part) => (part.trim() === '' ? NaN : Number(part) / 1000));
  if (from === undefined || to === undefined || more !== undefined || !(to > from) || !Number.isFinite(to - from)) return undefined;
  return { from, to };
}
