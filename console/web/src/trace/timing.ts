// Where everything stands in time, once it is decided whose clocks to believe: starts and ends, the
// time that is nobody else's, and the gaps in which nothing below was recorded.
import type { Span, Trace } from './model.ts';

/** Times of all spans by Span.index, in seconds after the trace's start. */
export interface Timing {
  from: Float64Array;
  /** Of a span in progress: the end of the trace as far as it is known. */
  to: Float64Array;
  /** Seconds in which no child ran. */
  self: Float64Array;
  /** First and last of all. The first is below zero when a correction moved it there. */
  first: number;
  last: number;
}

/** A stretch of time, in seconds after the trace's start. */
export interface Stretch {
  from: number;
  to: number;
}

/** Places every span, moved by shifts when they are given. Linear but for the sorting of siblings. */
export function place(trace: Trace, shifts?: Float64Array): Timing {
  const n = trace.spans.length;
  const t: Timing = { from: new Float64Array(n), to: new Float64Array(n), self: new Float64Array(n), first: 0, last: 0 };
  if (n === 0) return t;
  t.first = Infinity;
  t.last = -Infinity;
  for (const { index, from, to } of trace.spans) {
    const shift = shifts?.[index] ?? 0;
    t.from[index] = from + shift;
    t.to[index] = (to ?? from) + shift;
    t.first = Math.min(t.first, t.from[index]!);
    t.last = Math.max(t.last, t.to[index]!);
  }
  for (const span of trace.spans) if (span.to === undefined) t.to[span.index] = t.last;
  for (const span of trace.spans) t.self[span.index] = gaps(span, t).reduce((sum, g) => sum + g.to - g.from, 0);
  return t;
}

/** The stretches of a span in which none of its children ran; of one without children all of it. */
export function gaps(span: Span, t: Timing): Stretch[] {
  const out: Stretch[] = [];
  const end = t.to[span.index]!;
  let at = t.from[span.index]!;
  for (const child of byStart(span, t)) {
    const from = t.from[child.index]!;
    if (from >= end) break;
    if (from > at) out.push({ from: at, to: from });
    at = Math.max(at, t.to[child.index]!);
  }
  if (at < end) out.push({ from: at, to: end });
  return out;
}

function byStart(span: Span, t: Timing): Span[] {
  const { children } = span;
  for (let i = 1; i < children.length; i++) {
    if (t.from[children[i]!.index]! < t.from[children[i - 1]!.index]!) {
      return [...children].sort((a, b) => t.from[a.index]! - t.from[b.index]!);
    }
  }
  return children;
}

/** Self time per service, by Service.index, in seconds. Work side by side counts each. */
export function shares(trace: Trace, t: Timing): number[] {
  const out = trace.services.map(() => 0);
  for (const span of trace.spans) out[span.service.index]! += t.self[span.index]!;
  return out;
}

/** Stretches of the trace in which no segment at all ran: somebody who is not traced had the work. */
export function silences(trace: Trace, t: Timing): Stretch[] {
  const out: Stretch[] = [];
  let at = t.first;
  for (const span of [...trace.spans].sort((a, b) => t.from[a.index]! - t.from[b.index]!)) {
    if (t.from[span.index]! > at) out.push({ from: at, to: t.from[span.index]! });
    at = Math.max(at, t.to[span.index]!);
  }
  return out;
}
