// Where one looks: a point of the map stands at (x + px * k, y + py * k) on the screen.
import type { Bounds, Size } from './geometry.ts';
import type { Point } from './layout.ts';

export interface View {
  x: number;
  y: number;
  k: number;
}

export const zoomBounds = { least: 0.08, most: 2.5 };
const margin = 26;

const bound = (k: number) => Math.min(zoomBounds.most, Math.max(zoomBounds.least, k));

/** fit shows all, centred, and no larger than drawn. */
export function fit(b: Bounds, frame: Size): View {
  const k = bound(Math.min(1.15, (frame.width - 2 * margin) / b.width, (frame.height - 2 * margin) / b.height));
  return { k, x: (frame.width - b.width * k) / 2 - b.x * k, y: (frame.height - b.height * k) / 2 - b.y * k };
}

/** Below this scale figures are hard to read. */
const readable = 0.75;

/** fitAround shows all where it can be read; otherwise what is around a point, without showing more ground than needed. */
export function fitAround(b: Bounds, frame: Size, p: Point): View {
  const all = fit(b, frame);
  if (all.k >= readable) return all;
  const place = (at: number, start: number, length: number, room: number) => {
    if (length * readable + 2 * margin <= room) return (room - length * readable) / 2 - start * readable;
    const centred = room / 2 - at * readable;
    return Math.min(margin - start * readable, Math.max(room - margin - (start + length) * readable, centred));
  };
  return { k: readable, x: place(p.x, b.x, b.width, frame.width), y: place(p.y, b.y, b.height, frame.height) };
}

/** zoom multiplies the scale; the point on the screen stays where it is. */
export function zoom(v: View, factor: number, on: Point): View {
  const k = bound(v.k * factor);
  return { k, x: on.x - ((on.x - v.x) / v.k) * k, y: on.y - ((on.y - v.y) / v.k) * k };
}

export const pan = (v: View, dx: number, dy: number): View => ({ ...v, x: v.x + dx, y: v.y + dy });

/** reveal pans as little as it takes to have the point at least a margin inside the frame. */
export function reveal(v: View, p: Point, frame: Size, keep: Size): View {
  const move = (at: number, length: number, half: number) => {
    const [low, high] = [half, Math.max(half, length - half)];
    return at < low ? low - at : at > high ? high - at : 0;
  };
  return pan(v, move(v.x + p.x * v.k, frame.width, (keep.width / 2) * v.k + 12), move(v.y + p.y * v.k, frame.height, (keep.height / 2) * v.k + 12));
}

/** The text of a view for the URL: scale, and the point of the map in the middle of the frame. */
export function viewText(v: View, frame: Size): string {
  const at = (start: number, length: number) => Math.round((length / 2 - start) / v.k);
  return `${Number(v.k.toPrecision(3))},${at(v.x, frame.width)},${at(v.y, frame.height)}`;
}

export function readView(text: string | undefined, frame: Size): View | undefined {
  const [k, x, y] = (text ?? '').split(',').map(Number);
  if (!k || x === undefined || y === undefined || ![k, x, y].every(Number.isFinite)) return undefined;
  const scale = bound(k);
  return { k: scale, x: frame.width / 2 - x * scale, y: frame.height / 2 - y * scale };
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** neighbour is the nearest of the places in a direction, what lies straight ahead before what lies aside. */
export function neighbour(places: Readonly<Record<string, Point>>, from: string, direction: Direction): string | undefined {
  const here = places[from];
  if (!here) return undefined;
  const level = direction === 'left' || direction === 'right';
  const sign = direction === 'left' || direction === 'up' ? -1 : 1;
  let best: { key: string; cost: number } | undefined;
  for (const [key, p] of Object.entries(places)) {
    const ahead = sign * (level ? p.x - here.x : p.y - here.y);
    const aside = Math.abs(level ? p.y - here.y : p.x - here.x);
    if (key === from || ahead < 8) continue;
    const cost = ahead + aside * (level ? 0.6 : 3);
    if (!best || cost < best.cost) best = { key, cost };
  }
  return best?.key;
}
