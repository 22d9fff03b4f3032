// Search, failures and overlays: the strip above the waterfall.
import type { RefObject } from 'preact';
import { Icon } from '../ui/icon.tsx';
import { FailureMark } from './mark.tsx';
import type { TraceState } from './state.ts';
import { isWhole } from './view.ts';

export function Toolbar(props: { state: TraceState; searchBox: RefObject<HTMLInputElement | null> }) {
  const { state } = props;
  const { skews } = state.clocks.value;
  return (
    <div class="trace-toolbar" role="toolbar" aria-label="Waterfall">
      <Search state={state} box={props.searchBox} />
      <Failures state={state} />
      <div class="grow" />
      <Toggle on={state.mapped.value} flip={() => (state.mapped.value = !state.mapped.peek())} title="Who called whom in this trace (m)">
        Map
      </Toggle>
      <Toggle
        on={state.critical.value}
        flip={() => (state.critical.value = !state.critical.peek())}
        title="What the end of the trace waited for (c)"
      >
        Critical path
      </Toggle>
      {skews.length > 0 && (
        <Toggle
          on={state.corrected.value}
          flip={() => (state.corrected.value = !state.corrected.peek())}
          title="Move callees whose clocks are off into the calls to them"
        >
          Correct clocks
        </Toggle>
      )}
      <span class="trace-group">
        <button class="button small" onClick={() => state.collapseLevel()} title="One level less ([)" aria-label="Collapse one level">
          −
        </button>
        <button class="button small" onClick={() => state.expandLevel()} title="One level more (])" aria-label="Expand one level">
          +
        </button>
        <button class="button small" onClick={() => state.expandAll()} title="Expand everything (})">
          All
        </button>
      </span>
      <button
        class="button small"
        disabled={isWhole(state.view.value, state.all.value)}
        onClick={() => state.showAll()}
        title="Show all of the time (0)"
      >
        Fit
      </button>
    </div>
  );
}

function Search(props: { state: TraceState; box: RefObject<HTMLInputElement | null> }) {
  const { state } = props;
  const text = state.typed.value;
  const searching = state.search.value.trim() !== '';
  const matches = state.matches.value;
  const key = (e: KeyboardEvent) => {
    if (e.key === 'Enter') {
      e.preventDefault();
      state.seek(state.typed.peek());
      state.step(state.matches.peek(), e.shiftKey ? -1 : 1);
    }
    if (e.key === 'Escape') {
      e.preventDefault();
      state.seek('');
      props.box.current?.blur();
    }
  };
  return (
    <div class="trace-search" role="search">
      <Icon name="search" />
      <input
        ref={props.box}
        class="input"
        type="text"
        value={text}
        placeholder="Find: name, URL, tenant=acme, SQL …"
        aria-label="Find in this trace"
        spellcheck={false}
        autocomplete="off"
        data-testid="trace-search"
        onInput={(e) => state.seek(e.currentTarget.value, true)}
        onKeyDown={key}
      />
      {searching && (
        <>
          <span class="trace-found" role="status" data-testid="trace-found">
            {found(state)}
          </span>
          <button
            class="button quiet small"
            onClick={() => state.step(matches, -1)}
            disabled={matches.length === 0}
            aria-label="Previous match"
            title="Previous match (shift+enter)"
          >
            ↑
          </button>
          <button
            class="button quiet small"
            onClick={() => state.step(matches, 1)}
            disabled={matches.length === 0}
            aria-label="Next match"
            title="Next match (enter)"
          >
            ↓
          </button>
          <Toggle
            on={state.only.value}
            flip={() => (state.only.value = !state.only.peek())}
            title="Hide rows that neither match nor lead to a match"
          >
            Only matches
          </Toggle>
        </>
      )}
    </div>
  );
}

/** "3 of 17", or "17" while no match is selected. */
function found(state: TraceState): string {
  const matches = state.matches.value;
  const selected = state.selected.value;
  if (matches.length === 0) return 'no match';
  const at = selected !== undefined && state.matched.value.has(selected) ? matches.indexOf(selected) + 1 : 0;
  return at > 0 ? `${at} of ${matches.length}` : `${matches.length} found`;
}

function Failures(props: { state: TraceState }) {
  const { state } = props;
  const list = state.failures.value;
  if (list.length === 0) return <span class="trace-quiet">No failures</span>;
  const { faults, errors, throttles } = state.trace.value.counts;
  return (
    <span class="trace-failures">
      <Count of="fault" n={faults} />
      <Count of="error" n={errors} />
      <Count of="throttle" n={throttles} />
      <span class="trace-group">
        <button class="button small" onClick={() => state.step(list, -1)} aria-label="Previous failure" title="Previous failure (p)">
          ↑
        </button>
        <button class="button small" onClick={() => state.step(list, 1)} aria-label="Next failure" title="Next failure (n)">
          ↓
        </button>
      </span>
    </span>
  );
}

function Count(props: { of: 'fault' | 'error' | 'throttle'; n: number }) {
  if (props.n === 0) return null;
  const word = { fault: 'fault', error: 'error', throttle: 'throttled' }[props.of];
  return (
    <span class={`trace-count ${props.of}`}>
      <FailureMark of={props.of} />
      {`${props.n} ${word}${props.n === 1 || props.of === 'throttle' ? '' : 's'}`}
    </span>
  );
}

function Toggle(props: { on: boolean; flip: () => void; title: string; children: string }) {
  return (
    <button class="button small" aria-pressed={props.on} title={props.title} onClick={props.flip}>
      {props.children}
    </button>
  );
}
