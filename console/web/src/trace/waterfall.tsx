// The waterfall: a tree of rows against time. Only the rows on screen exist, so that ten thousand
// cost what ten do.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { recall, remember } from '../lib/storage.ts';
import { Brush } from './brush.tsx';
import type { Span } from './model.ts';
import { Row, rowHeight, rowId } from './row.tsx';
import { Bar } from './split.tsx';
import type { TraceState } from './state.ts';
import { pan, share, tickLabels, ticks, zoom, type View } from './view.ts';

/** Rows kept above and below the visible ones. */
const spare = 6;

export function Waterfall(props: { state: TraceState }) {
  const { state } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const [top, setTop] = useState(0);
  const [wish, setNames] = useState(() => Number(recall('trace.names')) || undefined);
  const names = wish ?? Math.round(Math.min(Math.max(size.width * 0.34, 300), 560));
  useReveal(state, box, size.height);
  const resize = (to: number) => {
    const fitting = Math.round(Math.min(Math.max(to, 160), Math.max(200, size.width - 240)));
    setNames(fitting);
    remember('trace.names', String(fitting));
  };
  const rows = state.rows.value;
  const first = Math.max(0, Math.floor(top / rowHeight) - spare);
  const last = Math.min(rows.length, Math.ceil((top + size.height) / rowHeight) + spare);
  const selected = state.selected.value;
  const width = Math.min(names, Math.max(160, size.width - 240));
  return (
    <div class="trace-waterfall" style={{ '--names': `${width}px` }}>
      <div
        class="trace-tree"
        ref={box}
        role="treegrid"
        tabIndex={0}
        aria-label="Segments and subsegments"
        aria-rowcount={rows.length + 1}
        aria-activedescendant={selected && rowId(selected)}
        data-testid="waterfall"
        onScroll={(e) => setTop(e.currentTarget.scrollTop)}
        onKeyDown={(e) => treeKey(e, state, size.height)}
        {...useTimeline(state, width)}
      >
        <Ruler state={state} />
        <div class="trace-content" role="rowgroup" style={{ height: `${rows.length * rowHeight}px` }}>
          <Lines state={state} />
          {rows.slice(first, last).map((span, i) => (
            <RowOf key={span.key} state={state} span={span} at={first + i} selected={span === selected} />
          ))}
        </div>
        {rows.length === 0 && <p class="trace-norows">No row matches. Change the search, or show all rows again with “Only matches”.</p>}
      </div>
      <Bar label="Width of the names" upright value={width} min={160} grow={1} set={resize} />
    </div>
  );
}

function RowOf(props: { state: TraceState; span: Span; at: number; selected: boolean }) {
  const { state, span } = props;
  return (
    <Row
      {...props}
      collapsed={state.collapsed.value.has(span.key)}
      match={state.search.value.trim() === '' ? undefined : state.matched.value.has(span)}
      view={state.view.value}
      timing={state.timing.value}
      path={state.path.value?.stretches.get(span.index)}
    />
  );
}

function Ruler(props: { state: TraceState }) {
  const { state } = props;
  const view = state.view.value;
  const scale = sinceFirst(state);
  const moments = ticks(scale, 6);
  const labels = tickLabels(moments, scale);
  return (
    <div class="trace-ruler" role="row">
      <div class="trace-name" role="columnheader">
        Segment
      </div>
      <div class="trace-time" role="columnheader" aria-label="Time">
        <Brush view={view} class="trace-scale" title="Draw to zoom" drawn={(v) => state.show(v)}>
          {moments.map((t, i) => (
            <span key={labels[i]} style={{ left: `${share(scale, t) * 100}%` }}>
              {labels[i]}
            </span>
          ))}
        </Brush>
      </div>
    </div>
  );
}

/** What is shown, counted from the first start, which corrected clocks may have moved. */
function sinceFirst(state: TraceState): View {
  const { from, to } = state.view.value;
  const { first } = state.timing.value;
  return { from: from - first, to: to - first };
}

function Lines(props: { state: TraceState }) {
  const scale = sinceFirst(props.state);
  return (
    <div class="trace-lines" aria-hidden="true">
      {ticks(scale, 6).map((t) => (
        <i key={t} style={{ left: `${share(scale, t) * 100}%` }} />
      ))}
      <i class="trace-cursor" hidden />
    </div>
  );
}

function useSize(box: { current: HTMLDivElement | null }): { width: number; height: number } {
  const [size, setSize] = useState({ width: 1000, height: 600 });
  useLayoutEffect(() => {
    const measure = () => box.current && setSize({ width: box.current.clientWidth, height: box.current.clientHeight });
    const watch = new ResizeObserver(measure);
    watch.observe(box.current!);
    measure();
    return () => watch.disconnect();
  }, []);
  return size;
}

/** Scrolls to the selected row when it was selected from elsewhere, or when the pane shrinks and would hide it. */
function useReveal(state: TraceState, box: { current: HTMLDivElement | null }, height: number): void {
  const wish = state.revealed.value;
  const before = useRef(height);
  const row = () => {
    const selected = state.selected.peek();
    const at = selected === undefined ? undefined : state.positions.peek().get(selected);
    return at === undefined ? undefined : at * rowHeight;
  };
  useEffect(() => {
    const y = row();
    if (y !== undefined && box.current !== null) bringIntoView(box.current, y);
  }, [wish]);
  useEffect(() => {
    const y = row();
    const old = before.current;
    before.current = height;
    if (y === undefined || box.current === null || height >= old) return;
    const { scrollTop } = box.current;
    if (y >= scrollTop && y + rowHeight <= scrollTop + old) bringIntoView(box.current, y);
  }, [height]);
}

/** Puts the focus on the tree, whose selected row it then is. */
export function focusTree(): void {
  document.querySelector<HTMLElement>('.trace-tree')?.focus({ preventScroll: true });
}

/** Scrolls as little as possible, or to the middle when the row is more than a page away. */
function bringIntoView(box: HTMLDivElement, y: number): void {
  const { scrollTop, clientHeight } = box;
  // The ruler covers as much as a row.
  const room = clientHeight - rowHeight;
  const bottom = y + rowHeight - room;
  if (y < scrollTop) box.scrollTop = scrollTop - y < room ? y : y - room / 2;
  else if (bottom > scrollTop) box.scrollTop = bottom - scrollTop < room ? bottom : y - room / 2;
}

/** The keys of a tree, while it has the focus. */
function treeKey(e: KeyboardEvent, state: TraceState, height: number): void {
  const page = Math.max(1, Math.floor(height / rowHeight) - 2);
  const run = {
    ArrowDown: () => state.move(1),
    ArrowUp: () => state.move(-1),
    PageDown: () => state.move(page),
    PageUp: () => state.move(-page),
    Home: () => state.move(-Infinity),
    End: () => state.move(Infinity),
    ArrowRight: () => inward(state),
    ArrowLeft: () => outward(state),
    ' ': () => toggle(state),
  }[e.key];
  if (run === undefined || e.ctrlKey || e.metaKey || e.altKey) return;
  e.preventDefault();
  run();
}

function inward(state: TraceState): void {
  const span = state.selected.peek();
  if (span === undefined) return state.move(1);
  if (state.collapsed.peek().has(span.key)) state.collapse(span, false);
  else if (span.children.length > 0) state.move(1);
}

function outward(state: TraceState): void {
  const span = state.selected.peek();
  if (span === undefined) return;
  if (span.children.length > 0 && !state.collapsed.peek().has(span.key)) state.collapse(span, true);
  else state.reveal(span.parent);
}

function toggle(state: TraceState): void {
  const span = state.selected.peek();
  if (span !== undefined) state.toggle(span);
}

/** What the pointer does: it selects rows, opens them, and moves and zooms the time. */
function useTimeline(state: TraceState, names: number) {
  const drag = useRef<{ x: number; moved: boolean; pointer: number } | undefined>(undefined);
  const dragged = useRef(false);
  const at = (e: MouseEvent) => {
    const box = e.currentTarget as HTMLElement;
    const left = box.getBoundingClientRect().left + names;
    const width = box.clientWidth - names;
    return { share: (e.clientX - left) / width, width };
  };
  const spanOf = (e: Event) => state.trace.peek().byKey.get((e.target as Element).closest<HTMLElement>('[data-key]')?.dataset.key ?? '');
  return {
    onPointerDown: (e: PointerEvent) => {
      dragged.current = false;
      if (e.button === 0 && at(e).share > 0 && spanOf(e) !== undefined) drag.current = { x: e.clientX, moved: false, pointer: e.pointerId };
    },
    onPointerMove: (e: PointerEvent) => {
      const { share, width } = at(e);
      showCursor(e.currentTarget as HTMLElement, share);
      const d = drag.current;
      if (d === undefined || (!d.moved && Math.abs(e.clientX - d.x) < 4)) return;
      if (!d.moved) (e.currentTarget as Element).setPointerCapture(d.pointer);
      d.moved = dragged.current = true;
      state.show(pan(state.view.peek(), state.all.peek(), (d.x - e.clientX) / width));
      d.x = e.clientX;
    },
    onPointerUp: () => (drag.current = undefined),
    onPointerCancel: () => (drag.current = undefined),
    onPointerLeave: (e: PointerEvent) => showCursor(e.currentTarget as HTMLElement, -1),
    onClick: (e: MouseEvent) => {
      const span = spanOf(e);
      if (span === undefined || dragged.current) return;
      if ((e.target as Element).closest('[data-fold]')) state.toggle(span);
      else state.select(span);
    },
    onDblClick: (e: MouseEvent) => {
      const span = spanOf(e);
      if (span === undefined) return;
      if (at(e).share > 0) state.showSpan(span);
      else state.toggle(span);
    },
    onWheel: (e: WheelEvent) => {
      const { share, width } = at(e);
      const view = state.view.peek();
      if (e.ctrlKey || e.metaKey) {
        e.preventDefault();
        const moment = view.from + Math.min(Math.max(share, 0), 1) * (view.to - view.from);
        state.show(zoom(view, state.all.peek(), Math.exp(Math.min(Math.max(e.deltaY, -100), 100) * 0.004), moment));
      } else if (e.deltaX !== 0 || e.shiftKey) {
        e.preventDefault();
        state.show(pan(view, state.all.peek(), (e.deltaX || e.deltaY) / width));
      }
    },
  };
}

/** Moves the line under the pointer without a render: it follows every movement. */
function showCursor(box: HTMLElement, share: number): void {
  const line = box.querySelector<HTMLElement>('.trace-cursor');
  if (line === null) return;
  line.hidden = share < 0 || share > 1;
  line.style.left = `${share * 100}%`;
}
