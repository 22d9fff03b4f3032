// The trace list's question to the server.
import { post } from '../api.ts';

/** One trace in POST /api/traces. Times in epoch seconds, durations in seconds. */
export interface TraceRow {
  id: string;
  start: number;
  /** From the first start to the last end; absent while nothing has ended. */
  duration?: number;
  /** Of the root segment; absent while it has not answered. */
  responseTime?: number;
  method?: string;
  url?: string;
  status?: number;
  user?: string;
  /** The node that answered the user; absent until the root arrives. */
  entry?: { name: string; type?: string };
  /** The root's outcome; absent: false. */
  fault?: boolean;
  error?: boolean;
  throttle?: boolean;
  partial?: boolean;
  /** Names of the nodes without clients, each once. */
  services: string[];
  annotations: number;
  /** The first root cause of a failure, in one line. */
  cause?: string;
  /** Why it was kept: head, forced or trigger. */
  keep?: string;
  /** For how many requests it stands; absent: for itself. */
  weight?: number;
}

export interface TracesQuestion {
  start: number;
  end: number;
  expression: string;
}

/** POST /api/traces: one page, newest first. */
export interface TracesPage {
  traces: TraceRow[];
  /** How many traces this page looked at, matching or not. */
  examined: number;
  matched: number;
  /** Everything from here to the end of the window has been looked at. Epoch seconds. */
  reached: number;
  /** Asks for the next page; absent at the end. */
  token?: string;
}

/** A function, so that tests answer without a server. */
export type FetchPage = (q: TracesQuestion, limit: number, token: string | undefined, abort: AbortSignal) => Promise<TracesPage>;

export const fetchTraces: FetchPage = (q, limit, token, abort) =>
  post<TracesPage>('api/traces', { ...q, clock: 'start', limit, token }, abort);
