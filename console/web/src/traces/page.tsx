// The trace list: charts, progress and rows of one time range, filter and group.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { and, inGroup, not } from '../lib/clause.ts';
import { asked, filter, go, group, link, place, setParams, timeWindow, utc } from '../state.ts';
import { Failed, Loading } from '../ui/empty.tsx';
import { useKeys } from '../ui/keys.ts';
import { Table } from '../ui/table.tsx';
import { fetchTraces, type TraceRow, type TracesQuestion } from './api.ts';
import { columns } from './columns.tsx';
import { Listing, type Listed } from './listing.ts';
import { clauseOf, commonOrigin, formatSort, nextSort, outcomeOf, parseSort, sorted, type ColumnKey } from './model.ts';
import { Nothing } from './nothing.tsx';
import { Overview } from './overview.tsx';
import { Progress } from './progress.tsx';
import './traces.css';
import '../ui/table.css';

// Outlives the page, so that the way back from a trace finds the list as it was.
const listing = new Listing(fetchTraces, () => performance.now());

export function TracesPage() {
  const listed = listing.ask(question(), asked.value);
  useEffect(retry, []);
  if (!listed) return <Loading on />;
  const { phase, rows, error } = listed;
  if (phase === 'failed' && rows.length === 0 && error) {
    return <Failed what="The traces could not be read" error={error} retry={() => void listing.goOn()} />;
  }
  return (
    <>
      <Overview listed={listed} />
      <Progress listed={listed} listing={listing} />
      <Loading on={phase === 'loading'} label="Reading traces" />
      {phase === 'done' && rows.length === 0 ? <Nothing examined={listed.examined} /> : <Rows listed={listed} />}
    </>
  );
}

// Who comes back to a list that failed wants it to be tried again.
function retry(): void {
  if (listing.state.peek()?.phase === 'failed') void listing.goOn();
}

function question(): TracesQuestion {
  const { from, to } = timeWindow.value;
  return { start: from, end: to, expression: inGroup(filter.value, group.value) };
}

function Rows(props: { listed: Listed }) {
  const { rows, stale } = props.listed;
  const sort = parseSort(place.value.params.sort);
  const shown = useMemo(() => sorted(rows, sort), [rows, sort.by, sort.down]);
  const around = useMemo(() => ({ origin: commonOrigin(rows), slowest: slowestOf(rows) }), [rows]);
  const [column, setColumn] = useState(-1);
  const chosenId = place.value.params.trace;
  const selected = useMemo(() => (chosenId ? shown.findIndex((row) => row.id === chosenId) : -1), [shown, chosenId]);
  const window = timeWindow.value;
  const days = window.to - window.from > 86400;
  const table = useMemo(() => columns({ ...around, utc: utc.value, days, clause: applyClause }), [around, utc.value, days]);

  const select = (index: number) => setParams({ trace: shown[Math.max(0, Math.min(index, shown.length - 1))]?.id }, true);
  const row = shown[selected];
  const chosen = table[column]?.key;
  useKeys([
    { keys: 'j', does: 'next trace', run: () => select(selected + 1) },
    { keys: 'ArrowDown', does: 'next trace', run: () => select(selected + 1) },
    { keys: 'k', does: 'trace before', run: () => select(selected - 1) },
    { keys: 'ArrowUp', does: 'trace before', run: () => select(selected - 1) },
    { keys: 'PageDown', does: 'twenty down', run: () => select(selected + 20) },
    { keys: 'PageUp', does: 'twenty up', run: () => select(selected - 20) },
    { keys: 'Home', does: 'first trace', run: () => select(0) },
    { keys: 'End', does: 'last trace', run: () => select(shown.length - 1) },
    { keys: 'Enter', does: 'open the trace', run: () => row && go({ page: 'trace', id: row.id }) },
    { keys: 'ArrowRight', does: 'next column', run: () => setColumn(Math.min(column + 1, table.length - 1)) },
    { keys: 'ArrowLeft', does: 'column before', run: () => setColumn(Math.max(column - 1, -1)) },
    { keys: 'f', does: 'filter: only this value', run: () => clauseAt(row, chosen, false) },
    { keys: 'x', does: 'filter: all but this value', run: () => clauseAt(row, chosen, true) },
    { keys: 's', does: 'sort by this column', run: () => chosen && sortBy(chosen) },
  ]);

  useEffect(() => {
    // The way back from a trace: the keyboard goes on where it was.
    if (selected >= 0 && document.activeElement === document.body) document.querySelector<HTMLElement>('.trace-rows [role="grid"]')?.focus();
  }, []);

  const sortBy = (by: string) => setParams({ sort: formatSort(nextSort(sort, by as ColumnKey)) }, true);
  return (
    <div class={`trace-rows ${stale ? 'stale' : ''}`} data-testid="trace-rows">
      <Table
        label="Traces"
        columns={table}
        rows={shown}
        rowClass={(shownRow) => `row-${outcomeOf(shownRow)}`}
        selected={selected}
        selectedColumn={column}
        onSelect={select}
        onOpen={(opened, event) => open(opened, event)}
        sort={sort}
        onSort={sortBy}
      />
    </div>
  );
}

function open(row: TraceRow, event: MouseEvent): void {
  const to = { page: 'trace', id: row.id } as const;
  if (event.ctrlKey || event.metaKey) window.open(link(to), '_blank', 'noopener');
  else go(to);
}

function applyClause(clause: string, exclude: boolean): void {
  setParams({ filter: and(filter.peek(), exclude ? not(clause) : clause) });
}

function clauseAt(row: TraceRow | undefined, column: ColumnKey | undefined, exclude: boolean): void {
  const clause = row && column && clauseOf(row, column);
  if (clause) applyClause(clause, exclude);
}

// One trace of minutes would flatten all other bars: the slowest of a hundred is the measure.
function slowestOf(rows: TraceRow[]): number {
  const times = rows.flatMap((row) => row.responseTime ?? []).sort((a, b) => a - b);
  return times[Math.floor((times.length - 1) * 0.99)] ?? 0;
}
