// Segment documents as they come: any producer may have put anything anywhere, so every member is
// asked for by the type that it should have, and is absent when it has another.
import { Exact, type Json } from './json.ts';

/** One segment or subsegment. Names of members are X-Ray's. */
export type Doc = { [key: string]: Json };

/** POST /Traces */
export interface TracesReply {
  Traces: TraceReply[];
  UnprocessedTraceIds?: string[];
}

export interface TraceReply {
  Id: string;
  /** Seconds from the first start to the last end. */
  Duration?: number;
  LimitExceeded?: boolean;
  Segments: { Id: string; Document: string }[];
}

/** The object at the path, or undefined. */
export function object(doc: Json | undefined, ...path: string[]): Doc | undefined {
  const at = reach(doc, path);
  return isObject(at) ? at : undefined;
}

/** The non-empty string at the path, or undefined. */
export function string(doc: Json | undefined, ...path: string[]): string | undefined {
  const at = reach(doc, path);
  return typeof at === 'string' && at !== '' ? at : undefined;
}

/** The finite number at the path, or undefined; a string of digits counts, as some SDKs write them so. */
export function number(doc: Json | undefined, ...path: string[]): number | undefined {
  const at = reach(doc, path);
  const n = typeof at === 'number' || at instanceof Exact ? Number(at) : typeof at === 'string' && at !== '' ? Number(at) : NaN;
  return Number.isFinite(n) ? n : undefined;
}

/** The id at the path, in the lower case in which ids are compared; "" when there is none. */
export function id(doc: Json | undefined, ...path: string[]): string {
  return (string(doc, ...path) ?? '').toLowerCase();
}

export function flag(doc: Json | undefined, ...path: string[]): boolean {
  return reach(doc, path) === true;
}

/** The objects in the list at the path; empty when there is none. */
export function objects(doc: Json | undefined, ...path: string[]): Doc[] {
  return list(doc, ...path).filter(isObject);
}

export function list(doc: Json | undefined, ...path: string[]): Json[] {
  const at = reach(doc, path);
  return Array.isArray(at) ? at : [];
}

export function isObject(value: Json | undefined): value is Doc {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Exact);
}

/** What someone who reads the value would call it, on one line. */
export function scalar(value: Json | undefined): string {
  if (value instanceof Exact) return value.literal;
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function reach(doc: Json | undefined, path: string[]): Json | undefined {
  let at = doc;
  for (const key of path) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}
