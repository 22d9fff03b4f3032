// Time ranges as the URL carries them: an ISO 8601 duration back from now (PT1H, P7D) or two UTC
// times (2026-01-31T10:00~2026-01-31T11:30:15.250).

/** Epoch seconds, from included, to excluded. */
export interface Window {
  from: number;
  to: number;
}

export type Range = { kind: 'relative'; seconds: number } | { kind: 'absolute'; from: number; to: number };

export const defaultRange: Range = { kind: 'relative', seconds: 3600 };

/** A range that reaches back further is a mistake, and might begin before there are dates. Seconds. */
const longest = 10 * 366 * 86400;

/** What the picker offers, in seconds. */
export const relativeRanges = [300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 259200, 604800];

/** Reads the URL's form; what can't be read is the default, one hour. */
export function parseRange(text: string | undefined): Range {
  if (!text) return defaultRange;
  const [from, to] = text.split('~');
  if (to !== undefined) return parseAbsolute(from ?? '', to) ?? defaultRange;
  const seconds = parseDuration(text);
  return seconds ? { kind: 'relative', seconds } : defaultRange;
}

export function formatRange(range: Range): string {
  if (range.kind === 'relative') return formatIsoDuration(range.seconds);
  return `${formatIso(range.from)}~${formatIso(range.to)}`;
}

/** Makes a range absolute; now is in epoch seconds. */
export function resolveRange(range: Range, now: number): Window {
  if (range.kind === 'absolute') return { from: range.from, to: range.to };
  return { from: now - range.seconds, to: now };
}

/** Epoch seconds of a UTC time such as 2026-01-31T10:00; undefined when it is none. */
export function parseIso(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?Z?$/.exec(text.trim());
  if (!match) return undefined;
  const ms = Date.parse(`${match[1]}T${match[2] ?? '00:00'}Z`);
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

/** The shortest UTC form that parseIso reads back to the millisecond. */
export function formatIso(seconds: number): string {
  return new Date(Math.round(seconds * 1000))
    .toISOString()
    .replace(/(:00)?\.000Z$/, '')
    .replace(/Z$/, '');
}

function parseAbsolute(from: string, to: string): Range | undefined {
  const a = parseIso(from);
  const b = parseIso(to);
  return a === undefined || b === undefined || a >= b ? undefined : { kind: 'absolute', from: a, to: b };
}

function parseDuration(text: string): number | undefined {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!match) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const length = weeks! * 604800 + days! * 86400 + hours! * 3600 + minutes! * 60 + seconds!;
  return length <= longest ? length : undefined;
}

function formatIsoDuration(seconds: number): string {
  if (seconds % 86400 === 0) return `P${seconds / 86400}D`;
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = seconds % 60;
  return `PT${h ? `${h}H` : ''}${m ? `${m}M` : ''}${s ? `${s}S` : ''}`;
}

/** The window before (-1) or after (+1), of the same length and not beyond now. */
export function shiftWindow(window: Window, direction: -1 | 1, now: number): Window {
  const length = window.to - window.from;
  const to = Math.min(window.to + direction * length, Math.max(now, window.to));
  return { from: to - length, to };
}

/** What a datetime-local field holds for a time: the wall clock's reading, in UTC or the browser's zone. */
export function toField(seconds: number, utc: boolean): string {
  const shift = utc ? 0 : new Date(seconds * 1000).getTimezoneOffset() * 60;
  return new Date(Math.floor(seconds - shift) * 1000).toISOString().slice(0, 19);
}

/** Reads such a field back to epoch seconds; undefined when it is empty or no time. */
export function fromField(text: string, utc: boolean): number | undefined {
  const ms = Date.parse(utc ? `${text}Z` : text);
  return text === '' || Number.isNaN(ms) ? undefined : ms / 1000;
}
