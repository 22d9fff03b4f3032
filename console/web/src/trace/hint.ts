// What a span did, in a few words beside its name: what was asked, of whom, with which answer.
import { type Doc, list, object, scalar, string } from './document.ts';
import type { Span } from './model.ts';

/** One line, or "": GET /cart/7, GetItem carts, SELECT … FROM. */
export function hint(span: Span): string {
  const { document, inferred } = span;
  return sql(document) || aws(document) || http(document, span) || (inferred === undefined ? '' : aws(inferred) || http(inferred, span));
}

function sql(doc: Doc): string {
  return (string(doc, 'sql', 'sanitized_query') ?? '').replace(/\s+/g, ' ').slice(0, 200);
}

function aws(doc: Doc): string {
  const block = object(doc, 'aws');
  const operation = string(block, 'operation');
  if (operation === undefined) return '';
  return [operation, resource(block)].filter(Boolean).join(' ');
}

/** The one thing that the call was about: a table, a queue, a bucket. */
function resource(block: Doc | undefined): string {
  const named = string(block, 'table_name') ?? string(block, 'bucket_name') ?? string(block, 'function_name');
  if (named !== undefined) return named;
  const path = string(block, 'queue_url') ?? string(block, 'topic_arn');
  if (path !== undefined) return path.split(/[/:]/).pop()!;
  const names = list(block, 'resource_names');
  return names.length > 0 ? scalar(names[0]) : '';
}

function http(doc: Doc, span: Span): string {
  const method = string(doc, 'http', 'request', 'method') ?? '';
  const url = string(doc, 'http', 'request', 'url') ?? '';
  const { host, path } = parts(url);
  // A call's name is its host, as a rule, and a segment's is who was asked: no need to say so twice.
  const shown = span.kind === 'segment' || host === span.name || host.startsWith(span.name + ':') ? path : host + path;
  return [method, shown].filter(Boolean).join(' ');
}

/** Host and path of a URL, as far as it has them; a query is part of the path. */
export function parts(url: string): { host: string; path: string } {
  const match = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/i.exec(url);
  return match === null ? { host: '', path: url } : { host: match[1]!, path: match[2]! || '/' };
}
