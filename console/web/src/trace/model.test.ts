import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kindOf, shortName } from '../map/kind.ts';
import { duration, failed, outcome, read, type Span } from './model.ts';
import { large, outline, reply, segment, sub, traceOf } from './testing.ts';

const inferredQueue = (more = {}) =>
  segment('i1', 0.1, 0.2, { name: 'SQS', origin: 'AWS::SQS::Queue', inferred: true, parent_id: 'b1', ...more });

test('callees stand below the subsegment that called them, siblings by start', () => {
  const trace = traceOf(
    segment('c', 0.3, 0.4, { parent_id: 'b2' }),
    segment('a', 0, 1, { subsegments: [sub('b2', 0.2, 0.5, { subsegments: [sub('b3', 0.25, 0.26)] }), sub('b1', 0.1, 0.15)] }),
    segment('d', 0.6, 0.7, { parent_id: 'a' }),
  );
  assert.deepEqual(outline(trace), ['a', '  b1', '  b2', '    b3', '    c', '  d']);
  assert.deepEqual(
    trace.spans.map((s) => [s.index, s.end]),
    [
      [0, 6],
      [1, 2],
      [2, 5],
      [3, 4],
      [4, 5],
      [5, 6],
    ],
  );
  assert.equal(trace.length, 1);
  assert.equal(trace.main?.key, 'a');
});

test('what was inferred of a callee is folded into the call, and counted once', () => {
  const trace = traceOf(
    segment('a', 0, 1, { subsegments: [sub('b1', 0.1, 0.2, { name: 'SQS', namespace: 'aws', aws: { operation: 'SendMessage' } })] }),
    inferredQueue({
      aws: { queue_url: 'https://sqs.test/1/jobs' },
      subsegments: [sub('q1', 0.11, 0.19, { name: 'QueueTime' })],
      fault: true,
    }),
  );
  assert.deepEqual(outline(trace), ['a', '  b1', '    q1']);
  const call = trace.byKey.get('b1')!;
  assert.equal(call.service.name, 'https://sqs.test/1/jobs');
  assert.equal(shortName(call.service.name, kindOf(call.service.type)), 'jobs');
  assert.equal(call.service.inferred, true);
  assert.equal(call.segment.key, 'a');
  assert.equal(call.fault, true);
  assert.deepEqual([trace.counts.segments, trace.counts.subsegments, trace.counts.inferred], [1, 2, 1]);
});

test('a callee that was inferred and sent its segment after all is one row of calling and one of being called', () => {
  const trace = traceOf(
    segment('a', 0, 1, { subsegments: [sub('b1', 0.1, 0.2, { namespace: 'remote' })] }),
    inferredQueue(),
    segment('c', 0.12, 0.18, { parent_id: 'b1' }),
  );
  assert.deepEqual(outline(trace), ['a', '  b1', '    c']);
});

test('an inferred callee whose call is not there stands alone and says so', () => {
  const [only] = traceOf(inferredQueue()).spans;
  assert.equal(only!.lost, 'missing');
  assert.equal(only!.service.inferred, true);
});

test('a service is inferred only while nothing it sent has been seen', () => {
  const trace = traceOf(
    segment('a', 0, 1, { name: 'web', subsegments: [sub('b1', 0.1, 0.2, { namespace: 'remote' })] }),
    segment('i1', 0.1, 0.2, { name: 'orders', inferred: true, parent_id: 'b1', origin: 'AWS::ECS::Container' }),
    segment('c', 0.3, 0.4, { name: 'orders', origin: 'AWS::ECS::Container', parent_id: 'a' }),
  );
  assert.deepEqual(
    trace.services.map((s) => [s.name, s.inferred]),
    [
      ['web', false],
      ['orders', false],
    ],
  );
});

test('a parent that has not arrived is said so, and the segment is a root', () => {
  const trace = traceOf(
    segment('a', 0, 1),
    segment('b', 0.1, 0.2, { parent_id: '0000000000000bad' }),
    segment('c', 2, 3, { type: 'subsegment', parent_id: 'gone' }),
  );
  assert.deepEqual(
    trace.roots.map((s) => [s.key, s.kind, s.lost]),
    [
      ['a', 'segment', undefined],
      ['b', 'segment', 'missing'],
      ['c', 'subsegment', 'missing'],
    ],
  );
  assert.equal(trace.counts.lost, 2);
});

test('the main segment is the first without a parent, not one whose parent is missing', () => {
  const trace = traceOf(segment('early', 0, 1, { parent_id: 'gone' }), segment('root', 0.5, 0.7));
  assert.equal(trace.main?.key, 'root');
});

test('rings are cut at their earliest segment and everything is shown once', () => {
  const trace = traceOf(
    segment('tail', 0, 1, { parent_id: 'a' }),
    segment('b', 2, 3, { parent_id: 'a', subsegments: [sub('b1', 2.1, 2.2)] }),
    segment('a', 1, 2, { parent_id: 'b1' }),
    segment('self', 5, 6, { parent_id: 'self' }),
  );
  assert.deepEqual(outline(trace), ['a', '  tail', '  b', '    b1', 'self']);
  assert.deepEqual(
    trace.roots.map((s) => s.lost),
    ['ring', 'ring'],
  );
});

test('ids are compared without regard to case', () => {
  const trace = traceOf(segment('AB', 0, 1), segment('c', 0.1, 0.2, { parent_id: 'aB' }));
  assert.deepEqual(outline(trace), ['ab', '  c']);
});

test('entities that share an id are all shown, under keys of their own', () => {
  const trace = traceOf(segment('a', 0, 1, { subsegments: [sub('x', 0.1, 0.2), sub('x', 0.3, 0.4), sub('x', 0.5, 0.6)] }));
  assert.deepEqual(outline(trace), ['a', '  x', '  x~2', '  x~3']);
});

test('outcomes come from flags and from the status, and reach collapsed callers as counts', () => {
  const status = (n: number) => ({ http: { response: { status: n } } });
  const trace = traceOf(
    segment('a', 0, 1, {
      subsegments: [
        sub('b', 0, 1, { subsegments: [sub('c', 0, 1, status(503)), sub('d', 0, 1, status(429))] }),
        sub('e', 0, 1, { error: true }),
      ],
    }),
  );
  const by = (key: string) => trace.byKey.get(key)!;
  assert.deepEqual(
    ['a', 'b', 'c', 'd', 'e'].map((k) => outcome(by(k))),
    ['ok', 'ok', 'fault', 'throttle', 'error'],
  );
  assert.deepEqual([by('a').failures, by('b').failures, failed(by('b'))], [3, 2, false]);
  assert.deepEqual([trace.counts.faults, trace.counts.errors, trace.counts.throttles], [1, 1, 1]);
});

test('in progress means without an end; an end before the start is the start', () => {
  const trace = traceOf(
    segment('a', 0, undefined),
    segment('b', 1, 2, { in_progress: true }),
    segment('c', 3, 2.5),
    segment('d', 1, undefined, { end_time: 0 }),
  );
  const ends = Object.fromEntries(trace.spans.map((s) => [s.key, s.to]));
  assert.deepEqual(ends, { a: undefined, b: 2, c: 3, d: undefined });
  assert.equal(duration(trace.byKey.get('c')!), 0);
  assert.equal(trace.counts.open, 2);
});

test('a subsegment whose clock is ahead of its segment moves the start of the trace', () => {
  const trace = traceOf(segment('a', 1, 2, { subsegments: [sub('b', 0.5, 1.5)] }));
  assert.deepEqual(
    trace.spans.map((s) => s.from),
    [0.5, 0],
  );
  assert.equal(trace.length, 1.5);
});

test('documents that cannot be read are listed and the rest is shown', () => {
  const trace = traceOf('{"id":', '[1]', '{"id":"x"}', segment('a', 0, 1, { subsegments: [null, 7, sub('b', 0, 1)] }));
  assert.deepEqual(trace.unreadable, ['?', '?', '?']);
  assert.deepEqual(outline(trace), ['a', '  b']);
});

test('an empty trace is an empty trace', () => {
  const trace = read(reply());
  assert.deepEqual([trace.spans, trace.main, trace.length, trace.start], [[], undefined, 0, 0]);
});

test('links to other traces are gathered', () => {
  const trace = traceOf(segment('a', 0, 1, { links: [{ trace_id: '1-2-3', id: 'DD', attributes: { kind: 'batch' } }, 7, { id: 'x' }] }));
  assert.deepEqual(
    trace.links.map((l) => [l.trace, l.id, l.from.key, l.attributes]),
    [['1-2-3', 'dd', 'a', { kind: 'batch' }]],
  );
});

test('documents of real SDKs are read whole', () => {
  const dir = '../../wire/testdata/documents/';
  const files = readdirSync(dir).filter((f) => f.endsWith('.json'));
  assert.ok(files.length >= 10);
  const entities = /"id"\s*:\s*"[0-9a-f]{16}"\s*,[^{}]*"start_time"|"start_time"/gi;
  for (const file of files) {
    const text = readFileSync(dir + file, 'utf8');
    const trace = read({ Id: 't', Segments: [{ Id: file, Document: text }] });
    assert.deepEqual(trace.unreadable, [], file);
    assert.equal(trace.spans.length, text.match(entities)!.length, file);
    for (const s of trace.spans) assert.ok(s.from >= 0 && (s.to === undefined || s.to >= s.from), `${file} ${s.key}`);
  }
});

test('documents of real SDKs that speak of each other make one tree', () => {
  const dir = '../../wire/testdata/documents/';
  const take = (name: string) => ({ Id: name, Document: readFileSync(`${dir}${name}.json`, 'utf8') });
  const trace = read({ Id: 't', Segments: ['go_sdk_segment', 'python_sdk_segment', 'lambda_service', 'lambda_function'].map(take) });
  assert.deepEqual(
    outline(trace, (s: Span) => s.name),
    [
      'thumbs',
      '  thumbs',
      '    Initialization',
      '    Overhead',
      'afirgen-main-backend',
      '  gguf-server:8001',
      '    connect',
      '    afirgen-asr-ocr-server',
      '      tesseract',
      '    response',
      '  fir@db.internal',
    ],
  );
  assert.equal(trace.main?.name, 'afirgen-main-backend');
  assert.equal(trace.roots[0]!.lost, 'missing');
  assert.deepEqual(
    trace.services.slice(0, 2).map((s) => s.type),
    ['AWS::Lambda', 'AWS::Lambda::Function'],
  );
});

test('ten thousand segments are one tree, and nothing is lost', () => {
  const trace = read(large(10_000));
  assert.equal(trace.spans.length, 30_000);
  assert.equal(trace.roots.length, 1);
  assert.equal(trace.counts.faults, 400);
});

test('a chain of ten thousand services is no problem for the stack', () => {
  const chain = Array.from({ length: 10_000 }, (_, i) => segment(`s${i}`, i / 1e4, 2, i === 0 ? {} : { parent_id: `s${i - 1}` }));
  const trace = traceOf(...chain);
  assert.equal(trace.spans.at(-1)!.depth, 9_999);
});

test('a ring of ten thousand segments with a tail ends', () => {
  const ring = Array.from({ length: 10_000 }, (_, i) => segment(`s${i}`, i / 1e4, 2, { parent_id: `s${(i + 9_999) % 10_000}` }));
  const trace = traceOf(segment('tail', -1, 2, { parent_id: 's5' }), ...ring);
  assert.equal(trace.spans.length, 10_001);
  assert.deepEqual(
    trace.roots.map((s) => s.key),
    ['s0'],
  );
});
