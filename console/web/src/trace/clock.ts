// Clocks of hosts differ. Where a callee says that it started before it was called, or ended after
// the answer came, its clock is off; from all calls between two hosts the difference is estimated,
// as in NTP: every call bounds it from both sides, and the middle of what is left is the best guess.
import { number, object, string } from './document.ts';
import type { Span, Trace } from './model.ts';

/** Seconds by which a callee may seem early before its clock is blamed: SDKs that count in milliseconds round. */
const tolerance = 0.001;

/** One pair of hosts whose clocks disagree. */
export interface Skew {
  caller: Span;
  callee: Span;
  /** Seconds to add to the callee's times. */
  shift: number;
  /** Half the width of what is possible; undefined when only one side is known. */
  uncertainty: number | undefined;
  calls: number;
}

export interface Clocks {
  skews: Skew[];
  /** Seconds to add to the times of each span, by Span.index: those of all callers above it add up. */
  shifts: Float64Array;
}

interface Edge {
  low: number;
  high: number;
  calls: { caller: Span; callee: Span }[];
}

/** Estimates the differences. It does not move anything: place does, when asked to. */
export function estimate(trace: Trace): Clocks {
  const edges = new Map<string, Edge>();
  for (const callee of trace.spans) {
    const caller = callee.parent;
    if (callee.kind === 'segment' && caller !== undefined && waits(caller, callee)) bound(edges, caller, callee);
  }
  const own = new Map<Span, number>();
  const skews: Skew[] = [];
  for (const edge of edges.values()) {
    const shift = shiftOf(edge);
    if (shift === 0) continue;
    const { caller, callee } = edge.calls[0]!;
    for (const call of edge.calls) own.set(call.callee, shift);
    const width = edge.high - edge.low;
    skews.push({
      caller,
      callee,
      shift,
      calls: edge.calls.length,
      uncertainty: width >= 0 && Number.isFinite(width) ? width / 2 : undefined,
    });
  }
  return { skews, shifts: sum(trace, own) };
}

/**
 * True when the caller can have waited for the callee, so that the call bounds the callee's clock. A
 * callee that begins after the call ended, or outlives it, was handed the work and not waited for, unless the caller
 * has its answer over HTTP and the callee's whole work fits into the call.
 */
function waits(caller: Span, callee: Span): boolean {
  if (caller.to === undefined) return true;
  if (callee.from >= caller.to) return answered(caller) && callee.to !== undefined && callee.to - callee.from <= caller.to - caller.from + tolerance;
  return callee.to === undefined || callee.to - callee.from <= caller.to - caller.from + tolerance || callee.from < caller.from;
}

/** True when the call brought an HTTP response that is more than "accepted, later": 202. */
function answered(caller: Span): boolean {
  const status = string(caller.document, 'namespace') === 'aws' ? undefined : number(caller.document, 'http', 'response', 'status');
  return status !== undefined && status !== 202;
}

function bound(edges: Map<string, Edge>, caller: Span, callee: Span): void {
  const key = `${hostOf(caller.segment)}\n${hostOf(callee)}`;
  const edge = edges.get(key) ?? { low: -Infinity, high: Infinity, calls: [] };
  edges.set(key, edge);
  edge.calls.push({ caller, callee });
  edge.low = Math.max(edge.low, caller.from - callee.from);
  if (caller.to !== undefined && callee.to !== undefined) edge.high = Math.min(edge.high, caller.to - callee.to);
}

/** Zero when the clocks can agree. When the calls contradict each other, order is kept: no callee starts before its call. */
function shiftOf({ low, high }: Edge): number {
  if (low <= tolerance && high >= -tolerance) return 0;
  if (low > high || high === Infinity) return low > tolerance ? low : 0;
  return (low + high) / 2;
}

/** The clock that wrote a segment's times. A segment that does not say where it ran has one of its own. */
function hostOf(segment: Span): string {
  const aws = object(segment.document, 'aws');
  const host =
    string(aws, 'ec2', 'instance_id') ??
    string(aws, 'eks', 'pod') ??
    string(aws, 'ecs', 'container_arn') ??
    string(aws, 'ecs', 'container');
  return host === undefined ? segment.key : `${segment.service.index} ${host}`;
}

function sum(trace: Trace, own: Map<Span, number>): Float64Array {
  const shifts = new Float64Array(trace.spans.length);
  for (const span of trace.spans) {
    shifts[span.index] = (span.parent === undefined ? 0 : shifts[span.parent.index]!) + (own.get(span) ?? 0);
  }
  return shifts;
}
