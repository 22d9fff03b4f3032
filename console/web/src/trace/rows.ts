// Which spans the waterfall lists: all but those below a collapsed one, or, while a search hides
// the rest, those that match and what leads to them.
import type { Span, Trace } from './model.ts';

/** The spans to list, in order. */
export function visible(trace: Trace, collapsed: ReadonlySet<string>, only?: ReadonlySet<Span>): Span[] {
  if (only !== undefined) return leadingTo(trace, only);
  const out: Span[] = [];
  for (let i = 0; i < trace.spans.length;) {
    const span = trace.spans[i]!;
    out.push(span);
    i = collapsed.has(span.key) ? span.end : i + 1;
  }
  return out;
}

function leadingTo(trace: Trace, only: ReadonlySet<Span>): Span[] {
  const keep = new Set<Span>();
  for (const match of only) {
    for (let at: Span | undefined = match; at !== undefined && !keep.has(at); at = at.parent) keep.add(at);
  }
  return trace.spans.filter((s) => keep.has(s));
}

/** What has to be opened for a span to be listed: its callers that are collapsed. */
export function hiders(span: Span, collapsed: ReadonlySet<string>): string[] {
  const out: string[] = [];
  for (let at = span.parent; at !== undefined; at = at.parent) if (collapsed.has(at.key)) out.push(at.key);
  return out;
}

/** The spans to collapse so that nothing below `depth` is listed. */
export function deeperThan(trace: Trace, depth: number): Set<string> {
  return new Set(trace.spans.filter((s) => s.depth >= depth && s.children.length > 0).map((s) => s.key));
}

/** How deep the tree is open: the depth of its deepest row. */
export function depthOf(rows: Span[]): number {
  return rows.reduce((depth, s) => Math.max(depth, s.depth), 0);
}

/** The span of `list`, which is in order, after (step 1) or before (step -1) `from`; round at the ends. */
export function next(list: Span[], from: Span | undefined, step: 1 | -1): Span | undefined {
  if (list.length === 0) return undefined;
  const at = from?.index ?? (step > 0 ? -1 : Infinity);
  if (step > 0) return list.find((s) => s.index > at) ?? list[0];
  for (let i = list.length - 1; i >= 0; i--) if (list[i]!.index < at) return list[i];
  return list[list.length - 1];
}
