// The filter box: a text area over a coloured copy of its text, a list below it, and what the server
// says. The model is filterdraft.ts.
import { useRef } from 'preact/hooks';
import { signal } from '@preact/signals';
import { highlight } from '../lib/highlight.ts';
import { filter } from '../state.ts';
import * as draft from './filterdraft.ts';
import { FilterList, listId, optionId } from './filterlist.tsx';
import { Verdict } from './filterverdict.tsx';
import { Icon } from './icon.tsx';

const focused = signal(false);
const boxId = 'filter-box';

/** Puts the cursor at the end of the box, on whichever page it stands. */
export function focusFilter(): void {
  const box = document.getElementById(boxId);
  if (!(box instanceof HTMLTextAreaElement)) return;
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}

export function FilterBar() {
  const suggestions = focused.value ? draft.suggestions() : undefined;
  const check = draft.check();
  const error = check?.error;
  const unfinished = error !== undefined && draft.listing.value && error.to >= draft.draft.value.trimEnd().length;
  const choose = (index: number) => {
    const item = suggestions?.items[index];
    const box = document.getElementById(boxId);
    if (!suggestions || !item || !(box instanceof HTMLTextAreaElement)) return;
    const at = draft.accept(item, suggestions.from, suggestions.to);
    box.value = draft.draft.peek();
    box.setSelectionRange(at, at);
    box.focus();
  };
  return (
    <search class="filter-bar">
      <div class={`filter-field${error && !unfinished ? ' wrong' : ''}`} onFocusIn={() => (focused.value = true)} onFocusOut={onFocusOut}>
        <Icon name="search" />
        <Editor error={unfinished ? undefined : error} count={suggestions?.items.length ?? 0} choose={choose} />
        {draft.draft.value !== '' && (
          <button
            class="button quiet icon small"
            aria-label="Clear the filter"
            title="Clear the filter"
            onClick={() => void draft.replaceAndRun('').then(focusFilter)}
          >
            <Icon name="close" />
          </button>
        )}
        <button class="button small filter-run" disabled={draft.draft.value.trim() === filter.value} onClick={() => void draft.run()}>
          {draft.pastedTrace.value ? 'Open trace' : 'Run'}
          <kbd class="key">↵</kbd>
        </button>
        {/* Over the page while one writes, so that it does not jump; a line of its own afterwards. */}
        <div class={`filter-below ${focused.value ? 'popover' : ''}`}>
          <Verdict check={check} unfinished={unfinished} />
          {suggestions && suggestions.items.length > 0 && <FilterList items={suggestions.items} choose={choose} />}
        </div>
      </div>
    </search>
  );
}

// The focus may go from the box to its list, chips and buttons and back.
function onFocusOut(event: FocusEvent & { currentTarget: HTMLElement }): void {
  focused.value = event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget);
}

interface EditorProps {
  error: { from: number; to: number } | undefined;
  count: number;
  choose: (index: number) => void;
}

function Editor(props: EditorProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  const open = props.count > 0;
  const active = draft.active.value;
  return (
    <div class="filter-editor">
      <Coloured error={props.error} />
      <textarea
        id={boxId}
        ref={box}
        rows={1}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        data-testid="filter-box"
        aria-label="Filter expression or trace id"
        placeholder={'Filter, as in  service("checkout") { error OR fault },  or a trace id'}
        aria-haspopup="listbox"
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={open && active >= 0 ? optionId(active) : undefined}
        aria-invalid={props.error !== undefined}
        aria-describedby="filter-verdict"
        value={draft.draft.value}
        onInput={(event) => draft.type(event.currentTarget.value, event.currentTarget.selectionStart)}
        onSelect={(event) =>
          event.currentTarget.selectionStart !== draft.cursor.peek() && draft.moveCursor(event.currentTarget.selectionStart)
        }
        onKeyDown={(event) => onKey(event, props)}
      />
    </div>
  );
}

// What is written, in colours; the text area above it is transparent but for the cursor.
function Coloured(props: { error: { from: number; to: number } | undefined }) {
  const text = draft.draft.value;
  const { error } = props;
  const atEnd = error !== undefined && error.from >= text.length;
  return (
    <pre class="filter-colours" aria-hidden="true">
      {highlight(text, error).map((piece, i) => (
        <span key={i} class={`hl-${piece.kind}${piece.wrong ? ' hl-wrong' : ''}`}>
          {piece.text}
        </span>
      ))}
      <span class={atEnd ? 'hl-wrong' : ''}>{'\u00a0'}</span>
    </pre>
  );
}

function onKey(event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }, props: EditorProps): void {
  if (event.isComposing) return;
  const { count, choose } = props;
  const active = draft.active.peek();
  const done = () => event.preventDefault();
  const step = (by: number) => {
    draft.active.value = active < 0 && by < 0 ? count - 1 : (active + by + count) % count;
    done();
  };
  if (event.key === ' ' && event.ctrlKey) {
    draft.listing.value = true;
    draft.settle();
    return done();
  }
  if (event.key === 'Escape') {
    done();
    if (count > 0) draft.listing.value = false;
    else leave(event.currentTarget);
    return;
  }
  if (event.key === 'ArrowDown' && count === 0 && !event.currentTarget.value.includes('\n')) {
    draft.listing.value = true;
    return done();
  }
  if (count > 0 && event.key === 'ArrowDown') return step(1);
  if (count > 0 && event.key === 'ArrowUp') return step(-1);
  if (count > 0 && event.key === 'Tab' && !event.shiftKey) {
    choose(Math.max(active, 0));
    return done();
  }
  if (event.key !== 'Enter' || event.shiftKey) return;
  done();
  if (active >= 0 && active < count) choose(active);
  else void runAndLeave(event.currentTarget);
}

// After a good filter the keys belong to the page again.
async function runAndLeave(box: HTMLTextAreaElement): Promise<void> {
  if (await draft.run()) box.blur();
}

function leave(box: HTMLTextAreaElement): void {
  draft.revert();
  box.blur();
}
