// Where nodes stand: in layers from left to right, callers before callees. The same nodes and edges always get the same
// places, whatever their order in the answer; when some come or go, those that stay keep their order within a layer.

import { compact, large } from './compact.ts';
import { Graph, layout as arrange } from './dagre.ts';

export interface Point {
  x: number;
  y: number;
}

/** Box is a node by key, with its size in pixels. */
export interface Box {
  key: string;
  width: number;
  height: number;
}

export interface Wire {
  key: string;
  source: string;
  target: string;
}

export interface LayoutInput {
  nodes: Box[]; // those to stand first in a layer come first, see topology
  edges: Wire[];
  before: Record<string, Point>; // places of nodes drawn earlier
}

export interface Layout {
  nodes: Record<string, Point>; // centres
  edges: Record<string, Point[]>; // where they pass columns of nodes, from source to target; next to none for most
}

/** Gaps in pixels: between layers, between nodes of one layer, between edges that pass a layer. */
export const gaps = { ranksep: 80, nodesep: 28, edgesep: 16 };

/** layout places all nodes. Edges from a node to itself have no points: they are drawn at the node. */
export function layout(input: LayoutInput): Layout {
  const g = new Graph({ multigraph: true });
  g.setGraph({ rankdir: 'LR', ...gaps });
  g.setDefaultEdgeLabel(() => ({}));
  for (const n of input.nodes) g.setNode(n.key, { width: n.width, height: n.height });
  for (const e of input.edges) {
    if (e.source !== e.target && g.hasNode(e.source) && g.hasNode(e.target)) {
      g.setEdge(e.source, e.target, {}, e.key);
    }
  }
  arrange(g, { customOrder: (layered, order) => keepOrder(layered, order, input.before) });
  const placed = read(g);
  return anchor(input.nodes.length > large ? compact(placed, input.nodes, input.edges) : placed, input.before);
}

function read(g: Graph): Layout {
  const out: Layout = { nodes: {}, edges: {} };
  for (const key of g.nodes()) {
    const { x, y } = g.node(key);
    out.nodes[key] = { x, y };
  }
  // Dagre's points are at the source, in a gap, in a column, in a gap …, at the target.
  for (const e of g.edges()) {
    const inner = g.edge(e).points.slice(1, -1);
    out.edges[e.name!] = inner.filter((_, i) => i % 2 === 1).map(({ x, y }) => ({ x, y }));
  }
  return out;
}

type Order = (g: Graph, options: { constraints?: { left: string; right: string }[] }) => void;

/**
 * keepOrder lets dagre order every layer with few crossings, under the constraint that nodes that were drawn before
 * stay in their order. Dagre takes constraints as advice only, so what it left in disorder is put right at the end.
 */
function keepOrder(g: Graph, order: Order, before: Record<string, Point>) {
  const layers = known(g, before);
  const constraints = layers.flatMap((l) => l.slice(1).map((right, i) => ({ left: l[i]!, right })));
  order(g, { constraints });
  for (const layer of layers) {
    const places = layer.map((v) => g.node(v).order!).sort((a, b) => a - b);
    layer.forEach((v, i) => (g.node(v).order = places[i]!));
  }
}

/** known returns the nodes of each layer that were drawn before, from top to bottom. */
function known(g: Graph, before: Record<string, Point>): string[][] {
  const layers = new Map<number, string[]>();
  for (const v of g.nodes()) {
    const { rank } = g.node(v);
    if (rank === undefined || !Object.hasOwn(before, v)) continue;
    layers.set(rank, [...(layers.get(rank) ?? []), v]);
  }
  for (const l of layers.values()) l.sort((a, b) => before[a]!.y - before[b]!.y || (a < b ? -1 : 1));
  return [...layers.values()];
}

/** anchor moves the whole picture so that the nodes that were drawn before stay about where they were. */
function anchor(l: Layout, before: Record<string, Point>): Layout {
  const kept = Object.keys(l.nodes).filter((k) => Object.hasOwn(before, k));
  if (kept.length === 0) return l;
  const dx = median(kept.map((k) => before[k]!.x - l.nodes[k]!.x));
  const dy = median(kept.map((k) => before[k]!.y - l.nodes[k]!.y));
  const move = (p: Point) => ({ x: p.x + dx, y: p.y + dy });
  return {
    nodes: Object.fromEntries(Object.entries(l.nodes).map(([k, p]) => [k, move(p)])),
    edges: Object.fromEntries(Object.entries(l.edges).map(([k, points]) => [k, points.map(move)])),
  };
}

function median(numbers: number[]): number {
  const sorted = numbers.sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
