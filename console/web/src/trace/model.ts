// A trace as the page looks at it: one span per segment and subsegment, in the order in which the
// waterfall lists them. read makes it of the server's answer; nothing changes it afterwards.
import { type Doc, flag, id, list, number, object, objects, string, type TraceReply } from './document.ts';
import { parse } from './json.ts';
import { grow, type Leaf } from './tree.ts';

/** A node of the service graph, as far as this trace shows it. */
export interface Service {
  /** In order of first appearance, which decides the colour. */
  index: number;
  name: string;
  /** X-Ray's type such as AWS::ECS::Container; "remote" of a call to somebody unknown; else "". */
  type: string;
  /** Known from its callers only: it sent no segments. */
  inferred: boolean;
}

/** A segment or subsegment. */
export interface Span {
  /** Its id; with ~2, ~3 … when others of this trace have the same. */
  key: string;
  id: string;
  name: string;
  kind: 'segment' | 'subsegment';
  document: Doc;
  /** The document as the server sent it; of what stands within another's document undefined. */
  text: string | undefined;
  /** What the server inferred of the callee of this subsegment, folded in here. */
  inferred: Doc | undefined;

  parent: Span | undefined;
  /** By start. Of a subsegment, what it called is among them. */
  children: Span[];
  depth: number;
  /** Position in Trace.spans; the subtree is all of [index, end). */
  index: number;
  end: number;

  /** Whose time this is: the callee's when it was inferred, else that of the segment around. */
  service: Service;
  /** The segment that this stands in; of a segment itself. */
  segment: Span;

  /** Seconds after Trace.start, as its host's clock said. */
  from: number;
  /** The same; undefined while in progress. */
  to: number | undefined;
  fault: boolean;
  error: boolean;
  throttle: boolean;
  /** Spans below that failed. */
  failures: number;
  status: number | undefined;
  /** Set when parent_id names an entity that has not arrived, or leads round in a ring. */
  lost: 'missing' | 'ring' | undefined;
}

export interface Trace {
  id: string;
  /** Epoch seconds of the first start. */
  start: number;
  /** Seconds from the first start to the last end that is known. */
  length: number;
  limitExceeded: boolean;
  /** Parents first, siblings by start. */
  spans: Span[];
  roots: Span[];
  /** The segment without a parent that began the trace; else the first root. */
  main: Span | undefined;
  services: Service[];
  byKey: Map<string, Span>;
  counts: Counts;
  /** Ids of documents that are not JSON objects with a start. */
  unreadable: string[];
  /** Segments of other traces that were named as links. */
  links: Link[];
}

export interface Counts {
  segments: number;
  subsegments: number;
  inferred: number;
  /** Each failed span is one of these three, as the graph counts it. */
  faults: number;
  errors: number;
  throttles: number;
  /** In progress. */
  open: number;
  /** Whose parents have not arrived. */
  lost: number;
}

export interface Link {
  trace: string;
  id: string;
  from: Span;
  attributes: Doc | undefined;
}

/** Makes the trace of the server's answer. It never throws: what cannot be read is listed. */
export function read(reply: TraceReply): Trace {
  const unreadable: string[] = [];
  const documents: { doc: Doc; text: string }[] = [];
  for (const { Id, Document } of reply.Segments) {
    const doc = readDocument(Document);
    if (doc === undefined) unreadable.push(Id);
    else documents.push({ doc, text: Document });
  }
  const start = documents.reduce((first, { doc }) => Math.min(first, earliest(doc)), Infinity);
  const forest = grow(documents);
  return describe(reply, forest, Number.isFinite(start) ? start : 0, unreadable);
}

function readDocument(text: string): Doc | undefined {
  try {
    const doc = object(parse(text));
    return doc !== undefined && number(doc, 'start_time') !== undefined ? doc : undefined;
  } catch {
    return undefined;
  }
}

/** The first start in a document: a nested clock may be ahead of its parent's. */
function earliest(doc: Doc): number {
  let first = Infinity;
  const open = [doc];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    first = Math.min(first, number(at, 'start_time') ?? Infinity);
    open.push(...objects(at, 'subsegments'));
  }
  return first;
}

function describe(reply: TraceReply, forest: Leaf[], start: number, unreadable: string[]): Trace {
  const trace: Trace = {
    id: reply.Id,
    start,
    length: 0,
    limitExceeded: reply.LimitExceeded ?? false,
    spans: [],
    roots: [],
    main: undefined,
    services: [],
    byKey: new Map(),
    unreadable,
    links: [],
    counts: { segments: 0, subsegments: 0, inferred: 0, faults: 0, errors: 0, throttles: 0, open: 0, lost: 0 },
  };
  place(trace, forest);
  for (let i = trace.spans.length - 1; i >= 0; i--) close(trace, trace.spans[i]!);
  for (const span of trace.spans) count(trace, span);
  trace.main = trace.roots.find((r) => r.kind === 'segment' && r.lost === undefined) ?? trace.roots[0];
  return trace;
}

/** Lays the tree out flat. A stack, not recursion: a chain of services may be thousands deep. */
function place(trace: Trace, forest: Leaf[]): void {
  const services = new Map<string, Service>();
  const stack: { leaf: Leaf; parent: Span | undefined }[] = [];
  const push = (leaves: Leaf[], parent: Span | undefined) => {
    for (let i = leaves.length - 1; i >= 0; i--) stack.push({ leaf: leaves[i]!, parent });
  };
  push(forest, undefined);
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const span = spanOf(trace, top.leaf, top.parent, services);
    (top.parent?.children ?? trace.roots).push(span);
    trace.spans.push(span);
    push(top.leaf.children, span);
  }
  trace.services = [...services.values()];
}

function spanOf(trace: Trace, leaf: Leaf, parent: Span | undefined, services: Map<string, Service>): Span {
  const { doc } = leaf;
  const from = (number(doc, 'start_time') ?? trace.start) - trace.start;
  // An end counts even beside in_progress, as the server reads it; zero is none.
  const ended = number(doc, 'end_time') || undefined;
  const status = number(doc, 'http', 'response', 'status') ?? number(leaf.inferred, 'http', 'response', 'status');
  const failed = (name: string) => flag(doc, name) || flag(leaf.inferred, name);
  const is = (low: number, high: number) => status !== undefined && status >= low && status < high;
  const span: Span = {
    key: uniqueKey(trace, leaf.id),
    id: leaf.id,
    name: string(doc, 'name') ?? '(no name)',
    kind: leaf.kind,
    document: doc,
    text: leaf.text,
    inferred: leaf.inferred,
    parent,
    children: [],
    depth: parent === undefined ? 0 : parent.depth + 1,
    index: trace.spans.length,
    end: 0,
    service: undefined!,
    segment: undefined!,
    from,
    to: ended === undefined ? undefined : Math.max(from, ended - trace.start),
    fault: failed('fault') || is(500, 600),
    error: failed('error') || is(400, 500),
    throttle: failed('throttle') || status === 429,
    failures: 0,
    status,
    lost: leaf.lost,
  };
  span.segment = span.kind === 'segment' || parent === undefined ? span : parent.segment;
  span.service = serviceOf(span, services);
  trace.byKey.set(span.key, span);
  return span;
}

function uniqueKey(trace: Trace, id: string): string {
  let key = id;
  for (let n = 2; trace.byKey.has(key); n++) key = `${id}~${n}`;
  return key;
}

function serviceOf(span: Span, services: Map<string, Service>): Service {
  if (span.inferred === undefined && span.segment !== span) return span.segment.service;
  const doc = span.inferred ?? span.document;
  const inferred = span.inferred !== undefined || flag(doc, 'inferred');
  const type = string(doc, 'origin') ?? (inferred ? 'remote' : '');
  const name = (inferred && resourceName(type, doc)) || (string(doc, 'name') ?? span.name);
  const known = services.get(`${type}\n${name}`);
  if (known !== undefined) {
    known.inferred &&= inferred;
    return known;
  }
  const service = { index: services.size, name, type, inferred };
  services.set(`${type}\n${name}`, service);
  return service;
}

/** The name that the service graph has for a resource which an AWS call was about. */
function resourceName(type: string, doc: Doc): string | undefined {
  switch (type) {
    case 'AWS::DynamoDB::Table':
      return string(doc, 'aws', 'table_name');
    case 'AWS::S3::Bucket':
      return string(doc, 'aws', 'bucket_name');
    case 'AWS::SQS::Queue':
      return string(doc, 'aws', 'queue_url');
    case 'AWS::SNS':
      return string(doc, 'aws', 'topic_arn');
    case 'AWS::Lambda':
      return string(doc, 'aws', 'function_name');
  }
  return undefined;
}

/** Sums up what is below; the spans come last to first, so children are done. */
function close(trace: Trace, span: Span): void {
  span.end = span.index + 1;
  for (const child of span.children) {
    span.end = child.end;
    span.failures += child.failures + (failed(child) ? 1 : 0);
  }
  trace.length = Math.max(trace.length, span.from, span.to ?? 0);
}

function count(trace: Trace, span: Span): void {
  const { counts } = trace;
  if (span.kind === 'segment') counts.segments++;
  else counts.subsegments++;
  if (span.inferred !== undefined) counts.inferred++;
  const of = outcome(span);
  if (of !== 'ok') counts[({ fault: 'faults', error: 'errors', throttle: 'throttles' } as const)[of]]++;
  if (span.to === undefined) counts.open++;
  if (span.lost !== undefined) counts.lost++;
  for (const link of list(span.document, 'links')) {
    const to = string(link, 'trace_id');
    if (to !== undefined) trace.links.push({ trace: to, id: id(link, 'id'), from: span, attributes: object(link, 'attributes') });
  }
}

/** True when the span itself failed, in any of the three ways. */
export function failed(span: Span): boolean {
  return span.fault || span.error || span.throttle;
}

/** The outcome by which a span is marked: throttle before fault before error, as the graph counts. */
export function outcome(span: { fault: boolean; error: boolean; throttle: boolean }): 'ok' | 'error' | 'throttle' | 'fault' {
  return span.throttle ? 'throttle' : span.fault ? 'fault' : span.error ? 'error' : 'ok';
}

/** Seconds that the span took; undefined while in progress. */
export function duration(span: Span): number | undefined {
  return span.to === undefined ? undefined : span.to - span.from;
}
