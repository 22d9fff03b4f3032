import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimate } from './clock.ts';
import { annotationClause } from './clause.ts';
import { httpFacts, identityFacts, sqlFacts, timeFacts, warnings } from './facts.ts';
import { find, ofService, prepare } from './find.ts';
import { Exact } from './json.ts';
import { read, type Trace } from './model.ts';
import { linesWith, pieces, traceText } from './rawtext.ts';
import { large, reply, segment, sub, traceOf } from './testing.ts';
import { place } from './timing.ts';

const warned = (trace: Trace) => warnings(trace, estimate(trace), place(trace)).map((w) => w.text);

test('a sound trace warns of nothing', () => {
  assert.deepEqual(warned(traceOf(segment('a', 0, 1, { subsegments: [sub('b', 0.1, 0.2)] }))), []);
  assert.deepEqual(warned(traceOf()), []);
});

test('warnings say what is not as it should be', () => {
  const trace = read({
    ...reply(
      segment('a', 0, 1, { name: 'web', subsegments: [sub('b', 0.5, 0.7)] }),
      segment('c', 0.4, 0.5, { name: 'db', parent_id: 'b' }),
      segment('open', 0, undefined),
      segment('lost', 3, 4, { parent_id: 'gone' }),
      segment('ring', 3, 4, { parent_id: 'ring' }),
      'not JSON',
    ),
    LimitExceeded: true,
  });
  assert.deepEqual(warned(trace), [
    'In progress: 1 part has not ended',
    'Too large: documents beyond the limit were refused',
    '1 part names a parent that has not arrived',
    '1 ring of parents cut open',
    '1 document could not be read; see the raw data',
    'The clock of db is 150 ms (± 50 ms) behind that of web',
  ]);
});

test('time in which nothing was recorded is said', () => {
  assert.deepEqual(warned(traceOf(segment('a', 0, 1), segment('b', 1.5, 2))), ['500 ms in which nothing was recorded']);
});

test('facts of a span are those that exist', () => {
  const trace = traceOf(
    segment('a', 0, 1, {
      subsegments: [
        sub('b', 0.25, 0.75, {
          http: {
            request: { method: 'GET', url: 'https://x.test/', client_ip: '192.0.2.7', x_forwarded_for: true },
            response: { status: 404, content_length: '812' },
          },
        }),
      ],
    }),
  );
  const [a, b] = trace.spans;
  const t = place(trace);
  const said = (list: { name: string; value: string }[]) => Object.fromEntries(list.map((f) => [f.name, f.value]));
  assert.deepEqual(said(timeFacts(trace, a!, t, 0.5, true)), {
    Start: '2026-05-30 18:28:13.000 UTC',
    After: '0 s from the start of the trace',
    Duration: '1 s',
    'Own time': '500 ms (50 %)',
    'Longest gap': '250 ms untraced, from 0 s on',
    Critical: '500 ms on the critical path',
  });
  assert.deepEqual(said(timeFacts(trace, b!, t, undefined, true)), {
    Start: '2026-05-30 18:28:13.250 UTC',
    After: '250 ms from the start of the trace',
    Duration: '500 ms',
  });
  assert.deepEqual(said(httpFacts(b!)), {
    Request: 'GET https://x.test/',
    Status: '404',
    Length: '812 B',
    Client: '192.0.2.7 (from X-Forwarded-For)',
  });
  assert.deepEqual(said(identityFacts(b!)), { Id: 'b', 'Called by': 'a' });
  assert.deepEqual(sqlFacts({ database_type: 'PostgreSQL', user: '' }), [{ name: 'Database', value: 'PostgreSQL', mono: false }]);
});

test('an annotation becomes a clause of the filter language', () => {
  const of = annotationClause;
  assert.equal(of('tenant', 'a "b"'), 'annotation.tenant = "a \\"b\\""');
  assert.equal(of('items', 3), 'annotation.items = 3');
  assert.equal(of('ratio', 0.1), 'annotation.ratio = 0.1');
  assert.equal(of('vip', false), 'annotation.vip = false');
  assert.equal(of('http.route', '/x'), 'annotation[http.route] = "/x"');
  assert.equal(of('a key', 1), 'annotation["a key"] = 1');
  assert.equal(of('id', new Exact('12345678901234567890')), 'annotation.id = 12345678901234567890');
  assert.equal(of('none', null), undefined);
});

test('a search for a service finds its spans alone, whatever its name', () => {
  const trace = traceOf(
    segment('a', 0, 1, { name: 'my web' }),
    segment('b', 0, 1, { name: 'my', http: { request: { url: 'http://web/' } } }),
  );
  assert.deepEqual(
    find(trace, ofService('my web')).map((s) => s.key),
    ['a'],
  );
  assert.equal(ofService('web'), 'service=web');
});

test('preparing a search goes through all spans and ends', () => {
  const trace = read(large(1000));
  let steps = 0;
  for (let at: number | undefined = 0; at !== undefined && steps < 100; at = prepare(trace, at, 500)) steps++;
  assert.equal(steps, 6);
});

test('the raw text is the trace with documents as objects, to the digit; what is no JSON stays a text', () => {
  const text = traceText({
    Id: 't',
    Duration: 1.5,
    LimitExceeded: false,
    Segments: [
      { Id: 'a', Document: '{"id":"a","n":1.50}' },
      { Id: 'b', Document: '{"id"' },
    ],
  });
  assert.deepEqual(
    text
      .split('\n')
      .map((l) => l.trim())
      .join(''),
    '{"Id": "t","Duration": 1.5,"LimitExceeded": false,"Segments": [{"Id": "a","Document": {"id": "a","n": 1.50}},{"Id": "b","Document": "{\\"id\\""}]}',
  );
});

test('lines are taken to pieces that make up the line', () => {
  for (const line of ['  "a\\"b": "x: 1",', '    -1.5e+3', '  true,', '}, {', '"é": null', '']) {
    assert.equal(
      pieces(line)
        .map((p) => p.text)
        .join(''),
      line,
    );
  }
  assert.deepEqual(
    pieces('  "n": -1.5,').map((p) => p.kind),
    ['plain', 'key', 'number', 'plain'],
  );
  assert.deepEqual(linesWith(['Ab', 'c', 'aB'], ' ab '), [0, 2]);
  assert.deepEqual(linesWith(['a'], ' '), []);
});
