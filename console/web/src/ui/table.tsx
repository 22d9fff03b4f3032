// A table of any length: a grid of which only the rows near the eye are in the document. Rows have one
// height and are placed by their number; elements are used again for other rows while scrolling.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { memo } from './memo.ts';
import { scrollTo, visibleSlice, type Slice } from './virtual.ts';

export interface Column<Row> {
  key: string;
  title: string;
  /** A track of a CSS grid: "90px", "minmax(160px, 2fr)". */
  width: string;
  number?: boolean;
  /** Absent: the column can't be sorted by. */
  sortable?: boolean;
  cell: (row: Row, index: number) => ComponentChildren;
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowClass?: (row: Row) => string;
  /** The number of the chosen row; -1: none. */
  selected: number;
  /** The number of the chosen column, for the keys that act on one value; -1: none. */
  selectedColumn?: number;
  onSelect: (index: number) => void;
  /** A click on a row, away from the values that have a meaning of their own. */
  onOpen: (row: Row, event: MouseEvent) => void;
  sort?: { by: string; down: boolean };
  onSort?: (by: string) => void;
}

const rowHeight = 28;
const headHeight = 28;

/** The id of a cell, for aria-activedescendant. */
const cellId = (row: number, column: number) => `cell-${row}-${Math.max(0, column)}`;

export function Table<Row>(props: Props<Row>) {
  const { columns, rows, selected } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [slice, setSlice] = useState<Slice>({ from: 0, to: 60 });
  const look = () => {
    const box = scroller.current;
    if (!box) return;
    const next = visibleSlice(box.scrollTop, box.clientHeight - headHeight, rowHeight, rows.length);
    setSlice((now) => (now.from === next.from && now.to === next.to ? now : next));
  };
  const latest = useRef(look);
  latest.current = look;
  useLayoutEffect(look, [rows.length]);
  useEffect(() => {
    const watch = new ResizeObserver(() => latest.current());
    watch.observe(scroller.current!);
    return () => watch.disconnect();
  }, []);
  const lines = useRef({ ...props });
  Object.assign(lines.current, props);
  const onLine = useMemo(() => (event: MouseEvent, index: number) => pressed(lines.current, event, index), []);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box && selected >= 0) box.scrollTop = scrollTo(selected, box.scrollTop, box.clientHeight - headHeight, rowHeight);
  }, [selected]);

  const tracks = columns.map((column) => column.width).join(' ');
  const minWidth = `${leastWidth(columns)}px`;
  // Elements are told apart by this, which only grows: a slice at either end of the table is shorter.
  const longest = useRef(0);
  const most = (longest.current = Math.max(longest.current, slice.to - slice.from));
  return (
    <div
      ref={scroller}
      class="table"
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={selected >= slice.from && selected < slice.to ? cellId(selected, props.selectedColumn ?? 0) : undefined}
      onScroll={look}
    >
      <div class="table-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: tracks, minWidth }}>
        {columns.map((column) => (
          <Head key={column.key} column={column} {...props} />
        ))}
      </div>
      <div class="table-rows" role="rowgroup" style={{ height: `${rows.length * rowHeight}px`, minWidth }}>
        {drawn(slice, rows.length).map((index) => (
          <KeptLine
            key={index % most}
            index={index}
            row={rows[index]}
            columns={columns as Column<unknown>[]}
            tracks={tracks}
            kind={props.rowClass?.(rows[index]!) ?? ''}
            chosen={index === selected}
            chosenColumn={index === selected ? (props.selectedColumn ?? -1) : -1}
            onClick={onLine}
          />
        ))}
      </div>
    </div>
  );
}

// Head and rows are grids of their own and line up because all have this width at least.
function leastWidth<Row>(columns: Column<Row>[]): number {
  return columns.reduce((sum, column) => sum + Number(/\d+/.exec(column.width)?.[0] ?? 0), 0);
}

function drawn(slice: Slice, count: number): number[] {
  const to = Math.min(slice.to, count);
  return Array.from({ length: Math.max(0, to - slice.from) }, (_, i) => slice.from + i);
}

function Head<Row>(props: Props<Row> & { column: Column<Row> }) {
  const { column, sort } = props;
  const sorted = sort?.by === column.key ? (sort.down ? 'descending' : 'ascending') : undefined;
  const kind = column.number ? 'number' : '';
  if (!column.sortable)
    return (
      <div role="columnheader" class={kind}>
        {column.title}
      </div>
    );
  return (
    <div role="columnheader" class={kind} aria-sort={sorted ?? 'none'}>
      <button onClick={() => props.onSort?.(column.key)}>
        {column.title}
        <span class={sorted === 'ascending' ? 'sort-up' : ''}>{sorted && <Icon name="down" />}</span>
      </button>
    </div>
  );
}

// Buttons in a cell have prevented the click, and links know their way, also into a new tab.
function pressed<Row>(props: Props<Row>, event: MouseEvent, index: number): void {
  const row = props.rows[index];
  if (row === undefined) return;
  props.onSelect(index);
  const onLink = event.target instanceof Element && event.target.closest('a') !== null;
  if (!event.defaultPrevented && !onLink) props.onOpen(row, event);
}

interface LineProps {
  index: number;
  row: unknown;
  columns: Column<unknown>[];
  tracks: string;
  kind: string;
  chosen: boolean;
  chosenColumn: number;
  onClick: (event: MouseEvent, index: number) => void;
}

// Kept while nothing about it changes: scrolling by a few rows draws those few only.
const KeptLine = memo(function Line(props: LineProps) {
  const { index, columns, chosen } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={chosen}
      class={`table-row ${props.kind}`}
      style={{ gridTemplateColumns: props.tracks, transform: `translateY(${index * rowHeight}px)` }}
      onClick={(event) => props.onClick(event, index)}
    >
      {columns.map((column, i) => (
        <div
          key={column.key}
          id={chosen ? cellId(index, i) : undefined}
          role="gridcell"
          aria-colindex={i + 1}
          class={`${column.number ? 'number ' : ''}${i === props.chosenColumn ? 'table-cell-chosen' : ''}`}
        >
          {column.cell(props.row, index)}
        </div>
      ))}
    </div>
  );
});
