// What a layout depends on: which nodes and edges there are. Figures change with every refresh, places must not.
import { size } from './geometry.ts';
import type { Box, LayoutInput, Point, Wire } from './layout.ts';
import type { MapEdge, MapNode } from './model.ts';

/** topology puts nodes and edges into an order of their own, clients and roots first, so that the answer's order is nothing. */
export function topology(nodes: readonly MapNode[], edges: readonly MapEdge[]): { nodes: Box[]; edges: Wire[] } {
  const key = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
  const entry = (n: MapNode) => (n.kind === 'client' ? 0 : n.in.length === 0 ? 1 : 2);
  return {
    nodes: [...nodes].sort((a, b) => entry(a) - entry(b) || key(a, b)).map((n) => ({ key: n.key, ...size(n.kind) })),
    edges: [...edges].sort(key).map(({ key, source, target }) => ({ key, source, target })),
  };
}

/** The text that two equal topologies share. */
export const topologyText = (t: { nodes: Box[]; edges: Wire[] }): string =>
  t.nodes.map((n) => n.key).join('\n') + '\n\n' + t.edges.map((e) => e.key).join('\n');

export const layoutInput = (t: { nodes: Box[]; edges: Wire[] }, before: Record<string, Point>): LayoutInput => ({ ...t, before });
