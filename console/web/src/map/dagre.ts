// The part of dagre that the map uses, with the types that its own declarations leave open.

import * as dagre from '@dagrejs/dagre';

export interface NodeLabel {
  width: number;
  height: number;
  x: number; // centre, after the layout
  y: number;
  rank?: number; // layer, while nodes are ordered
  order?: number; // place within the layer
}

export interface Graph {
  setGraph(label: Record<string, unknown>): void;
  setDefaultEdgeLabel(label: () => object): void;
  setNode(key: string, label: { width: number; height: number }): void;
  setEdge(source: string, target: string, label: object, name: string): void;
  hasNode(key: string): boolean;
  nodes(): string[];
  edges(): { v: string; w: string; name?: string }[];
  node(key: string): NodeLabel;
  edge(e: { v: string; w: string; name?: string }): { points: { x: number; y: number }[] };
}

export const Graph = dagre.graphlib.Graph as unknown as new (options: { multigraph: boolean }) => Graph;

export const layout = dagre.layout as unknown as (
  g: Graph,
  options: {
    customOrder: (layered: Graph, order: (g: Graph, options: { constraints?: { left: string; right: string }[] }) => void) => void;
  },
) => void;
