import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, bytes, count, date, duration, fullTime, percent, span, time, timeOfDay } from './format.ts';

function holds<T>(of: (value: T) => string, cases: [T, string][]): void {
  for (const [value, want] of cases) assert.equal(of(value), want, String(value));
}

test('durations have three figures and the unit that people use', () => {
  holds(duration, [
    [0, '0 s'],
    [0.0000004, '0.4 µs'],
    [0.00034, '340 µs'],
    [0.0124, '12.4 ms'],
    [0.1, '100 ms'],
    [0.9994, '999 ms'],
    [0.9996, '1 s'],
    [1.234, '1.23 s'],
    [12.34, '12.3 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min'],
    [125, '2 min 5 s'],
    [3599.6, '1 h'],
    [4320, '1 h 12 min'],
    [86400, '1 d'],
    [90000, '1 d 1 h'],
    [-0.0021, '-2.1 ms'],
    [NaN, '–'],
    [Infinity, '–'],
  ]);
});

test('counts, sizes and shares', () => {
  holds(count, [
    [0, '0'],
    [1234, '1,234'],
    [12345, '12.3 k'],
    [999_949, '1000 k'],
    [999_950, '1 M'],
    [4_500_000, '4.5 M'],
  ]);
  holds(bytes, [
    [812, '812 B'],
    [64_000, '64 kB'],
    [1_234_567, '1.23 MB'],
  ]);
  holds(percent, [
    [0, '0 %'],
    [0.0001, '< 0.1 %'],
    [0.042, '4.2 %'],
    [0.62, '62 %'],
    [0.995, '99.5 %'],
    [0.99999, '> 99.9 %'],
    [1, '100 %'],
  ]);
  holds(span, [
    [300, '5 min'],
    [3600, '1 h'],
    [604800, '7 d'],
    [45, '45 s'],
  ]);
});

test('times of the day and dates, in UTC', () => {
  const seconds = Date.UTC(2026, 0, 31, 14, 3, 22, 120) / 1000;
  assert.equal(timeOfDay(seconds, true), '14:03:22');
  assert.equal(timeOfDay(seconds, true, 'minute'), '14:03');
  assert.equal(timeOfDay(seconds, true, 'millisecond'), '14:03:22.120');
  assert.equal(date(seconds, true), '2026-01-31');
  assert.equal(fullTime(seconds, true), '2026-01-31 14:03:22.120 UTC');
  assert.equal(time(seconds, true, seconds + 60), '14:03:22');
  assert.equal(time(seconds, true, seconds + 86400), '2026-01-31 14:03:22');
});

test('local times are those of the wall clock', () => {
  const seconds = Date.UTC(2026, 6, 31, 14, 3, 22) / 1000;
  const local = new Date(seconds * 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  assert.equal(timeOfDay(seconds, false), `${two(local.getHours())}:${two(local.getMinutes())}:${two(local.getSeconds())}`);
  assert.match(fullTime(seconds, false), /UTC[+-]\d\d:\d\d$/);
});

test('times that are none do not throw', () => {
  for (const bad of [NaN, Infinity, 1e18]) assert.equal(typeof fullTime(bad, true), 'string');
});

test('ages', () => {
  holds(
    (seconds: number) => age(1000000 - seconds, 1000000),
    [
      [0, 'just now'],
      [42, '42 s ago'],
      [240, '4 min ago'],
      [7300, '2 h ago'],
      [260000, '3 d ago'],
      [59.7, '1 min ago'],
      [3590, '1 h ago'],
      [-2, 'just now'],
      [-1800, 'in 30 min'],
    ],
  );
});
