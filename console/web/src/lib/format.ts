// Numbers as people read them. Durations and times come in seconds, as X-Ray has them.

/** 0 s, 340 µs, 12.4 ms, 1.23 s, 2 min 5 s, 1 h 12 min. Three significant figures. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 0.9995e-3) return `${figures(seconds * 1e6)} µs`;
  if (size < 0.9995) return `${figures(seconds * 1e3)} ms`;
  if (size < 59.95) return `${figures(seconds)} s`;
  return longDuration(seconds);
}

function longDuration(seconds: number): string {
  const sign = seconds < 0 ? '-' : '';
  const whole = Math.round(Math.abs(seconds));
  if (whole < 3600) return sign + pair(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  if (minutes < 1440) return sign + pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(whole / 3600);
  return sign + pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}

// Three significant figures without an exponent and without zeros at the end of a fraction.
function figures(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** 12, 1,234, 12.3 k, 4.5 M. */
export function count(value: number): string {
  const size = Math.abs(value);
  if (size < 10000) return Math.round(value).toLocaleString('en-US');
  if (size < 999_950) return `${figures(value / 1e3)} k`;
  if (size < 999_950_000) return `${figures(value / 1e6)} M`;
  return `${figures(value / 1e9)} G`;
}

/** 0 %, < 0.1 %, 4.2 %, 62 %; a share of one. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  if (share < 1 && share > 0.999) return '> 99.9 %';
  const value = share * 100;
  return `${Number(value.toFixed(value < 10 || (value > 99 && value < 100) ? 1 : 0))} %`;
}

/** 812 B, 64 kB, 1.2 MB; powers of 1000. */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  if (size < 999_950) return `${figures(size / 1e3)} kB`;
  if (size < 999_950_000) return `${figures(size / 1e6)} MB`;
  return `${figures(size / 1e9)} GB`;
}

/** 14:03:22.120, of epoch seconds, in the browser's zone or in UTC. */
export function timeOfDay(seconds: number, utc: boolean, parts: 'minute' | 'second' | 'millisecond' = 'second'): string {
  const text = wall(seconds, utc).slice(11);
  return parts === 'minute' ? text.slice(0, 5) : parts === 'second' ? text.slice(0, 8) : text;
}

/** 2026-01-31 */
export function date(seconds: number, utc: boolean): string {
  return wall(seconds, utc).slice(0, 10);
}

/** 2026-01-31 14:03:22, or without the date when it is the day of `now`. */
export function time(seconds: number, utc: boolean, now = Date.now() / 1000): string {
  const day = date(seconds, utc);
  const clock = timeOfDay(seconds, utc);
  return day === date(now, utc) ? clock : `${day} ${clock}`;
}

/** 2026-01-31 14:03:22.120 UTC, complete: for titles and copies. */
export function fullTime(seconds: number, utc: boolean): string {
  return `${wall(seconds, utc).replace('T', ' ')} ${utc ? 'UTC' : zoneName(seconds)}`;
}

/** just now, 4 min ago, 2 h ago, 3 d ago; in 4 min, for hosts whose clocks are ahead. */
export function age(seconds: number, now: number): string {
  const past = now - seconds;
  if (Math.abs(past) < 5) return 'just now';
  return past > 0 ? `${roughly(past)} ago` : `in ${roughly(-past)}`;
}

function roughly(seconds: number): string {
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  if (seconds < 3570) return `${Math.round(seconds / 60)} min`;
  if (seconds < 84600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

/** 5 min, 1 h, 7 d: whole units only, for the names of time ranges. */
export function span(seconds: number): string {
  if (seconds % 86400 === 0) return `${seconds / 86400} d`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds % 60 === 0) return `${seconds / 60} min`;
  return duration(seconds);
}

// The wall clock's reading as YYYY-MM-DDThh:mm:ss.mmm. Intl is too slow for 100,000 rows.
function wall(seconds: number, utc: boolean): string {
  const ms = Math.round(seconds * 1000);
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return '0000-00-00T00:00:00.000';
  const shift = utc ? 0 : new Date(ms).getTimezoneOffset() * 60000;
  return new Date(ms - shift).toISOString().slice(0, 23);
}

function zoneName(seconds: number): string {
  const minutes = -new Date(seconds * 1000).getTimezoneOffset();
  const sign = minutes < 0 ? '-' : '+';
  const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, '0');
  return `UTC${sign}${two(minutes / 60)}:${two(Math.abs(minutes) % 60)}`;
}
