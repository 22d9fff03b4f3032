// Shapes: sizes of nodes, ways of edges, arcs of rings. Pixels at zoom 1.
import type { Kind } from './kind.ts';
import type { Layout, Point } from './layout.ts';
import { outcomes, type Outcome, type Stats } from './stats.ts';

export interface Size {
  width: number;
  height: number;
}

export interface Bounds extends Size {
  x: number; // left
  y: number; // top
}

/** size of a node's card. */
export const size = (kind: Kind): Size => (kind === 'client' ? { width: 122, height: 46 } : { width: 212, height: 64 });

/** The rectangle that holds all cards and edges. */
export function bounds(layout: Layout, kinds: ReadonlyMap<string, { kind: Kind }>): Bounds {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const cover = (x: number, y: number, halfWidth: number, halfHeight: number) => {
    left = Math.min(left, x - halfWidth);
    right = Math.max(right, x + halfWidth);
    top = Math.min(top, y - halfHeight);
    bottom = Math.max(bottom, y + halfHeight);
  };
  for (const [key, p] of Object.entries(layout.nodes)) {
    const { width, height } = size(kinds.get(key)?.kind ?? 'service');
    cover(p.x, p.y, width / 2, height / 2);
  }
  for (const points of Object.values(layout.edges)) for (const p of points) cover(p.x, p.y, 4, 4);
  return left <= right ? { x: left, y: top, width: right - left, height: bottom - top } : { x: 0, y: 0, width: 1, height: 1 };
}

/** Way is an edge as drawn: the path, and where its label stands. */
export interface Way {
  d: string;
  middle: Point;
}

/** Which end of an edge its label stands nearer to. */
export type LabelAt = 'source' | 'middle' | 'target';

interface Placed extends Point {
  kind: Kind;
}

const arrow = 5; // the head stands before the card

/**
 * way leads from the side of one card to the side of another: level through the columns of cards that it passes, bent
 * in the gaps between. The label
 * stands towards the end at which fewer edges meet.
 */
export function way(source: Placed, target: Placed, columns: readonly Point[], labelAt: LabelAt = 'middle'): Way {
  const side = target.x < source.x ? -1 : 1;
  const start = { x: source.x + (side * size(source.kind).width) / 2, y: source.y };
  const end = { x: target.x - side * (size(target.kind).width / 2 + arrow), y: target.y };
  const half = (side * size('service').width) / 2;
  const stops = [
    start,
    ...columns.flatMap(({ x, y }) => [
      { x: x - half, y },
      { x: x + half, y },
    ]),
    end,
  ];
  let d = `M${at(start)}`;
  for (let i = 0; i + 1 < stops.length; i += 2) d += bend(stops[i]!, stops[i + 1]!) + (stops[i + 2] ? `L${at(stops[i + 2]!)}` : '');
  return { d, middle: columns.length === 0 ? along(start, end, { source: 0.38, middle: 0.5, target: 0.62 }[labelAt]) : ownStretch(stops, labelAt) };
}

// An edge that passes columns is alone there; its label stands where the gap begins or ends.
function ownStretch(stops: readonly Point[], labelAt: LabelAt): Point {
  const n = stops.length;
  return labelAt === 'source' ? along(stops[0]!, stops[1]!, 0.66) : along(stops[n - 2]!, stops[n - 1]!, 0.34);
}

function bend(p: Point, q: Point): string {
  const x = r((p.x + q.x) / 2);
  return `C${x} ${r(p.y)} ${x} ${r(q.y)} ${at(q)}`;
}

/** The point of a bend at t, 0 to 1. */
function along(p: Point, q: Point, t: number): Point {
  const u = 1 - t;
  const x = (p.x + q.x) / 2;
  return { x: u ** 3 * p.x + 3 * u * t * x + t ** 3 * q.x, y: p.y + (q.y - p.y) * (3 * t * t - 2 * t ** 3) };
}

/** loop is an edge from a card to itself: out at the top, back in. */
export function loop(node: Placed): Way {
  const top = node.y - size(node.kind).height / 2;
  const [a, b] = [node.x + 24, node.x - 4];
  return {
    d: `M${r(a)} ${r(top)}C${r(a + 16)} ${r(top - 32)} ${r(b - 16)} ${r(top - 32)} ${r(b)} ${r(top - arrow)}`,
    middle: { x: (a + b) / 2, y: top - 34 },
  };
}

const r = (n: number) => Math.round(n * 10) / 10;
const at = (p: Point) => `${r(p.x)} ${r(p.y)}`;

/** Lines get wider with the logarithm of the requests a minute: 1 to 1.9 px, 1,000 to 4.6 px. */
export function lineWidth(perMinute: number | undefined): number {
  return Math.min(6, 1.2 + Math.log10(1 + Math.max(0, perMinute ?? 0)) * 1.15);
}

export interface Arc {
  outcome: Outcome;
  from: number; // turns, 0 is the top, clockwise
  to: number;
}

/** What failed is drawn at least this wide, in turns: one request in a thousand must not vanish. The numbers stay true. */
const visible = 0.05;

/** ring divides a circle by outcome. Without requests there are no arcs. */
export function ring(s: Stats): Arc[] {
  if (s.total === 0) return [];
  const shown = outcomes.filter((o) => s[o] > 0);
  const shares = shown.map((o) => (o === 'ok' ? s.ok / s.total : Math.max(visible, s[o] / s.total)));
  const sum = shares.reduce((a, b) => a + b, 0);
  let from = 0;
  return shown.map((outcome, i) => {
    const arc = { outcome, from, to: from + shares[i]! / sum };
    from = arc.to;
    return arc;
  });
}

/** arcPath draws from one turn to another around 0, 0; gap is what is left free at its end, in turns. */
export function arcPath(arc: Arc, radius: number, gap = 0): string {
  const span = arc.to - arc.from;
  if (span > 0.999) return `M0 ${-radius}A${radius} ${radius} 0 1 1 -0.01 ${-radius}Z`;
  const end = Math.max(arc.from + 0.005, arc.to - gap);
  return `M${turn(arc.from, radius)}A${radius} ${radius} 0 ${end - arc.from > 0.5 ? 1 : 0} 1 ${turn(end, radius)}`;
}

function turn(t: number, radius: number): string {
  const angle = 2 * Math.PI * t;
  return `${(Math.sin(angle) * radius).toFixed(2)} ${(-Math.cos(angle) * radius).toFixed(2)}`;
}
