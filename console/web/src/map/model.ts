// The map as plain data: what GetServiceGraph answers, with edges that know both of their ends and figures ready to show.

import { edgeKey, nodeKey, type NodeID } from './key.ts';
import { kindOf, type Kind } from './kind.ts';
import { addRates, noRates, readRates, type Rates } from './rates.ts';
import { addHistograms, addStats, noStats, readHistogram, readStats, type Entry, type Stats } from './stats.ts';
import type { EdgeJSON, GraphJSON, ServiceJSON } from './wire.ts';

export interface Graph {
  nodes: MapNode[]; // by key
  edges: MapEdge[]; // by key
  node: ReadonlyMap<string, MapNode>;
  edge: ReadonlyMap<string, MapEdge>;
  oldGroups: boolean; // some traces were admitted by an earlier version of the group's expression
}

export interface MapNode extends NodeID {
  key: string;
  kind: Kind;
  names: string[]; // others that it answers to
  root: boolean;
  inferred: boolean; // known from its callers only
  from: number; // observed bounds, epoch seconds; 0: not known
  to: number;
  stats: Stats; // as the service saw it; of a client: as its requests went
  times: Entry[]; // response times
  rates: Rates; // how these figures are known
  perMinute: number | undefined;
  in: string[]; // keys of edges
  out: string[];
}

export interface MapEdge {
  key: string;
  source: string;
  target: string;
  link: boolean; // events from a queue, for which nobody waited
  from: number;
  to: number;
  stats: Stats; // as the caller saw it
  times: Entry[]; // response times; of a link: ages of the events when they were received
  rates: Rates;
  perMinute: number | undefined;
  aliases: string[]; // what the callee is called by the caller
}

export const emptyGraph: Graph = { nodes: [], edges: [], node: new Map(), edge: new Map(), oldGroups: false };

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** readGraph turns an answer into the map. Edges to services that the answer does not hold are left out. */
export function readGraph(json: GraphJSON): Graph {
  const services = json.Services ?? [];
  const nodes = new Map<string, MapNode>();
  const keys = new Map<number, string>();
  for (const s of services) {
    const n = readNode(s);
    keys.set(s.ReferenceId, n.key);
    const had = nodes.get(n.key);
    nodes.set(n.key, had ? joinNodes(had, n) : n);
  }
  const edges = new Map<string, MapEdge>();
  for (const s of services) {
    for (const e of s.Edges ?? []) {
      const source = keys.get(s.ReferenceId);
      const target = keys.get(e.ReferenceId);
      if (source === undefined || target === undefined) continue;
      const edge = readEdge(source, target, e);
      const had = edges.get(edge.key);
      edges.set(edge.key, had ? joinEdges(had, edge) : edge);
    }
  }
  return connect(nodes, edges, json.ContainsOldGroupVersions ?? false);
}

function readNode(s: ServiceJSON): MapNode {
  const id = { name: s.Name, type: s.Type ?? '', account: s.AccountId ?? '' };
  const stats = readStats(s.SummaryStatistics);
  return {
    ...id,
    key: nodeKey(id),
    kind: kindOf(id.type),
    names: (s.Names ?? []).filter((n) => n !== s.Name),
    root: s.Root === true,
    inferred: id.type !== 'client' && s.State !== undefined && s.State !== null && s.State !== 'active',
    from: s.StartTime ?? 0,
    to: s.EndTime ?? 0,
    stats,
    times: readHistogram(s.ResponseTimeHistogram),
    rates: readRates(s.RoentgenRates, stats.total),
    perMinute: undefined,
    in: [],
    out: [],
  };
}

function readEdge(source: string, target: string, e: EdgeJSON): MapEdge {
  const link = e.EdgeType === 'link';
  const ages = readHistogram(e.ReceivedEventAgeHistogram);
  const stats = readStats(e.SummaryStatistics);
  return {
    key: edgeKey(source, target),
    source,
    target,
    link,
    from: e.StartTime ?? 0,
    to: e.EndTime ?? 0,
    stats,
    rates: readRates(e.RoentgenRates, stats.total),
    times: link && ages.length > 0 ? ages : readHistogram(e.ResponseTimeHistogram),
    perMinute: undefined,
    aliases: [...new Set((e.Aliases ?? []).map((a) => a.Name))].sort(),
  };
}

const earliest = (a: number, b: number) => (a === 0 ? b : b === 0 ? a : Math.min(a, b));

/** joinNodes adds figures: an answer may hold one node in pieces, as merged answers do. */
function joinNodes(a: MapNode, b: MapNode): MapNode {
  return {
    ...a,
    names: [...new Set([...a.names, ...b.names])],
    root: a.root || b.root,
    inferred: a.inferred && b.inferred,
    from: earliest(a.from, b.from),
    to: Math.max(a.to, b.to),
    stats: addStats(a.stats, b.stats),
    times: addHistograms(a.times, b.times),
    rates: addRates(a.rates, b.rates),
  };
}

function joinEdges(a: MapEdge, b: MapEdge): MapEdge {
  return {
    ...a,
    link: a.link && b.link,
    from: earliest(a.from, b.from),
    to: Math.max(a.to, b.to),
    stats: addStats(a.stats, b.stats),
    times: addHistograms(a.times, b.times),
    rates: addRates(a.rates, b.rates),
    aliases: [...new Set([...a.aliases, ...b.aliases])].sort(),
  };
}

function connect(nodes: Map<string, MapNode>, edges: Map<string, MapEdge>, oldGroups: boolean): Graph {
  const sorted = [...edges.values()].sort((a, b) => order(a.key, b.key));
  for (const e of sorted) {
    nodes.get(e.source)!.out.push(e.key);
    nodes.get(e.target)!.in.push(e.key);
    e.perMinute = perMinute(e.stats.total, e.from, e.to);
  }
  for (const n of nodes.values()) {
    if (n.kind === 'client') borrow(n, edges);
    n.perMinute = perMinute(n.stats.total, n.from, n.to);
  }
  const list = [...nodes.values()].sort((a, b) => order(a.key, b.key));
  return { nodes: list, edges: sorted, node: nodes, edge: edges, oldGroups };
}

/** borrow gives a client the figures of its requests: it has none of its own, since nobody is there to record them. */
function borrow(n: MapNode, edges: Map<string, MapEdge>) {
  if (n.stats.total > 0) return;
  const out = n.out.map((k) => edges.get(k)!);
  n.stats = out.reduce((s, e) => addStats(s, e.stats), { ...noStats });
  n.rates = out.reduce((r, e) => addRates(r, e.rates), { ...noRates });
  n.times = out.reduce<Entry[]>((h, e) => addHistograms(h, e.times), []);
}

/**
 * perMinute is a rate over the time in which requests were observed, not over the window that was asked for. Of less
 * than a minute it is the count, so that two requests within a second are not 120 a minute.
 */
export function perMinute(total: number, from: number, to: number): number | undefined {
  if (!(to > from)) return total > 0 ? total : undefined;
  return total / Math.max(1, (to - from) / 60);
}
