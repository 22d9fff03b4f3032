// The keys of the trace page.
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { useKeys, type Key } from '../ui/keys.ts';
import { backToList } from '../state.ts';
import type { TraceState } from './state.ts';
import { pan, zoom } from './view.ts';

export function useTraceKeys(state: TraceState, searchBox: RefObject<HTMLInputElement | null>): void {
  const focusSearch = () => {
    searchBox.current?.focus();
    searchBox.current?.select();
  };
  useKeys(table(state, focusSearch));
  useEffect(() => {
    // The browser's own search sees only the rows on screen; a second ctrl+f, from the box, gets it nevertheless.
    const onKey = (e: KeyboardEvent) => {
      if (e.key !== 'f' || !(e.ctrlKey || e.metaKey) || e.shiftKey || e.altKey || document.activeElement === searchBox.current) return;
      if (searchBox.current === null) return;
      e.preventDefault();
      focusSearch();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function table(state: TraceState, focusSearch: () => void): Key[] {
  const group = 'Trace';
  const change = (to: typeof zoom, by: number) => () => state.show(to(state.view.peek(), state.all.peek(), by));
  const key = (keys: string, does: string, run: () => void): Key => ({ keys, does, run, group });
  return [
    key('j', 'next row', () => state.move(1)),
    key('k', 'previous row', () => state.move(-1)),
    key('Enter', 'to the details of the row', focusDetail),
    key('[', 'one level less', () => state.collapseLevel()),
    key(']', 'one level more', () => state.expandLevel()),
    key('{', 'collapse everything', () => state.collapseAll()),
    key('}', 'expand everything', () => state.expandAll()),
    key('w', 'zoom in', change(zoom, 1 / 1.5)),
    key('s', 'zoom out', change(zoom, 1.5)),
    key('a', 'move left', change(pan, -0.2)),
    key('d', 'move right', change(pan, 0.2)),
    key('f', 'zoom to the row', () => {
      const span = state.selected.peek();
      if (span !== undefined) state.showSpan(span);
    }),
    key('0', 'show all of the time', () => state.showAll()),
    key('/', 'search in the trace', focusSearch),
    key('n', 'next failure', () => state.step(state.failures.peek(), 1)),
    key('p', 'previous failure', () => state.step(state.failures.peek(), -1)),
    key('c', 'critical path', () => (state.critical.value = !state.critical.peek())),
    key('m', 'map of the trace', () => (state.mapped.value = !state.mapped.peek())),
    key('Escape', 'close the details, then the search, then the trace', () => back(state)),
  ];
}

function focusDetail(): void {
  document.querySelector<HTMLElement>('.trace-detail')?.focus();
}

function back(state: TraceState): void {
  if (state.selected.peek() !== undefined) state.select(undefined);
  else if (state.typed.peek() !== '') state.seek('');
  else backToList();
}
