// What is said of a trace and of a span in words: the head of the page and the overview of a row.
import { fullTime, duration as seconds, bytes, percent } from '../lib/format.ts';
import { kindOf, shortName } from '../map/kind.ts';
import type { Clocks, Skew } from './clock.ts';
import { type Doc, flag, number, object, string } from './document.ts';
import { duration, type Span, type Trace } from './model.ts';
import { gaps, silences, type Timing } from './timing.ts';

/** What somebody who opens the trace should know before reading it. */
export interface Warning {
  /** Stable, for keys. */
  about: 'partial' | 'limit' | 'lost' | 'ring' | 'unreadable' | 'skew' | 'silence';
  text: string;
}

export function warnings(trace: Trace, clocks: Clocks, t: Timing): Warning[] {
  const out: Warning[] = [];
  const add = (about: Warning['about'], when: unknown, text: string) => when && out.push({ about, text });
  const { counts } = trace;
  const rings = trace.roots.filter((r) => r.lost === 'ring').length;
  const missing = counts.lost - rings;
  add('partial', counts.open, `In progress: ${many(counts.open, 'part has', 'parts have')} not ended`);
  add('limit', trace.limitExceeded, 'Too large: documents beyond the limit were refused');
  add('lost', missing, `${many(missing, 'part names a parent that has', 'parts name parents that have')} not arrived`);
  add('ring', rings, `${many(rings, 'ring', 'rings')} of parents cut open`);
  add(
    'unreadable',
    trace.unreadable.length,
    `${many(trace.unreadable.length, 'document', 'documents')} could not be read; see the raw data`,
  );
  for (const skew of clocks.skews.slice(0, 3)) add('skew', true, skewText(skew));
  add('skew', clocks.skews.length > 3, `${clocks.skews.length - 3} more clocks are off`);
  const quiet = silences(trace, t).reduce((sum, s) => sum + s.to - s.from, 0);
  add('silence', quiet > (t.last - t.first) / 100, `${seconds(quiet)} in which nothing was recorded`);
  return out;
}

/** "The clock of orders is 120 ms (± 10 ms) behind that of web". */
export function skewText(skew: Skew): string {
  const doubt = skew.uncertainty === undefined ? ' or more' : ` (± ${seconds(skew.uncertainty)})`;
  const side = skew.shift > 0 ? 'behind' : 'ahead of';
  return `The clock of ${skew.callee.service.name} is ${seconds(Math.abs(skew.shift))}${doubt} ${side} that of ${skew.caller.segment.service.name}`;
}

function many(n: number, one: string, more: string): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : more}`;
}

export interface Fact {
  name: string;
  value: string;
  /** An id, an address or code. */
  mono?: boolean;
  /** Leads to another span of this trace. */
  to?: Span | undefined;
}

/** Times of a span: when, how long, how much of it was its own. */
export function timeFacts(trace: Trace, span: Span, t: Timing, onPath: number | undefined, utc: boolean): Fact[] {
  const took = duration(span);
  const self = t.self[span.index]!;
  const whole = t.to[span.index]! - t.from[span.index]!;
  const out: Fact[] = [
    { name: 'Start', value: fullTime(trace.start + t.from[span.index]!, utc) },
    { name: 'After', value: `${seconds(t.from[span.index]! - t.first)} from the start of the trace` },
    { name: 'Duration', value: took === undefined ? `in progress, ${seconds(whole)} so far` : seconds(took) },
  ];
  const moved = t.from[span.index]! - span.from;
  if (moved !== 0) out.push({ name: 'Clock', value: `corrected by ${seconds(moved)}` });
  if (span.children.length > 0) {
    out.push({ name: 'Own time', value: whole > 0 ? `${seconds(self)} (${percent(self / whole)})` : seconds(self) });
    const longest = gaps(span, t).reduce((a, g) => (g.to - g.from > a.to - a.from ? g : a), { from: 0, to: 0 });
    if (longest.to - longest.from > whole / 100)
      out.push({
        name: 'Longest gap',
        value: `${seconds(longest.to - longest.from)} untraced, from ${seconds(longest.from - t.from[span.index]!)} on`,
      });
  }
  if (onPath !== undefined)
    out.push({ name: 'Critical', value: onPath > 0 ? `${seconds(onPath)} on the critical path` : 'not on the critical path' });
  return out;
}

/** Who it is, and whom it belongs to. */
export function identityFacts(span: Span): Fact[] {
  const doc = span.document;
  const out: Fact[] = [{ name: 'Id', value: span.id || 'none', mono: true }];
  const parent = string(doc, 'parent_id');
  if (span.parent !== undefined) out.push({ name: 'Called by', value: `${span.parent.name}`, to: span.parent });
  else if (span.lost === 'ring') out.push({ name: 'Parent', value: `${parent ?? ''} leads back to this segment` });
  else if (parent !== undefined) out.push({ name: 'Parent', value: `${parent} has not arrived`, mono: true });
  add(out, 'Origin', string(doc, 'origin'));
  add(out, 'Namespace', string(doc, 'namespace'));
  if (span.inferred !== undefined)
    out.push({
      name: 'Callee',
      value: `${shortName(span.service.name, kindOf(span.service.type))}, ${span.service.type || 'remote'}, known from this call only`,
    });
  add(out, 'User', string(doc, 'user'));
  add(out, 'ARN', string(doc, 'resource_arn'), true);
  return out;
}

/** What was asked, and what came back. */
export function httpFacts(span: Span): Fact[] {
  const http = object(span.document, 'http') ?? object(span.inferred, 'http');
  const out: Fact[] = [];
  add(out, 'Request', [string(http, 'request', 'method'), string(http, 'request', 'url')].filter(Boolean).join(' ') || undefined, true);
  const status = number(http, 'response', 'status');
  add(out, 'Status', status === undefined ? undefined : String(status));
  const length = number(http, 'response', 'content_length');
  add(out, 'Length', length === undefined || length < 0 ? undefined : bytes(length));
  const ip = string(http, 'request', 'client_ip');
  add(out, 'Client', ip === undefined ? undefined : ip + (flag(http, 'request', 'x_forwarded_for') ? ' (from X-Forwarded-For)' : ''));
  add(out, 'User agent', string(http, 'request', 'user_agent'));
  return out;
}

/** The sql block; the query itself is shown apart. */
export function sqlFacts(sql: Doc): Fact[] {
  const out: Fact[] = [];
  add(out, 'Database', [string(sql, 'database_type'), string(sql, 'database_version')].filter(Boolean).join(' ') || undefined);
  add(out, 'Address', string(sql, 'url') ?? string(sql, 'connection_string'), true);
  add(out, 'User', string(sql, 'user'));
  add(out, 'Driver', string(sql, 'driver_version'));
  add(out, 'Prepared as', string(sql, 'preparation'));
  return out;
}

function add(out: Fact[], name: string, value: string | undefined, mono = false): void {
  if (value !== undefined) out.push({ name, value, mono });
}
