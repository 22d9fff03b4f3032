// Which part of a large map is drawn. Beyond a few hundred nodes nobody sees anything, and laying them out takes minutes:
// then the neighbourhood of one node is drawn, nearest first.
import type { Graph, MapEdge, MapNode } from './model.ts';

export const limit = { nodes: 250, edges: 600 };

export interface Part {
  nodes: MapNode[];
  edges: MapEdge[];
  whole: boolean; // everything is drawn
  around: MapNode | undefined; // of an excerpt: the node that it is around; undefined: the busiest
}

/**
 * part returns all that is drawn: everything, or what is nearest to a node. That is the one that was asked for; the
 * busiest ones if none was; or the chosen one where it would not be drawn otherwise.
 */
export function part(g: Graph, asked?: string, chosen?: string, most = limit): Part {
  if (g.nodes.length <= most.nodes && g.edges.length <= most.edges) return { nodes: g.nodes, edges: g.edges, whole: true, around: undefined };
  const around = asked === undefined ? undefined : g.node.get(asked);
  const near = nearest(g, around ? [around] : byTraffic(g), most);
  const missed = chosen === undefined || near.has(chosen) ? undefined : g.node.get(chosen);
  return missed ? excerpt(g, missed, nearest(g, [missed], most), most) : excerpt(g, around, near, most);
}

function excerpt(g: Graph, around: MapNode | undefined, near: ReadonlySet<string>, most: typeof limit): Part {
  return {
    nodes: g.nodes.filter((n) => near.has(n.key)),
    edges: g.edges.filter((e) => near.has(e.source) && near.has(e.target)).slice(0, most.edges),
    whole: false,
    around,
  };
}

const byTraffic = (g: Graph) => [...g.nodes].sort((a, b) => b.stats.total - a.stats.total);

/** nearest walks from each node along edges in both directions, busy neighbours first, until enough is gathered. */
function nearest(g: Graph, from: readonly MapNode[], most: typeof limit): Set<string> {
  const found = new Set<string>();
  let edges = 0;
  for (const start of from) {
    if (found.size >= most.nodes || edges >= most.edges) break;
    if (found.has(start.key)) continue;
    const reached = new Set([start.key]);
    found.add(start.key);
    for (const key of reached) {
      for (const e of touching(g, key)) {
        const other = e.source === key ? e.target : e.source;
        if (found.has(other)) continue;
        if (found.size >= most.nodes || edges >= most.edges) return found;
        found.add(other);
        reached.add(other);
        edges++;
      }
    }
  }
  return found;
}

function touching(g: Graph, key: string): MapEdge[] {
  const n = g.node.get(key)!;
  return [...n.in, ...n.out].map((e) => g.edge.get(e)!).sort((a, b) => b.stats.total - a.stats.total);
}
