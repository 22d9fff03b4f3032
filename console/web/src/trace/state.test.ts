import { location } from './testing_browser.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { place, setParams } from '../state.ts';
import { TraceState } from './state.ts';
import { fakeTimers, reply, segment, sub, traceId } from './testing.ts';

const tree = () =>
  reply(
    segment('a', 0, 1, {
      subsegments: [
        sub('b', 0.1, 0.5, { subsegments: [sub('c', 0.2, 0.3, { fault: true }), sub('d', 0.3, 0.4)] }),
        sub('e', 0.6, 0.9, { error: true }),
      ],
    }),
  );

function open(params: Record<string, string> = {}): TraceState {
  place.value = { page: 'trace', id: traceId, raw: false, params };
  return new TraceState(tree());
}

const keys = (state: TraceState) => state.rows.value.map((s) => s.key).join('');

test('a selected row is one whose callers are open', () => {
  const state = open({ segment: 'C' });
  state.collapseAll();
  assert.equal(keys(state), 'a');
  assert.equal(state.selected.value?.key, 'a');
  state.reveal(state.trace.value.byKey.get('d'));
  assert.equal(keys(state), 'abcde');
  assert.equal(state.selected.value?.key, 'd');
});

test('levels close and open one by one', () => {
  const state = open();
  const seen = [keys(state)];
  for (const step of ['collapseLevel', 'collapseLevel', 'collapseLevel', 'expandLevel', 'expandLevel', 'expandLevel'] as const) {
    state[step]();
    seen.push(keys(state));
  }
  assert.deepEqual(seen, ['abcde', 'abe', 'a', 'a', 'abe', 'abcde', 'abcde']);
});

test('the selection moves over listed rows and stops at the ends', () => {
  const state = open();
  state.collapse(state.trace.value.byKey.get('b')!, true);
  const seen: (string | undefined)[] = [];
  for (const by of [1, 1, 1, 1, -1, -9, Infinity]) {
    state.move(by);
    seen.push(state.selected.value?.key);
  }
  assert.deepEqual(seen, ['a', 'b', 'e', 'e', 'b', 'a', 'e']);
});

test('failures are stepped through, hidden ones too', () => {
  const state = open();
  state.collapseAll();
  state.step(state.failures.value, 1);
  assert.deepEqual([state.selected.value?.key, keys(state)], ['c', 'abcde']);
  state.step(state.failures.value, 1);
  assert.equal(state.selected.value?.key, 'e');
});

test('a row that the search hides is shown again when it is gone to', () => {
  const state = open({ find: 'fault', only: '1' });
  assert.equal(keys(state), 'abc');
  state.reveal(state.trace.value.byKey.get('e'));
  assert.deepEqual([state.only.value, state.selected.value?.key], [false, 'e']);
});

test('the URL follows a moment later, once, and only in what changed', () => {
  const clock = fakeTimers();
  const state = open({ theme: 'dark' });
  const stop = state.follow();
  state.move(1);
  state.move(1);
  state.show({ from: 0.1, to: 0.4 });
  state.critical.value = true;
  assert.equal(place.value.params.segment, undefined);
  clock.tick(200);
  assert.deepEqual(place.value.params, { theme: 'dark', segment: 'b', zoom: '100~400', critical: '1' });
  assert.match(location.hash, /segment=b/);
  state.showAll();
  clock.tick(200);
  assert.equal(place.value.params.zoom, undefined);
  stop();
  state.move(1);
  clock.tick(200);
  assert.equal(place.value.params.segment, 'b');
  clock.restore();
});

test('going back in the history brings the old choices back', () => {
  const state = open({ segment: 'b', zoom: '100~400' });
  const stop = state.follow();
  setParams({ segment: 'e', zoom: undefined, clocks: 'corrected' });
  assert.deepEqual([state.selected.value?.key, state.view.value, state.corrected.value], ['e', { from: 0, to: 1 }, true]);
  stop();
});

test('a refresh keeps what was chosen', () => {
  const state = open({ segment: 'b', zoom: '100~400' });
  state.collapse(state.trace.value.byKey.get('b')!, true);
  state.reply.value = reply(...tree().Segments.map((s) => s.Document), segment('f', 0.2, 3, { parent_id: 'e' }));
  assert.deepEqual([keys(state), state.selected.value?.key, state.view.value], ['abef', 'b', { from: 0.1, to: 0.4 }]);
});
