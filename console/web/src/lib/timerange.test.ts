import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultRange,
  formatIso,
  formatRange,
  fromField,
  parseIso,
  parseRange,
  relativeRanges,
  resolveRange,
  shiftWindow,
  toField,
  type Range,
} from './timerange.ts';

const at = (text: string) => Date.parse(`${text}Z`) / 1000;

test('durations and pairs of times are read', () => {
  assert.deepEqual(parseRange('PT1H'), { kind: 'relative', seconds: 3600 });
  assert.deepEqual(parseRange('PT5M'), { kind: 'relative', seconds: 300 });
  assert.deepEqual(parseRange('P7D'), { kind: 'relative', seconds: 604800 });
  assert.deepEqual(parseRange('P1W'), { kind: 'relative', seconds: 604800 });
  assert.deepEqual(parseRange('P1DT2H3M4S'), { kind: 'relative', seconds: 93784 });
  assert.deepEqual(parseRange('2026-01-31T10:00~2026-01-31T11:30:15'), {
    kind: 'absolute',
    from: at('2026-01-31T10:00'),
    to: at('2026-01-31T11:30:15'),
  });
  assert.deepEqual(parseRange('2026-01-31T10:00:00.250Z~2026-01-31T10:00:01Z'), {
    kind: 'absolute',
    from: at('2026-01-31T10:00:00.250'),
    to: at('2026-01-31T10:00:01'),
  });
});

test('what is no range is the last hour', () => {
  const bad = [
    undefined,
    '',
    'PT',
    'P',
    'PT0S',
    '1h',
    'PT1.5H',
    '~',
    '2026-01-31T10:00~',
    '2026-01-31T11:00~2026-01-31T10:00',
    '2026-13-01T10:00~2026-13-01T11:00',
    'x~y',
    'P99999999W',
  ];
  for (const text of bad) assert.deepEqual(parseRange(text), defaultRange, String(text));
});

test('every range is read back as it was written', () => {
  const ranges: Range[] = relativeRanges.map((seconds) => ({ kind: 'relative', seconds }));
  ranges.push({ kind: 'relative', seconds: 1 }, { kind: 'relative', seconds: 93784 });
  for (const [from, to] of [
    [0, 1],
    [1795423159.121, 1795423160],
    [1795423140, 1795426740.5],
  ])
    ranges.push({ kind: 'absolute', from: from!, to: to! });
  for (const range of ranges) assert.deepEqual(parseRange(formatRange(range)), range, formatRange(range));
});

test('times are written as short as they can be', () => {
  assert.equal(formatIso(at('2026-01-31T10:00')), '2026-01-31T10:00');
  assert.equal(formatIso(at('2026-01-31T10:00:05')), '2026-01-31T10:00:05');
  assert.equal(formatIso(at('2026-01-31T10:00:05') + 0.25), '2026-01-31T10:00:05.250');
  assert.equal(parseIso('2026-01-31'), at('2026-01-31T00:00'));
  assert.equal(parseIso('10:00'), undefined);
});

test('a relative range ends now, and an absolute one stays', () => {
  assert.deepEqual(resolveRange({ kind: 'relative', seconds: 60 }, 1000), { from: 940, to: 1000 });
  assert.deepEqual(resolveRange({ kind: 'absolute', from: 1, to: 2 }, 1000), { from: 1, to: 2 });
});

test('later stops at now, earlier does not', () => {
  assert.deepEqual(shiftWindow({ from: 100, to: 200 }, -1, 1000), { from: 0, to: 100 });
  assert.deepEqual(shiftWindow({ from: 100, to: 200 }, 1, 1000), { from: 200, to: 300 });
  assert.deepEqual(shiftWindow({ from: 850, to: 950 }, 1, 1000), { from: 900, to: 1000 });
  assert.deepEqual(shiftWindow({ from: 1100, to: 1200 }, 1, 1000), { from: 1100, to: 1200 });
});

test('fields hold the wall clock and are read back in their zone', () => {
  const seconds = at('2026-07-31T10:00:05');
  assert.equal(toField(seconds, true), '2026-07-31T10:00:05');
  for (const utc of [true, false]) assert.equal(fromField(toField(seconds, utc), utc), seconds);
  assert.equal(fromField('', true), undefined);
  assert.equal(fromField('nonsense', false), undefined);
});
