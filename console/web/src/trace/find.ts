// Search within a trace: every word has to occur somewhere in what a span says of itself. A word
// such as tenant=acme finds annotations and service=web a service; the rest finds names, addresses,
// queries and exceptions. Quotes hold words together.
import { type Doc, isObject, object, objects, scalar, string } from './document.ts';
import type { Json } from './json.ts';
import type { Span, Trace } from './model.ts';

const said = new WeakMap<Span, string>();

/** The spans that match, in order. Nothing matches an empty text. */
export function find(trace: Trace, text: string): Span[] {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  return trace.spans.filter((span) => {
    const all = textOf(span);
    return words.every((w) => all.includes(w));
  });
}

/**
 * Reads a portion of the spans for searches to come, from an index on, and returns where to go on;
 * undefined at the end. The first search in a large trace would be felt otherwise.
 */
export function prepare(trace: Trace, from: number, portion = 500): number | undefined {
  for (const span of trace.spans.slice(from, from + portion)) textOf(span);
  return from + portion < trace.spans.length ? from + portion : undefined;
}

function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  return words.map((w) => w.replace(/"/g, '')).filter(Boolean);
}

/** The search that finds the spans of a service. */
export function ofService(name: string): string {
  return /[\s"]/.test(name) ? `service="${name}"` : `service=${name}`;
}

function textOf(span: Span): string {
  let text = said.get(span);
  if (text === undefined) {
    const parts: string[] = [span.name, span.id, `service=${span.service.name}`, span.service.type];
    gather(span.document, parts);
    if (span.inferred !== undefined) gather(span.inferred, parts);
    if (span.fault) parts.push('fault');
    if (span.error) parts.push('error');
    if (span.throttle) parts.push('throttle');
    said.set(span, (text = parts.join('\n').toLowerCase()));
  }
  return text;
}

function gather(doc: Doc, out: string[]): void {
  for (const [key, value] of Object.entries(object(doc, 'annotations') ?? {})) out.push(`${key}=${scalar(value)}`);
  for (const e of objects(doc, 'cause', 'exceptions')) out.push(string(e, 'type') ?? '', string(e, 'message') ?? '');
  for (const block of ['http', 'aws', 'sql']) leaves(object(doc, block), out);
  out.push(string(doc, 'user') ?? '', string(doc, 'namespace') ?? '');
}

function leaves(value: Json | undefined, out: string[]): void {
  if (Array.isArray(value)) for (const v of value) leaves(v, out);
  else if (isObject(value)) for (const v of Object.values(value)) leaves(v, out);
  else if (value !== undefined && value !== null && typeof value !== 'boolean') out.push(scalar(value));
}
