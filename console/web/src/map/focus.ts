// Which part of a large map is drawn. Beyond a few hundred nodes nobody sees anything, and laying them out takes minutes:
// then the neighbourhood of one node is drawn, nearest first.
import type { Graph, MapEdge, MapNode } from './model.ts';

export const limit = { nodes: 250, edges: 600 };

export interface Part {
  nodes: MapNode[];
  edges: MapEdge[];
  around: MapNode | undefined; // undefined: everything is drawn
}

/** part returns all that is drawn: everything, or what is nearest to the first of the given nodes that exists. */
export function part(g: Graph, wanted: readonly (string | undefined)[], most = limit): Part {
  if (g.nodes.length <= most.nodes && g.edges.length <= most.edges) return { nodes: g.nodes, edges: g.edges, around: undefined };
  const key = wanted.find((k) => k !== undefined && g.node.has(k)) ?? busiest(g);
  const near = nearest(g, key, most);
  return {
    nodes: g.nodes.filter((n) => near.has(n.key)),
    edges: g.edges.filter((e) => near.has(e.source) && near.has(e.target)).slice(0, most.edges),
    around: g.node.get(key),
  };
}

function busiest(g: Graph): string {
  return g.nodes.reduce((a, b) => (b.stats.total > a.stats.total ? b : a)).key;
}

/** nearest walks along edges in both directions, busy neighbours first, until enough is gathered. */
function nearest(g: Graph, key: string, most: typeof limit): Set<string> {
  const found = new Set([key]);
  let edges = 0;
  for (const k of found) {
    const n = g.node.get(k)!;
    const touching = [...n.in, ...n.out].map((e) => g.edge.get(e)!).sort((a, b) => b.stats.total - a.stats.total);
    for (const e of touching) {
      const other = e.source === k ? e.target : e.source;
      if (found.has(other)) continue;
      if (found.size >= most.nodes || edges >= most.edges) return found;
      found.add(other);
      edges++;
    }
  }
  return found;
}
