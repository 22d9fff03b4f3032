// The listing reads a window's traces page by page, newest first, until the end or until there are
// enough rows to look at; then it waits to be told to go on. It is the slot of the trace list: a view
// asks on every render and takes what there is.
import { signal, type ReadonlySignal } from '@preact/signals';
import { aborted, ApiError } from '../api.ts';
import type { FetchPage, TraceRow, TracesQuestion } from './api.ts';

/** Rows after which the listing waits; beyond the last, as many again. */
export const stops = [5000, 20000, 100000];

/** A small first page is seen sooner. */
const firstPage = 200;
const nextPages = 1000;

/** loading, enough (waits at a stop), stopped (by the user), done (reached the start of the window), failed. */
export type Phase = 'loading' | 'enough' | 'stopped' | 'done' | 'failed';

export interface Listed {
  question: TracesQuestion;
  /** Newest first. Of an earlier question while stale. */
  rows: TraceRow[];
  stale: boolean;
  phase: Phase;
  examined: number;
  /** Epoch seconds: from here to the end of the window all is read. */
  reached: number;
  error: ApiError | undefined;
}

export class Listing {
  readonly #fetch: FetchPage;
  readonly #now: () => number;
  readonly #state = signal<Listed | undefined>(undefined);
  #key = '';
  #token: string | undefined;
  #abort: AbortController | undefined;
  #stop = 0;
  // Rows of the same expression that a refresh leaves in place until there are as many again.
  #held = 0;

  /** now is in milliseconds and only spaces the updates. */
  constructor(fetch: FetchPage, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  get state(): ReadonlySignal<Listed | undefined> {
    return this.#state;
  }

  /**
   * What there is for the question; a new one is begun, and the reading for the old one ends. The same question is new
   * when it was asked at another time.
   */
  ask(question: TracesQuestion, asked = 0): Listed | undefined {
    const key = JSON.stringify([question, asked]);
    if (key !== this.#key) {
      this.#key = key;
      queueMicrotask(() => this.#key === key && void this.#begin(question));
    }
    return this.#state.value;
  }

  /** Ends the reading; goOn takes it up where it was. */
  stop(): void {
    this.#abort?.abort();
    this.#set({ phase: 'stopped' });
  }

  /** Reads on after a stop, a failure, or when there were enough rows. Resolves when it rests again. */
  goOn(): Promise<void> {
    const rows = this.#state.peek()?.rows.length ?? 0;
    while (rows >= this.#stop) this.#stop = stops.find((stop) => stop > this.#stop) ?? this.#stop + stops.at(-1)!;
    return this.#read();
  }

  #begin(question: TracesQuestion): Promise<void> {
    this.#token = undefined;
    this.#stop = stops[0]!;
    const before = this.#state.peek();
    const rows = before?.rows ?? [];
    this.#held = before?.question.expression === question.expression ? rows.length : 0;
    this.#state.value = { question, rows, stale: rows.length > 0, phase: 'loading', examined: 0, reached: question.end, error: undefined };
    return this.#read();
  }

  async #read(): Promise<void> {
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    this.#set({ phase: 'loading', error: undefined });
    try {
      const phase = await this.#pages(abort.signal);
      if (!abort.signal.aborted) this.#set({ phase });
    } catch (cause) {
      if (!abort.signal.aborted && !aborted(cause)) this.#set({ phase: 'failed', error: asError(cause) });
    }
  }

  // Reads pages until the end or the stop. Rows are shown at the first page and then a few times a second.
  async #pages(abort: AbortSignal): Promise<Phase> {
    const before = this.#state.peek()!;
    const rows = before.stale ? [] : [...before.rows];
    // What a reading has come to that was stopped before its rows were shown is read again.
    let { examined, reached } = before.stale ? { examined: 0, reached: before.question.end } : before;
    let token = this.#token;
    let shown = -Infinity;
    let told = -Infinity;
    for (;;) {
      const limit = rows.length === 0 ? firstPage : nextPages;
      const page = await this.#fetch(before.question, limit, token, abort);
      if (abort.aborted) return 'stopped';
      if (page.token !== undefined && page.token === token)
        throw new ApiError(0, 'Repeated', 'The server gave the same page twice; refresh to begin again.');
      rows.push(...page.traces);
      examined += page.examined;
      reached = page.reached;
      const rests = page.token === undefined || rows.length >= this.#stop;
      if (rests || (rows.length >= this.#held && this.#now() - shown > 250)) {
        this.#set({ rows: [...rows], stale: false, examined, reached });
        this.#token = page.token; // of the rows that are shown: after a stop the reading begins there again
        shown = this.#now();
      } else if (this.#state.peek()!.stale && this.#now() - told > 250) {
        this.#set({ examined, reached });
        told = this.#now();
      }
      token = page.token;
      if (page.token === undefined) return 'done';
      if (rests) return 'enough';
    }
  }

  #set(patch: Partial<Listed>): void {
    const state = this.#state.peek();
    if (state) this.#state.value = { ...state, ...patch };
  }
}

function asError(cause: unknown): ApiError {
  return cause instanceof ApiError ? cause : new ApiError(0, 'Unexpected', cause instanceof Error ? cause.message : String(cause));
}
