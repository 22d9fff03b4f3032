import assert from 'node:assert/strict';
import { test } from 'node:test';
import { total } from '../ui/brush.ts';
import type { TraceRow } from './api.ts';
import { byResponseTime, overTime, timeStep } from './bins.ts';

const row = (start: number, responseTime?: number, over: Partial<TraceRow> = {}): TraceRow => ({
  id: '1',
  start,
  entry: { name: 'web' },
  services: [],
  annotations: 0,
  ...(responseTime === undefined ? {} : { responseTime }),
  ...over,
});
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

test('steps are round and few', () => {
  assert.equal(timeStep({ from: 0, to: 3600 }, 120), 30);
  assert.equal(timeStep({ from: 0, to: 300 }, 120), 5);
  assert.equal(timeStep({ from: 0, to: 604800 }, 120), 7200);
  assert.equal(timeStep({ from: 0, to: 86400 * 400 }, 120) % 86400, 0);
});

test('bars stand side by side, cover the window and count every trace in it once', () => {
  const window = { from: 1003, to: 4603 };
  const rows = [row(1003), row(1029.9), row(1030), row(4602.9), row(2000, 1, { fault: true })];
  const bars = overTime(rows, window);
  assert.ok(bars[0]!.from <= window.from && bars.at(-1)!.to >= window.to);
  bars.slice(1).forEach((bar, i) => assert.equal(bar.from, bars[i]!.to));
  assert.equal(sum(bars.map(total)), rows.length);
  for (const r of rows) assert.ok(bars.some((bar) => bar.from <= r.start && r.start < bar.to && total(bar) > 0));
  assert.equal(sum(bars.map((bar) => bar.parts[4]!)), 1);
});

test('traces outside of the window are not drawn', () => {
  assert.equal(sum(overTime([row(50), row(9999)], { from: 1000, to: 2000 }).map(total)), 0);
});

test('each response time lies between the edges of its bar', () => {
  for (const t of [0, 1e-9, 0.000001, 0.001, 0.00999, 0.01, 0.1, 0.127, 0.99, 1, 1.01, 1.27, 2, 7.92, 59, 1000, 31622, 2e6]) {
    const full = byResponseTime([row(0, t)]).find((bar) => total(bar) === 1)!;
    assert.ok(full.from <= t && t <= full.to, `${t} in ${full.from}–${full.to}`);
  }
  for (const bar of byResponseTime([row(0, 0.001), row(0, 10)])) {
    const again = byResponseTime([row(0, 0.001), row(0, bar.from)]).find((other) => other.from === bar.from)!;
    assert.ok(total(again) > 0, `${bar.from} begins its bar`);
  }
});

test('all answered traces are counted, open ones and zeros too', () => {
  const bars = byResponseTime([row(0, 0), row(0, 1e9), row(0, 0.3), row(0)]);
  assert.equal(sum(bars.map(total)), 3);
  assert.deepEqual(byResponseTime([row(0)]), []);
  assert.ok(byResponseTime([row(0, 1), row(0, 1)]).length >= 20);
});
