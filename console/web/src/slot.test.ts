import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from './api.ts';
import { Slot } from './slot.ts';

// Lets what was scheduled run: promises settle within a few turns.
async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

test('nothing, then fresh; asked once', async () => {
  const slot = new Slot<number>();
  let asked = 0;
  const load = async () => ++asked;
  assert.deepEqual(slot.ask('q', load), { value: undefined, stale: false, loading: true, error: undefined });
  slot.ask('q', load);
  await turns();
  assert.deepEqual(slot.ask('q', load), { value: 1, stale: false, loading: false, error: undefined });
  assert.equal(asked, 1);
});

test('the answer of the last question is stale while the next is fetched', async () => {
  const slot = new Slot<string>();
  slot.ask('a', async () => 'A');
  await turns();
  assert.deepEqual(
    slot.ask('b', async () => 'B'),
    { value: 'A', stale: true, loading: true, error: undefined },
  );
  await turns();
  assert.equal(slot.ask('b', async () => 'B').value, 'B');
});

test('a late answer to an old question is dropped, and its request called off', async () => {
  const slot = new Slot<string>();
  let answer: (text: string) => void = () => {};
  let aborted: AbortSignal | undefined;
  slot.ask('old', (abort) => ((aborted = abort), new Promise((resolve) => (answer = resolve))));
  await turns();
  slot.ask('new', async () => 'new');
  await turns();
  answer('old');
  await turns();
  assert.equal(slot.ask('new', async () => 'x').value, 'new');
  assert.equal(aborted?.aborted, true);
});

test('a question that was passed over within a turn is never asked', async () => {
  const slot = new Slot<string>();
  const asked: string[] = [];
  for (const q of ['a', 'b', 'c']) slot.ask(q, async () => (asked.push(q), q));
  await turns();
  assert.deepEqual(asked, ['c']);
});

test('a failure keeps the stale answer and says what happened; again asks again', async () => {
  const slot = new Slot<string>();
  slot.ask('a', async () => 'A');
  await turns();
  const fail = async () => {
    throw new ApiError(503, 'ServiceUnavailable', 'busy');
  };
  slot.ask('b', fail);
  await turns();
  const failed = slot.ask('b', fail);
  assert.equal(failed.value, 'A');
  assert.equal(failed.stale, true);
  assert.equal(failed.error?.message, 'busy');
  slot.again();
  slot.ask('b', async () => 'B');
  await turns();
  assert.equal(slot.ask('b', async () => 'B').value, 'B');
});
