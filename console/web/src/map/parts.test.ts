import assert from 'node:assert/strict';
import { test } from 'node:test';
import { total } from '../ui/brush.ts';
import { bins } from './bins.ts';
import { arcPath, lineWidth, loop, ring, way } from './geometry.ts';
import { grid, quantileLine, readSeries, requestBars } from './series.ts';
import { noStats, readStats } from './stats.ts';
import { statistics } from './testing.ts';
import { fit, fitAround, neighbour, pan, readView, reveal, viewText, zoom } from './viewport.ts';

const entries = (...values: number[]) => values.sort((a, b) => a - b).map((value) => ({ value, count: 1 }));
const sum = (bars: { parts: readonly number[] }[]) => bars.reduce((n, b) => n + b.parts[0]!, 0);

test('every request stands in the bar that holds its duration', () => {
  for (const h of [entries(0.02, 0.021, 0.03), entries(0.001, 0.04, 5.2, 31), entries(1), entries(0, 0.5, 7), entries(1e-7, 90000)]) {
    const bars = bins(h);
    assert.equal(sum(bars), h.length);
    for (const e of h) {
      const bar = bars.find((b) => e.value >= b.from && e.value < b.to);
      assert.ok(bar && total(bar) > 0, `${e.value} in ${JSON.stringify(bars)}`);
    }
    assert.ok(bars.length <= 52, `${bars.length} bars`);
    for (const [i, b] of bars.slice(1).entries()) assert.equal(b.from, bars[i]!.to, 'without gaps');
    assert.ok(bars.every((b) => b.from < b.to));
  }
  assert.deepEqual(bins([]), []);
});

test('edges of bars are round numbers', () => {
  for (const h of [entries(0.0203, 0.0377), entries(0.00123, 31.7)]) {
    for (const b of bins(h)) assert.ok(String(b.from).length <= 7, `${b.from}`);
  }
});

test('a range is magnified', () => {
  const h = entries(0.01, 0.1, 0.11, 0.12, 0.13, 5);
  const bars = bins(h, 48, { from: 0.1, to: 0.125 });
  assert.equal(sum(bars), 3);
  assert.ok(bars[0]!.from > 0.05 && bars[bars.length - 1]!.to < 0.2);
});

test('a window is divided on the marks of a clock', () => {
  assert.deepEqual(grid(3600, 7200), { period: 60, length: 120, from: 3600, bars: 30 });
  assert.deepEqual(grid(3601.5, 3901.5), { period: 60, length: 60, from: 3600, bars: 6 });
  const week = grid(0, 7 * 86400);
  assert.deepEqual([week.period, week.length, week.bars], [300, 10800, 56]);
});

test('points are placed by the end of their bucket; what is missing is zero', () => {
  const g = grid(600, 900);
  const point = (Timestamp: number, Count: number) => ({
    Timestamp,
    ServiceSummaryStatistics: statistics(Count, 0, 0, 1),
    ResponseTimeHistogram: [{ Value: 0.2, Count: Count + 1 }],
  });
  const moments = readSeries(
    {
      TimeSeriesServiceStatistics: [point(900, 7), point(660, 3), { Timestamp: 720, ServiceSummaryStatistics: null }, point(600, 99), point(960, 99)],
    },
    g,
  );
  assert.deepEqual(
    requestBars(moments).map((b) => b.parts),
    [
      [3, 0, 0, 1],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [7, 0, 0, 1],
    ],
  );
  assert.deepEqual(quantileLine(moments, 0.5), [0.2, undefined, undefined, undefined, 0.2]);
});

test('rings are divided in proportion, and what failed can always be seen', () => {
  assert.deepEqual(ring(noStats), []);
  assert.deepEqual(ring(readStats(statistics(5))), [{ outcome: 'ok', from: 0, to: 1 }]);
  const arcs = ring(readStats(statistics(9990, 0, 0, 10)));
  assert.deepEqual(
    arcs.map((a) => a.outcome),
    ['ok', 'fault'],
  );
  assert.ok(arcs[1]!.to - arcs[1]!.from > 0.04);
  assert.ok(Math.abs(arcs[1]!.to - 1) < 1e-9);
  assert.match(arcPath({ outcome: 'ok', from: 0, to: 0.25 }, 10), /^M0\.00 -10\.00A10 10 0 0 1 10\.00 -0\.00$/);
});

test('edges leave and arrive at the sides that face each other', () => {
  const at = (x: number, y: number) => ({ x, y, kind: 'service' as const });
  assert.match(way(at(0, 0), at(400, 50), []).d, /^M106 0C.* 289 50$/);
  assert.match(way(at(400, 0), at(0, 50), []).d, /^M294 0C.* 111 50$/, 'backwards');
  const over = way(at(0, 0), at(800, 0), [{ x: 400, y: -90 }]);
  assert.match(over.d, /294 -90L506 -90C/, 'level through the column that it passes');
  assert.ok(over.middle.x > 506 && over.middle.x < 689, 'its label stands in a gap');
  assert.match(loop(at(0, 0)).d, /^M24 -32C/);
  assert.ok(lineWidth(1000) > lineWidth(10) && lineWidth(1e9) <= 6 && lineWidth(undefined) > 1);
});

test('a view fits, zooms on the pointer, and goes to the URL and back', () => {
  const frame = { width: 1000, height: 600 };
  const v = fit({ x: -100, y: 0, width: 2000, height: 500 }, frame);
  assert.ok(v.x + -100 * v.k >= 0 && v.x + 1900 * v.k <= 1000);
  const near = zoom(v, 2, { x: 300, y: 200 });
  assert.ok(Math.abs((300 - near.x) / near.k - (300 - v.x) / v.k) < 1e-9);
  const back = readView(viewText({ k: 1, x: 10, y: 20 }, frame), frame)!;
  assert.deepEqual(back, { k: 1, x: 10, y: 20 });
  for (const bad of ['', 'x', '1,2', '0,1,1', 'NaN,1,1']) assert.equal(readView(bad, frame), undefined);
  const shown = reveal(pan({ k: 1, x: 0, y: 0 }, -5000, 0), { x: 0, y: 300 }, frame, { width: 200, height: 60 });
  assert.ok(shown.x >= 100 && shown.x < 200 && shown.y === 0);
});

test('around a chosen node the map stays readable', () => {
  const b = { x: 0, y: 0, width: 4000, height: 300 };
  const frame = { width: 1000, height: 600 };
  const on = (x: number) => fitAround(b, frame, { x, y: 150 });
  for (const x of [100, 2000, 3900]) {
    const v = on(x);
    assert.ok(v.k >= 0.7 && v.x + x * v.k > 0 && v.x + x * v.k < 1000, `${x} is in the frame`);
  }
  assert.ok(on(100).x >= 0 && on(100).x < 100, 'no empty ground on the left');
  assert.deepEqual(fitAround({ ...b, width: 800 }, frame, { x: 0, y: 0 }), fit({ ...b, width: 800 }, frame));
});

test('arrows go to what lies ahead', () => {
  const places = { a: { x: 0, y: 0 }, b: { x: 300, y: 0 }, c: { x: 300, y: 100 }, d: { x: 310, y: -400 } };
  assert.equal(neighbour(places, 'a', 'right'), 'b');
  assert.equal(neighbour(places, 'b', 'down'), 'c');
  assert.equal(neighbour(places, 'c', 'left'), 'a');
  assert.equal(neighbour(places, 'a', 'left'), undefined);
});
