// The server, as the console sees it: one typed function per question. X-Ray's own actions and the
// console's JSON under /api/ are asked the same way; a failure is always an ApiError.
import { signal } from '@preact/signals';

/** What the server refused or could not do. `status` is 0 when no answer came at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** X-Ray's name of the error, such as InvalidRequestException. */
    readonly type: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** GET /api/session */
export interface Session {
  required: boolean;
  authenticated: boolean;
  name?: string;
}

/** GET /api/about */
export interface About {
  version: string;
  region: string;
  account: string;
  retentionSeconds: number;
}

/** The session; undefined until the server has been asked. A 401 anywhere makes it unauthenticated. */
export const session = signal<Session | undefined>(undefined);

/** Asks with JSON. Paths are relative to the page: "api/traces", "TraceGraph". */
export function post<T>(path: string, body: unknown, abort?: AbortSignal): Promise<T> {
  return ask<T>(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: abort,
  });
}

export function get<T>(path: string, abort?: AbortSignal): Promise<T> {
  return ask<T>(path, { method: 'GET', signal: abort });
}

export function remove(path: string): Promise<void> {
  // Within a session, what changes something has to declare JSON, which pages of other sites cannot.
  return ask<void>(path, { method: 'DELETE', headers: { 'Content-Type': 'application/json' } });
}

/** True for the error of a request that was called off. */
export function aborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

interface Call {
  method: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
}

async function ask<T>(path: string, call: Call): Promise<T> {
  const reply = await send(path, call);
  const text = await reply.text();
  if (reply.status === 401 && path !== 'api/session') session.value = { required: true, authenticated: false };
  if (!reply.ok) throw refusal(reply.status, text);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function send(path: string, call: Call): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...call } as RequestInit);
  } catch (cause) {
    if (aborted(cause)) throw cause;
    throw new ApiError(0, 'Unreachable', 'The server does not answer. Is it running, and is this page still on its address?');
  }
}

function refusal(status: number, text: string): ApiError {
  try {
    const body = JSON.parse(text) as { __type?: string; Message?: string; message?: string };
    const type = (body.__type ?? '').replace(/^.*#/, '');
    return new ApiError(status, type, body.Message ?? body.message ?? `The server answered ${status}.`);
  } catch {
    return new ApiError(status, '', `The server answered ${status}: ${text.slice(0, 200)}`);
  }
}
