// The trace list as plain data: what a row shows, how rows are sorted, which clause a value stands for.
import { quote } from '../lib/clause.ts';
import type { TraceRow } from './api.ts';

/** unknown: the root has not arrived, so that none of the other four is true. */
export type Outcome = 'unknown' | 'ok' | 'error' | 'throttle' | 'fault';

/** From the bottom of a stacked bar to its top. */
export const outcomes: Outcome[] = ['unknown', 'ok', 'error', 'throttle', 'fault'];

/** Which of them a trace is counted as, in the order in which the map counts: a throttled request is an error too, but says more. */
export function outcomeOf(row: TraceRow): Outcome {
  if (!row.entry) return 'unknown';
  if (row.throttle) return 'throttle';
  if (row.fault) return 'fault';
  return row.error ? 'error' : 'ok';
}

export type ColumnKey = 'time' | 'status' | 'method' | 'url' | 'entry' | 'responseTime' | 'services' | 'user' | 'cause';

export interface Sort {
  by: ColumnKey;
  down: boolean;
}

/** As the server gives them. */
export const newestFirst: Sort = { by: 'time', down: true };

/** sort= in the URL: a column, with "-" before it when it goes down. */
export function parseSort(text: string | undefined): Sort {
  const by = columnKeys.find((key) => key === text?.replace(/^-/, ''));
  return by ? { by, down: text!.startsWith('-') } : newestFirst;
}

export function formatSort(sort: Sort): string | undefined {
  if (sort.by === newestFirst.by && sort.down === newestFirst.down) return undefined;
  return `${sort.down ? '-' : ''}${sort.by}`;
}

/** What a click on a column's head leads to: numbers begin with the largest, texts with A. */
export function nextSort(now: Sort, by: ColumnKey): Sort {
  if (now.by === by) return { by, down: !now.down };
  return { by, down: ['time', 'status', 'responseTime', 'services'].includes(by) };
}

const columnKeys: ColumnKey[] = ['time', 'status', 'method', 'url', 'entry', 'responseTime', 'services', 'user', 'cause'];

/** Sorted rows, in a new array; rows without a value come last, and equals keep their order. */
export function sorted(rows: TraceRow[], sort: Sort): TraceRow[] {
  if (sort.by === 'time') return sort.down ? rows : [...rows].reverse();
  const keyed = rows.map((row) => ({ row, value: sortValue(row, sort.by) }));
  const sign = sort.down ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.value === undefined || b.value === undefined) return Number(a.value === undefined) - Number(b.value === undefined);
    return a.value < b.value ? -sign : a.value > b.value ? sign : 0;
  });
  return keyed.map((item) => item.row);
}

function sortValue(row: TraceRow, by: ColumnKey): string | number | undefined {
  switch (by) {
    case 'time':
      return row.start;
    case 'status':
      return outcomes.indexOf(outcomeOf(row)) * 1000 + (row.status ?? 0);
    case 'entry':
      return row.entry?.name;
    case 'services':
      return row.services.length;
    default:
      return row[by];
  }
}

/** The clause that holds for the traces with this row's value; undefined where the row has none or the grammar no field. */
export function clauseOf(row: TraceRow, column: ColumnKey): string | undefined {
  switch (column) {
    case 'status':
      return statusClause(row);
    case 'method':
      return row.method && `http.method = ${quote(row.method)}`;
    case 'url':
      return row.url && `http.url = ${quote(row.url)}`;
    case 'user':
      return row.user && `user = ${quote(row.user)}`;
    case 'entry':
      return row.entry && `service(${quote(row.entry.name)}) { root }`;
    default:
      return undefined;
  }
}

/** What stands in the status column: the HTTP status, or how far the root has got. */
export function statusText(row: TraceRow): string {
  if (row.status !== undefined) return String(row.status);
  if (!row.entry) return 'no root';
  return row.responseTime === undefined && outcomeOf(row) === 'ok' ? 'open' : outcomeOf(row);
}

function statusClause(row: TraceRow): string | undefined {
  if (row.status !== undefined) return `http.status = ${row.status}`;
  const text = statusText(row);
  if (text === 'no root') return undefined;
  return text === 'open' ? '!responsetime' : text;
}

/** A URL without scheme and host where all rows have the same, which then says nothing. */
export function shortUrl(url: string, common: string): string {
  return common !== '' && url.startsWith(common) ? url.slice(common.length) || '/' : url.replace(/^https?:\/\//, '');
}

/** The scheme and host that all rows with a URL have in common; "" when there are several. */
export function commonOrigin(rows: TraceRow[]): string {
  let common = '';
  for (const { url } of rows) {
    const origin = url && /^https?:\/\/[^/?#]+/.exec(url)?.[0];
    if (!origin) continue;
    if (common !== '' && origin !== common) return '';
    common = origin;
  }
  return common;
}

/** How many requests the traces stand for; an estimate where it is more than there are. */
export const requestsOf = (rows: readonly TraceRow[]): number => rows.reduce((sum, row) => sum + (row.weight ?? 1), 0);

/** How much of the window is read, 0 to 1. */
export function shareRead(from: number, to: number, reached: number): number {
  return to > from ? Math.min(1, Math.max(0, (to - reached) / (to - from))) : 1;
}
