// What is loaded, as a file: CSV for spreadsheets, JSON for programs.
import { formatIso } from '../lib/timerange.ts';
import type { TraceRow } from './api.ts';

const columns: { name: string; of: (row: TraceRow) => string | number | boolean | undefined }[] = [
  { name: 'id', of: (row) => row.id },
  { name: 'start', of: (row) => `${formatIso(row.start)}Z` },
  { name: 'duration_s', of: (row) => row.duration },
  { name: 'response_time_s', of: (row) => row.responseTime },
  { name: 'method', of: (row) => row.method },
  { name: 'url', of: (row) => row.url },
  { name: 'status', of: (row) => row.status },
  { name: 'user', of: (row) => row.user },
  { name: 'entry_name', of: (row) => row.entry?.name },
  { name: 'entry_type', of: (row) => row.entry?.type },
  { name: 'fault', of: (row) => row.fault ?? false },
  { name: 'error', of: (row) => row.error ?? false },
  { name: 'throttle', of: (row) => row.throttle ?? false },
  { name: 'partial', of: (row) => row.partial ?? false },
  { name: 'services', of: (row) => row.services.join('; ') },
  { name: 'annotations', of: (row) => row.annotations },
  { name: 'cause', of: (row) => row.cause },
  { name: 'kept_because', of: (row) => row.keep },
  { name: 'stands_for', of: (row) => row.weight ?? 1 },
];

/** RFC 4180, with a line of names. The mark before it tells spreadsheets that it is UTF-8. */
export function toCsv(rows: TraceRow[]): string {
  const lines = rows.map((row) => columns.map((column) => field(column.of(row))).join(','));
  return '\ufeff' + [columns.map((column) => column.name).join(','), ...lines, ''].join('\r\n');
}

export function toJson(rows: TraceRow[]): string {
  return `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`;
}

// Spreadsheets run texts that begin like a formula; a quote before them keeps them texts.
function field(value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const safe = /^\s*[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
