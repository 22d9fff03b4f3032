import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../api.ts';
import type { FetchPage, TraceRow, TracesPage, TracesQuestion } from './api.ts';
import { Listing, stops, type Listed } from './listing.ts';

const question: TracesQuestion = { start: 0, end: 100_000, expression: '' };
const rows = (n: number, from = 0): TraceRow[] =>
  Array.from({ length: n }, (_, i) => ({ id: `1-${from + i}`, start: 100_000 - from - i, services: [], annotations: 0 }));

// A server with so many traces; calls are kept.
function server(total: number) {
  const calls: { token: string | undefined; limit: number }[] = [];
  const fetch: FetchPage = async (_, limit, token, abort) => {
    calls.push({ token, limit });
    await Promise.resolve();
    if (abort.aborted) throw new DOMException('', 'AbortError');
    const at = Number(token ?? 0);
    const traces = rows(Math.min(limit, total - at), at);
    const next = at + traces.length;
    const page: TracesPage = { traces, examined: traces.length, matched: traces.length, reached: next < total ? 100_000 - next : 0 };
    return next < total ? { ...page, token: String(next) } : page;
  };
  return { fetch, calls };
}

// Resolves when the listing rests.
function rest(listing: Listing): Promise<Listed> {
  return new Promise((resolve) => {
    const stop = listing.state.subscribe((state) => {
      if (!state || state.phase === 'loading') return;
      queueMicrotask(() => stop());
      resolve(state);
    });
  });
}

test('it reads to the end, a small page first', async () => {
  const { fetch, calls } = server(1500);
  const listing = new Listing(fetch, () => 0);
  listing.ask(question);
  const done = await rest(listing);
  assert.equal(done.phase, 'done');
  assert.equal(done.rows.length, 1500);
  assert.equal(done.examined, 1500);
  assert.equal(done.reached, 0);
  assert.deepEqual(
    calls.map((call) => call.limit),
    [200, 1000, 1000],
  );
  assert.equal(new Set(done.rows.map((row) => row.id)).size, 1500);
});

test('it asks once for one question', async () => {
  const { fetch, calls } = server(10);
  const listing = new Listing(fetch, () => 0);
  listing.ask(question);
  listing.ask({ ...question });
  await rest(listing);
  listing.ask({ ...question });
  assert.equal(calls.length, 1);
});

test('the same question at another time is asked again: times in the past may be read anew', async () => {
  const { fetch, calls } = server(10);
  const listing = new Listing(fetch, () => 0);
  listing.ask(question, 1);
  await rest(listing);
  listing.ask(question, 2);
  await rest(listing);
  assert.equal(calls.length, 2);
});

test('it waits when there is enough to look at, and goes on when told', async () => {
  const { fetch } = server(30_000);
  const listing = new Listing(fetch, () => 0);
  listing.ask(question);
  const enough = await rest(listing);
  assert.equal(enough.phase, 'enough');
  assert.ok(enough.rows.length >= stops[0]! && enough.rows.length < stops[0]! + 1000);
  await listing.goOn();
  assert.equal(listing.state.value?.phase, 'enough');
  await listing.goOn();
  const done = listing.state.value!;
  assert.equal(done.phase, 'done');
  assert.equal(new Set(done.rows.map((row) => row.id)).size, 30_000);
});

test('pages without a match do not end it', async () => {
  let page = 0;
  const fetch: FetchPage = async () => {
    page++;
    return page < 50
      ? { traces: [], examined: 10, matched: 0, reached: 100_000 - page, token: String(page) }
      : { traces: rows(1), examined: 10, matched: 1, reached: 0 };
  };
  const listing = new Listing(fetch, () => 0);
  listing.ask(question);
  const done = await rest(listing);
  assert.equal(done.rows.length, 1);
  assert.equal(done.examined, 500);
});

test('a stop keeps what is read, and going on loses and repeats nothing', async () => {
  const { fetch } = server(4000);
  let calls = 0;
  const listing = new Listing(
    (...args) => {
      if (++calls === 3) queueMicrotask(() => listing.stop());
      return fetch(...args);
    },
    () => 0,
  );
  listing.ask(question);
  const stopped = await rest(listing);
  assert.equal(stopped.phase, 'stopped');
  assert.ok(stopped.rows.length > 0 && stopped.rows.length < 4000);
  await listing.goOn();
  const done = listing.state.value!;
  assert.equal(done.phase, 'done');
  assert.deepEqual(
    done.rows.map((row) => row.id),
    rows(4000).map((row) => row.id),
  );
});

test('a failure keeps what is read and can be tried again', async () => {
  const { fetch } = server(2000);
  let calls = 0;
  const listing = new Listing(
    async (...args) => {
      if (++calls === 2) throw new ApiError(503, 'ServiceUnavailable', 'The store is busy.');
      return fetch(...args);
    },
    () => 0,
  );
  listing.ask(question);
  const failed = await rest(listing);
  assert.equal(failed.phase, 'failed');
  assert.equal(failed.error?.message, 'The store is busy.');
  assert.equal(failed.rows.length, 200);
  await listing.goOn();
  assert.equal(listing.state.value!.rows.length, 2000);
  assert.equal(listing.state.value!.error, undefined);
});

test('a new question ends the old one, whose late answer changes nothing', async () => {
  let answerOld: (page: TracesPage) => void = () => {};
  const signals: AbortSignal[] = [];
  const fetch: FetchPage = (q, _limit, _token, abort) => {
    signals.push(abort);
    if (q.expression === 'old') return new Promise((resolve) => (answerOld = resolve));
    return Promise.resolve({ traces: rows(3), examined: 3, matched: 3, reached: 0 });
  };
  const listing = new Listing(fetch, () => 0);
  listing.ask({ ...question, expression: 'old' });
  await Promise.resolve();
  listing.ask({ ...question, expression: 'new' });
  const done = await rest(listing);
  answerOld({ traces: rows(99), examined: 99, matched: 99, reached: 0 });
  await Promise.resolve();
  assert.equal(done.question.expression, 'new');
  assert.equal(listing.state.value!.rows.length, 3);
  assert.equal(signals[0]!.aborted, true);
});

test('rows of another filter are stale until the first page, those of a refresh until there are as many', async () => {
  const { fetch } = server(2500);
  const listing = new Listing(fetch, () => 0);
  listing.ask(question);
  await rest(listing);
  const seen: [number, boolean][] = [];
  const stop = listing.state.subscribe((state) => state && seen.push([state.rows.length, state.stale]));
  listing.ask({ ...question, end: 100_001 });
  await Promise.resolve();
  await rest(listing);
  assert.ok(
    seen.every(([n]) => n === 2500),
    'a refresh never shows fewer rows',
  );
  seen.length = 0;
  listing.ask({ ...question, expression: 'fault' });
  await Promise.resolve();
  await rest(listing);
  stop();
  assert.deepEqual(seen[0], [2500, true]);
  assert.ok(seen.some(([n, stale]) => n === 200 && !stale));
});

test('while old rows stand, it tells how far it has come, and a stop then counts nothing twice', async () => {
  let quick = true;
  let calls = 0;
  const fetch: FetchPage = async (_, _limit, token) => {
    if (quick) return { traces: rows(3), examined: 3, matched: 3, reached: 0 };
    const page = Number(token ?? 0) + 1;
    if (++calls === 3) queueMicrotask(() => listing.stop());
    await Promise.resolve();
    return page < 5
      ? { traces: [], examined: 1000, matched: 0, reached: 100_000 - page, token: String(page) }
      : { traces: rows(4), examined: 1000, matched: 4, reached: 0 };
  };
  let now = 0;
  const listing = new Listing(fetch, () => (now += 1000));
  listing.ask(question);
  await rest(listing);
  quick = false;
  const told: number[] = [];
  const end = listing.state.subscribe((state) => state?.stale && told.push(state.examined));
  listing.ask(question, 1);
  await Promise.resolve();
  assert.equal((await rest(listing)).phase, 'stopped');
  assert.ok(told.includes(1000) && told.includes(2000), `told ${told}`);
  await listing.goOn();
  end();
  assert.equal(listing.state.value!.rows.length, 4);
  assert.equal(listing.state.value!.examined, 5000);
});

test('a server that repeats itself does not hold the page forever', async () => {
  const listing = new Listing(
    async () => ({ traces: [], examined: 1, matched: 0, reached: 5, token: 'same' }),
    () => 0,
  );
  listing.ask(question);
  assert.equal((await rest(listing)).error?.type, 'Repeated');
});
