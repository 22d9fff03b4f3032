// Traces for tests: short notation for documents, and a generator of large ones.
import { type Doc, type TraceReply } from './document.ts';
import { read, type Span, type Trace } from './model.ts';

export const epoch = 1780165693;
export const traceId = '1-6a1b2c3d-0123456789abcdef01234567';

/** A segment from `from` to `to`, in seconds after epoch; without an end it is in progress. */
export function segment(id: string, from: number, to: number | undefined, more: Doc = {}): Doc {
  const end: Doc = to === undefined ? { in_progress: true } : { end_time: epoch + to };
  return { id, name: id, trace_id: traceId, start_time: epoch + from, ...end, ...more };
}

/** An embedded subsegment. */
export function sub(id: string, from: number, to: number | undefined, more: Doc = {}): Doc {
  const { trace_id: _, ...rest } = segment(id, from, to, more);
  return rest;
}

/** The server's answer with these documents. */
export function reply(...documents: (Doc | string)[]): TraceReply {
  return {
    Id: traceId,
    Segments: documents.map((d) => (typeof d === 'string' ? { Id: '?', Document: d } : { Id: String(d.id), Document: JSON.stringify(d) })),
  };
}

export function traceOf(...documents: (Doc | string)[]): Trace {
  return read(reply(...documents));
}

/** The spans as an indented list of keys, as the waterfall shows them. */
export function outline(trace: Trace, text: (s: Span) => string = (s) => s.key): string[] {
  return trace.spans.map((s) => '  '.repeat(s.depth) + text(s));
}

/** A trace of n segments, each with two subsegments, one of which calls up to `fan` more segments. */
export function large(n: number, fan = 4): TraceReply {
  const documents: Doc[] = [];
  const hex = (kind: string, i: number) => kind + i.toString(16).padStart(15, '0');
  for (let i = 0; i < n; i++) {
    const depth = Math.floor(Math.log(i * (fan - 1) + 1) / Math.log(fan));
    const from = depth * 0.2 + (i % fan) * 0.01;
    const to = 10 - depth * 0.5;
    const http: Doc = {
      request: { method: 'GET', url: `https://service-${i % 17}.test/items/${i}` },
      response: { status: i % 50 === 49 ? 503 : 200 },
    };
    documents.push(
      segment(hex('a', i), from, to, {
        name: `service-${i % 17}`,
        origin: 'AWS::ECS::Container',
        http,
        annotations: { tenant: `t${i % 7}`, item: i },
        ...(i === 0 ? {} : { parent_id: hex('c', Math.floor((i - 1) / fan)) }),
        subsegments: [
          sub(hex('b', i), from + 0.001, from + 0.002, { name: 'work' }),
          sub(hex('c', i), from + 0.003, to - 0.01, { name: 'call', namespace: 'remote', http }),
        ],
      }),
    );
  }
  return reply(...documents);
}

/** A setTimeout that waits for nobody: tick runs what is due. Until restore it is everyone's. */
export function fakeTimers(): { tick: (ms: number) => void; restore: () => void } {
  const real = { set: globalThis.setTimeout, clear: globalThis.clearTimeout };
  const due = new Map<number, { at: number; run: () => void }>();
  let now = 0;
  let last = 0;
  globalThis.setTimeout = ((run: () => void, ms = 0) => (due.set(++last, { at: now + ms, run }), last)) as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((id: number) => due.delete(id)) as unknown as typeof clearTimeout;
  const next = (until: number) => [...due].filter(([, t]) => t.at <= until).sort(([, a], [, b]) => a.at - b.at)[0];
  const tick = (ms: number) => {
    const until = now + ms;
    for (let first = next(until); first !== undefined; first = next(until)) {
      due.delete(first[0]);
      now = first[1].at;
      first[1].run();
    }
    now = until;
  };
  return { tick, restore: () => Object.assign(globalThis, { setTimeout: real.set, clearTimeout: real.clear }) };
}
