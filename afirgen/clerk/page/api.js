// The backend's API: one function that asks, and one kind of error.
import {retryAfter} from './model.js';

// Refused is everything but a good answer: what the server said, or why there is no answer.
export class Refused extends Error {
  constructor(more) {
    super(more.detail);
    Object.assign(this, {status: 0, type: '', detail: '', problems: [], trace: '', request: '', wait: 0}, more);
  }

  // unsure says that the server may have done what was asked all the same.
  get unsure() { return this.status === 0 || this.status >= 500; }
}

// ask sends one request. json and form are bodies; as is how the answer is read.
export async function ask(method, path, {key, json, form, signal, as = 'json'} = {}) {
  const headers = {'X-API-Key': key ?? ''};
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  let answer;
  try {
    answer = await fetch(path, {method, headers, body: json !== undefined ? JSON.stringify(json) : form, signal, cache: 'no-store'});
    if (answer.ok) return as === 'blob' ? await answer.blob() : await answer.json();
  } catch (e) {
    if (signal?.aborted) throw new Refused({type: 'cancelled'});
    throw new Refused({type: navigator.onLine ? 'unreachable' : 'offline'});
  }
  throw await refusal(answer);
}

async function refusal(answer) {
  const body = await answer.json().catch(() => ({}));
  const root = /Root=([0-9a-f-]+)/.exec(answer.headers.get('X-Amzn-Trace-Id') ?? '');
  return new Refused({
    status: answer.status, type: body.error_type ?? '', detail: body.detail ?? answer.statusText, problems: body.problems ?? [],
    trace: root?.[1] ?? '', request: answer.headers.get('X-Request-Id') ?? '',
    wait: retryAfter(answer.headers.get('Retry-After'), Date.now()),
  });
}
