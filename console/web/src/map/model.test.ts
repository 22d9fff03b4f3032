import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeKey, nodeKey, readEdgeKey, readNodeKey } from './key.ts';
import { kindOf, typeName } from './kind.ts';
import { perMinute, readGraph } from './model.ts';
import { find } from './search.ts';
import { quantile, readStats, worst } from './stats.ts';
import { complaint, statistics } from './testing.ts';

const backend = 'backend~AWS::ECS::Container';
const client = 'backend~client';

test('an answer becomes nodes and edges that know each other', () => {
  const g = readGraph(complaint());
  assert.deepEqual(
    g.nodes.map((n) => [n.key, n.kind, n.inferred, n.root]),
    [
      [backend, 'service', false, true],
      [client, 'client', false, false],
      ['docs~AWS::S3::Bucket', 'bucket', true, false],
      ['fir_db@db.internal~Database::SQL', 'database', true, false],
      ['model-server~remote', 'remote', true, false],
    ],
  );
  assert.equal(g.edges.length, 4);
  assert.deepEqual(g.node.get(backend)!.in, [edgeKey(client, backend)]);
  assert.equal(g.node.get(backend)!.out.length, 3);
});

test('the order of services in the answer changes nothing', () => {
  const json = complaint();
  const other = { ...json, Services: [...json.Services!].reverse() };
  assert.deepEqual(readGraph(other), readGraph(json));
});

test('a client shows what its requests did, since nobody recorded it', () => {
  const g = readGraph(complaint());
  assert.deepEqual(g.node.get(client)!.stats, { ok: 1, error: 0, throttle: 0, fault: 0, total: 1, time: 4 });
  assert.deepEqual(g.node.get(client)!.times, [{ value: 4, count: 1 }]);
});

test('a node that stands twice in an answer is one, with both figures', () => {
  const service = (id: number, from: number, to: number) => ({
    ReferenceId: id,
    Name: 'a',
    State: 'active',
    StartTime: from,
    EndTime: to,
    SummaryStatistics: statistics(2, 1, 0, 0, 3),
    ResponseTimeHistogram: [{ Value: 1, Count: 3 }],
    Edges: [{ ReferenceId: 1, SummaryStatistics: statistics(1) }],
  });
  const g = readGraph({ Services: [service(1, 60, 120), service(2, 0, 100)] });
  assert.equal(g.nodes.length, 1);
  const [a] = g.nodes;
  assert.deepEqual(
    [a!.stats.total, a!.stats.error, a!.from, a!.to],
    [6, 2, 0, 120].map((n, i) => (i === 2 ? 60 : n)),
  );
  assert.deepEqual(a!.times, [{ value: 1, count: 6 }]);
  assert.equal(g.edges.length, 1, 'a loop, once');
  assert.equal(g.edges[0]!.stats.total, 2);
});

test('edges to services that are not in the answer are left out', () => {
  const g = readGraph({ Services: [{ ReferenceId: 0, Name: 'a', Edges: [{ ReferenceId: 9 }] }] });
  assert.equal(g.edges.length, 0);
});

test('members that are absent or null count nothing', () => {
  const g = readGraph({ Services: [{ ReferenceId: 0, Name: 'a', Type: null, Names: null, Edges: null, SummaryStatistics: null }] });
  assert.equal(g.nodes[0]!.stats.total, 0);
  assert.equal(g.nodes[0]!.perMinute, undefined);
  assert.deepEqual(readGraph({}).nodes, []);
});

test('an edge of type link shows the ages of events in place of response times', () => {
  const ages = [{ Value: 30, Count: 2 }];
  const edge = { ReferenceId: 1, EdgeType: 'link', SummaryStatistics: statistics(2), ReceivedEventAgeHistogram: ages };
  const g = readGraph({
    Services: [
      { ReferenceId: 0, Name: 'queue', Type: 'AWS::SQS::Queue', Edges: [edge] },
      { ReferenceId: 1, Name: 'worker' },
    ],
  });
  assert.equal(g.edges[0]!.link, true);
  assert.deepEqual(g.edges[0]!.times, [{ value: 30, count: 2 }]);
});

test('rates are of the time observed, and of less than a minute the count', () => {
  assert.equal(perMinute(120, 0, 3600), 2);
  assert.equal(perMinute(2, 100, 101), 2);
  assert.equal(perMinute(3, 0, 0), 3);
  assert.equal(perMinute(0, 0, 0), undefined);
});

test('counts stay within their class, and the worst is named by gravity, not by number', () => {
  const s = readStats(statistics(90, 8, 1, 1));
  assert.deepEqual([s.ok, s.error, s.throttle, s.fault, s.total], [90, 8, 1, 1, 100]);
  assert.deepEqual(worst(s), { outcome: 'fault', share: 0.01 });
  assert.deepEqual(worst(readStats(statistics(3, 1))), { outcome: 'error', share: 0.25 });
  assert.equal(worst(readStats(statistics(3))), undefined);
});

test('a total without its parts is not lost', () => {
  const s = readStats({ OkCount: 1, ErrorStatistics: { TotalCount: 5, ThrottleCount: 2 }, FaultStatistics: { TotalCount: 1 } });
  assert.deepEqual([s.error, s.throttle, s.fault, s.total], [3, 2, 1, 7]);
});

test('quantiles are values that occurred', () => {
  const h = [
    { value: 0.1, count: 98 },
    { value: 1, count: 1 },
    { value: 9, count: 1 },
  ];
  assert.equal(quantile(h, 0.5), 0.1);
  assert.equal(quantile(h, 0.98), 0.1);
  assert.equal(quantile(h, 0.99), 1);
  assert.equal(quantile(h, 1), 9);
  assert.equal(quantile([], 0.5), undefined);
});

test('keys go to the URL and back whatever names hold', () => {
  for (const id of [
    { name: 'a', type: '', account: '' },
    { name: 'a~b>c%7E', type: 'x::y', account: '123' },
    { name: 'लेखा "q"', type: '', account: '123' },
  ]) {
    assert.deepEqual(readNodeKey(nodeKey(id)), id);
    const ends = readEdgeKey(edgeKey(nodeKey(id), nodeKey({ ...id, name: 'z>' })))!;
    assert.deepEqual([readNodeKey(ends.from), readNodeKey(ends.to).name], [id, 'z>']);
  }
  assert.equal(nodeKey({ name: 'a', type: '', account: '' }), 'a');
  for (const name of ['constructor', '__proto__', 'toString', '%41']) {
    const key = nodeKey({ name, type: '', account: '' });
    assert.ok(!(key in {}), key);
    assert.equal(readNodeKey(key).name, name);
  }
  assert.equal(readEdgeKey('a'), undefined);
});

test('types are told apart and said in words', () => {
  const said = [
    '',
    'client',
    'remote',
    'AWS::ECS::Container',
    'Database::SQL',
    'AWS::DynamoDB::Table',
    'AWS::SQS::Queue',
    'AWS::SNS',
    'AWS::S3::Bucket',
  ];
  assert.deepEqual(said.map(kindOf), ['service', 'client', 'remote', 'service', 'database', 'table', 'queue', 'topic', 'bucket']);
  assert.equal(kindOf('AWS::ElasticLoadBalancing::LoadBalancer'), 'balancer');
  assert.equal(kindOf('AWS::Lambda::Function'), 'function');
  assert.equal(kindOf('AWS::secretsmanager'), 'aws');
  assert.deepEqual(['', 'AWS::ECS::Container', 'Database::SQL', 'AWS::SNS', 'AWS::ElasticLoadBalancing::LoadBalancer', 'custom'].map(typeName), [
    'Service',
    'ECS container',
    'SQL database',
    'SNS',
    'Load balancer',
    'custom',
  ]);
});

test('a search finds nodes by every word of name or type, services before their clients', () => {
  const g = readGraph(complaint());
  const keys = (text: string) => [...(find(g.nodes, text) ?? [])];
  assert.deepEqual(keys('back'), [backend, client]);
  assert.deepEqual(keys('sql FIR'), ['fir_db@db.internal~Database::SQL']);
  assert.deepEqual(keys('bucket'), ['docs~AWS::S3::Bucket']);
  assert.deepEqual(keys('nothing like it'), []);
  assert.equal(find(g.nodes, '  '), undefined);
});
