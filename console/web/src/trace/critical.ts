// The critical path: the chain of work that the end of the trace waited for. Had a piece of it been
// faster, the trace would have been faster. It is found from the end backwards: whoever ended last
// before now was waited for, until its start; then whoever ended last before that.
import type { Span, Trace } from './model.ts';
import type { Stretch, Timing } from './timing.ts';

export interface CriticalPath {
  /** The stretches in which a span itself was waited for, by Span.index, in order of time. */
  stretches: Map<number, Stretch[]>;
  /** Seconds of a span itself on the path, by Span.index. */
  seconds: Float64Array;
}

/** Finds the path to the end of the trace's main segment. */
export function criticalPath(trace: Trace, t: Timing): CriticalPath {
  const path: CriticalPath = { stretches: new Map(), seconds: new Float64Array(trace.spans.length) };
  const stack: { span: Span; until: number }[] = [];
  if (trace.main !== undefined) stack.push({ span: trace.main, until: t.to[trace.main.index]! });
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const own: Stretch[] = [];
    const begin = t.from[top.span.index]!;
    let now = top.until;
    for (const child of byEnd(top.span, top.until, t)) {
      // A callee's clock, or work that nobody waited for, may reach out of the caller: that part is not the caller's wait.
      const to = Math.min(t.to[child.index]!, top.until);
      const from = Math.max(t.from[child.index]!, begin);
      if (to > now || from >= to) continue;
      if (to < now) own.push({ from: to, to: now });
      stack.push({ span: child, until: to });
      now = from;
    }
    if (begin < now) own.push({ from: begin, to: now });
    add(path, top.span, own.reverse());
  }
  return path;
}

function byEnd(span: Span, until: number, t: Timing): Span[] {
  const end = (s: Span) => Math.min(t.to[s.index]!, until);
  return [...span.children].sort((a, b) => end(b) - end(a) || t.from[a.index]! - t.from[b.index]!);
}

function add(path: CriticalPath, span: Span, own: Stretch[]): void {
  if (own.length === 0) return;
  path.stretches.set(span.index, own);
  path.seconds[span.index] = own.reduce((sum, s) => sum + s.to - s.from, 0);
}
