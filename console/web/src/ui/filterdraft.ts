// The filter as it is being written: the text, what the server says about it, what may come next.
// The box draws this; the URL gets the text when it is run.
import { computed, effect, signal } from '@preact/signals';
import { recentFilters, rememberFilter } from '../lib/recent.ts';
import { traceIdOf } from '../lib/traceid.ts';
import { Slot } from '../slot.ts';
import { filter, go, place, setParams, timeWindow } from '../state.ts';
import { checkFilter, complete, type Completion, type CompletionItem, type FilterCheck } from './filterapi.ts';

/** Waits this long, in milliseconds, for the next key before it asks. */
const pause = 120;

export const draft = signal(filter.peek());
export const cursor = signal(0);

/** True while the list of completions is wanted. */
export const listing = signal(false);

/** The chosen line of the list; -1: none, so that enter runs the filter. */
export const active = signal(-1);

// The text and cursor for which the server is asked: those of the last pause.
const settled = signal({ text: draft.peek(), cursor: 0 });
let timer: ReturnType<typeof setTimeout> | undefined;

const checks = new Slot<FilterCheck>();
const completions = new Slot<Completion>();

// A filter that comes from elsewhere (a clicked value, the back button) replaces the draft.
effect(() => set(filter.value, filter.value.length));

function set(text: string, at: number): void {
  clearTimeout(timer);
  draft.value = text;
  cursor.value = at;
  settled.value = { text, cursor: at };
  listing.value = false;
  active.value = -1;
}

/** Takes what was typed. */
export function type(text: string, at: number): void {
  draft.value = text;
  moveCursor(at);
  listing.value = true;
}

/** Follows the cursor; the list follows after a pause. */
export function moveCursor(at: number): void {
  cursor.value = at;
  active.value = -1;
  clearTimeout(timer);
  timer = setTimeout(settle, pause);
}

/** Asks at once, as ctrl+space does. */
export function settle(): void {
  clearTimeout(timer);
  settled.value = { text: draft.peek(), cursor: cursor.peek() };
}

/** What the server says about the settled text. Call it while rendering. */
export function check(): FilterCheck | undefined {
  const { text } = settled.value;
  if (text.trim() === '' || traceIdOf(text)) return undefined;
  const answer = checks.ask(text, (abort) => checkFilter(text, timeWindow.peek(), abort));
  return answer.stale ? undefined : answer.value;
}

/** The lines of the list: completions, or recent filters where nothing is written yet. */
export function suggestions(): { from: number; to: number; items: CompletionItem[] } {
  if (!listing.value) return nothing;
  const { text, cursor: at } = settled.value;
  const answer = completions.ask(`${at} ${text}`, (abort) => complete(text, at, timeWindow.peek(), abort));
  const found = answer.stale || !answer.value ? nothing : answer.value;
  const recent = text.trim() === '' ? recentItems() : [];
  const items = [...recent, ...(found.items ?? []).filter((item) => item.insert !== text.slice(found.from, found.to))];
  return recent.length > 0 ? { from: 0, to: text.length, items } : { from: found.from, to: found.to, items };
}

const nothing = { from: 0, to: 0, items: [] };

function recentItems(): CompletionItem[] {
  return recentFilters()
    .slice(0, 8)
    .map((text) => ({ insert: text, label: text, kind: 'recent' }));
}

/** Puts a completion into the text and returns where the cursor goes. */
export function accept(item: CompletionItem, from: number, to: number): number {
  const text = draft.peek();
  const at = from + item.insert.length;
  type(text.slice(0, from) + item.insert + text.slice(to), at);
  settle();
  if (item.kind === 'recent') listing.value = false;
  return at;
}

/** The trace id in the box, when it holds one and nothing else. */
export const pastedTrace = computed(() => traceIdOf(draft.value));

/**
 * Runs the draft: a trace id opens its trace, a good filter goes into the URL. Returns false, and
 * keeps the user where he is, when the server found an error.
 */
export async function run(): Promise<boolean> {
  const text = draft.peek().trim();
  const id = traceIdOf(text);
  if (id) {
    set(filter.peek(), filter.peek().length);
    go({ page: 'trace', id });
    return true;
  }
  settle();
  listing.value = false;
  if (text !== '' && !(await passes(text))) return false;
  rememberFilter(text);
  // The map is of all traces of a group; a filter is for the list.
  if (place.peek().page === 'map' && text !== '') go({ page: 'traces', params: { filter: text } });
  else setParams({ filter: text });
  return true;
}

// When the server can't be asked, the page below says so better than the box could.
async function passes(text: string): Promise<boolean> {
  try {
    return (await checkFilter(text, timeWindow.peek())).error === undefined;
  } catch {
    return true;
  }
}

/** Writes a text into the box and runs it. */
export function replaceAndRun(text: string): Promise<boolean> {
  set(text, text.length);
  return run();
}

/** Drops what was written since the filter was last run. */
export function revert(): void {
  set(filter.peek(), filter.peek().length);
}
