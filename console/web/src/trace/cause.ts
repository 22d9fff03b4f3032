// Why a span failed: its exceptions, each with what caused it. An exception is recorded once in a
// trace, where it was caught first; entities above name it by its id.
import { type Doc, flag, id, number, objects, scalar, string } from './document.ts';
import type { Span, Trace } from './model.ts';

export interface Problem {
  id: string;
  type: string;
  message: string;
  /** The callee reported it. */
  remote: boolean;
  frames: Frame[];
  /** Stack frames that the producer dropped. */
  truncated: number;
  /** Exceptions that the producer dropped between this and what caused it. */
  skipped: number;
  cause: Problem | undefined;
  /** Where it was recorded, when that is another span. */
  at: Span | undefined;
}

export interface Frame {
  label: string;
  path: string;
  line: string;
}

export interface Causes {
  problems: Problem[];
  workingDirectory: string | undefined;
  paths: string[];
  /** An exception that is named but is nowhere in the trace. */
  unknown: string | undefined;
}

/** Exceptions of a trace by id, and who recorded them. */
export type Recorded = Map<string, { doc: Doc; span: Span }>;

export function recorded(trace: Trace): Recorded {
  const out: Recorded = new Map();
  for (const span of trace.spans) {
    for (const doc of objects(span.document, 'cause', 'exceptions')) {
      const key = id(doc, 'id');
      if (key !== '' && !out.has(key)) out.set(key, { doc, span });
    }
  }
  return out;
}

/** What a span says of its cause; undefined when it says nothing. */
export function causesOf(span: Span, all: Recorded): Causes | undefined {
  const cause = span.document.cause ?? span.inferred?.cause;
  if (cause === undefined || cause === null) return undefined;
  const out: Causes = {
    problems: [],
    unknown: undefined,
    workingDirectory: string(cause, 'working_directory'),
    paths: pathsOf(cause as Doc),
  };
  const own = objects(cause, 'exceptions');
  // What another one names as its cause is shown below that one only, except where they go round.
  const named = new Set(own.map((e) => id(e, 'cause')).filter(Boolean));
  const heads = own.filter((e) => !named.has(id(e, 'id')));
  for (const doc of heads.length > 0 ? heads : own.slice(0, 1)) out.problems.push(problem(doc, span, span, all, new Set()));
  const reference = id(cause) || id(cause, 'id');
  if (own.length === 0 && reference !== '') {
    const found = all.get(reference);
    if (found === undefined) out.unknown = reference;
    else out.problems.push(problem(found.doc, found.span, span, all, new Set()));
  }
  return out.problems.length > 0 || out.unknown !== undefined || out.workingDirectory !== undefined ? out : undefined;
}

function problem(doc: Doc, where: Span, reader: Span, all: Recorded, seen: Set<Doc>): Problem {
  seen.add(doc);
  const below = all.get(id(doc, 'cause'));
  return {
    id: id(doc, 'id'),
    type: string(doc, 'type') ?? '',
    message: string(doc, 'message') ?? '',
    remote: flag(doc, 'remote'),
    frames: objects(doc, 'stack').map(frame),
    truncated: number(doc, 'truncated') ?? 0,
    skipped: number(doc, 'skipped') ?? 0,
    cause: below === undefined || seen.has(below.doc) ? undefined : problem(below.doc, below.span, reader, all, seen),
    at: where === reader ? undefined : where,
  };
}

function frame(doc: Doc): Frame {
  const line = number(doc, 'line');
  return { label: string(doc, 'label') ?? '', path: string(doc, 'path') ?? '', line: line === undefined ? '' : String(line) };
}

function pathsOf(cause: Doc): string[] {
  return Array.isArray(cause.paths) ? cause.paths.map(scalar) : [];
}

/** One line: TimeoutError: upstream took too long. */
export function title(p: Problem): string {
  return [p.type, p.message].filter(Boolean).join(': ') || 'An exception without type or message';
}
