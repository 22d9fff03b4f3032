// What the server says about a filter while it is written.
import { post } from '../api.ts';
import type { Window } from '../lib/timerange.ts';

/** POST /api/filter. Offsets are in UTF-16 units, as in a browser's strings. */
export interface FilterCheck {
  /** The expression as the server understood it; "" when it has an error. */
  normal: string;
  error?: { from: number; to: number; message: string; hint?: string };
  offers?: Offer[];
}

/** What most people mean who write this. */
export interface Offer {
  expression: string;
  label: string;
  why: string;
}

/** POST /api/complete: what may stand in place of text[from:to]. */
export interface Completion {
  from: number;
  to: number;
  items: CompletionItem[];
}

export interface CompletionItem {
  insert: string;
  label: string;
  kind: string;
  detail?: string;
}

/** The window tells the server of which types annotations are. */
export function checkFilter(expression: string, window: Window, abort?: AbortSignal): Promise<FilterCheck> {
  return post<FilterCheck>('api/filter', { expression, start: window.from, end: window.to }, abort);
}

export function complete(expression: string, cursor: number, window: Window, abort?: AbortSignal): Promise<Completion> {
  return post<Completion>('api/complete', { expression, cursor, start: window.from, end: window.to }, abort);
}
