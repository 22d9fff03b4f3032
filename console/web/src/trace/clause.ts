// The filter clause that finds what is clicked here in all traces.
import { decimal, quote } from '../lib/clause.ts';
import { Exact, type Json } from './json.ts';

/** annotation.tenant = "acme"; undefined for a value that the grammar has no literal for. */
export function annotationClause(key: string, value: Json): string | undefined {
  const literal = literalOf(value);
  return literal === undefined ? undefined : `${annotationName(key)} = ${literal}`;
}

function annotationName(key: string): string {
  if (/^[A-Za-z0-9_]+$/.test(key)) return `annotation.${key}`;
  return /[\s\]"]/.test(key) ? `annotation[${quote(key)}]` : `annotation[${key}]`;
}

function literalOf(value: Json): string | undefined {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Exact) return value.literal;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : decimal(value);
  return undefined;
}
