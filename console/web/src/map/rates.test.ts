import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readGraph } from './model.ts';
import { addRates, explain, inSum, margin, readRates } from './rates.ts';
import { grid, readSeries, runs } from './series.ts';
import { complaint, statistics } from './testing.ts';
import { edgeLine, rateOf } from './words.ts';

const counted = { Source: 'counted', Counted: 15_000, Kept: 1523, KeptTraces: 1490 };
const estimated = { Source: 'estimated', Counted: 0, Kept: 100, KeptTraces: 100 };

test('figures without the member are those of the stored traces', () => {
  const r = readRates(undefined, 7);
  assert.deepEqual([r.source, r.total, r.counted, r.kept], ['kept', 7, 0, 7]);
  assert.match(explain(r), /^Kept/);
  assert.equal(readRates({ Source: 'something new' }, 7).source, 'kept');
});

test('what is counted and what is estimated is said in full', () => {
  assert.equal(
    explain(readRates(counted, 15_000)),
    'Counted: agents counted all 15 k requests, kept or not; 1,523 of them are stored.',
  );
  assert.match(explain(readRates(counted, 15_100)), /agents counted 15 k of 15.1 k requests, kept or not; the rest is estimated/);
  assert.match(explain(readRates({ ...counted, Divided: true }, 15_000)), /divided among them is estimated/);
  assert.match(explain(readRates(estimated, 1000)), /100 stored requests stand for 1,000, .*; give or take 19 %/);
});

test('the interval is that of the documentation: 19 % of 1,000 requests at a tenth, 6 % of 10,000', () => {
  assert.equal(Math.round(margin(readRates(estimated, 1000))! * 100), 19);
  assert.equal(Math.round(margin(readRates({ ...estimated, Kept: 1000 }, 10_000))! * 100), 6);
  assert.equal(margin(readRates({ ...estimated, Kept: 0 }, 10)), undefined);
  assert.equal(margin(readRates({ ...estimated, Kept: 10 }, 10)), undefined);
});

test('figures that are added are known as most of them are', () => {
  const a = readRates(counted, 15_000);
  const b = readRates(estimated, 1000);
  assert.deepEqual(addRates(a, b), addRates(b, a));
  assert.deepEqual(addRates(a, b), { source: 'counted', total: 16_000, counted: 15_000, kept: 1623, divided: false });
});

test('the map marks what is estimated, and nothing that is not', () => {
  const json = complaint();
  for (const s of json.Services!) {
    if (s.Name === 'docs') s.RoentgenRates = estimated;
    if (s.Name === 'model-server') s.RoentgenRates = counted;
  }
  const g = readGraph(json);
  assert.match(rateOf(g.node.get('docs~AWS::S3::Bucket')!), /^≈ /);
  assert.doesNotMatch(rateOf(g.node.get('model-server~remote')!), /≈/);
  assert.doesNotMatch(edgeLine(g.edges[0]!), /≈/);
  const all = [...g.nodes].map((n) => n.rates);
  assert.equal(inSum(all), 'rates of 1 of 5 estimated (≈)');
  assert.equal(inSum(readGraph(complaint()).nodes.map((n) => n.rates)), '', 'nothing to say where nothing was sampled');
  assert.equal(inSum([readRates(counted, 5), readRates(undefined, 0)]), 'rates counted');
  assert.equal(inSum([readRates(estimated, 5)]), 'rates estimated (≈)');
  assert.equal(inSum([readRates(counted, 5), readRates(undefined, 5)]), 'rates of 1 of 2 counted');
});

test('a client is known as the requests are that it sent', () => {
  const json = complaint();
  json.Services!.find((s) => s.Type === 'client')!.Edges![0]!.RoentgenRates = counted;
  assert.equal(readGraph(json).node.get('backend~client')!.rates.source, 'counted');
});

test('over time it is said from when to when', () => {
  const point = (minute: number, rates: typeof counted | undefined, n = 10) => ({
    Timestamp: (minute + 1) * 60,
    ServiceSummaryStatistics: statistics(n),
    ...(rates ? { RoentgenRates: rates } : {}),
  });
  const moments = readSeries(
    { TimeSeriesServiceStatistics: [point(0, estimated), point(1, estimated, 0), point(2, estimated), point(3, counted), point(5, counted)] },
    grid(0, 360),
  );
  assert.deepEqual(runs(moments), [
    { source: 'estimated', from: 0, to: 180 },
    { source: 'counted', from: 180, to: 360 },
  ]);
});
