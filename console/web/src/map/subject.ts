// A panel speaks of a node or of an edge; what it says of them has one form.
import { edgeFilter, edgeSelector, nodeFilter, nodeSelector, type Choice } from './filter.ts';
import type { Graph, MapEdge, MapNode } from './model.ts';
import type { Rates } from './rates.ts';
import type { Entry, Stats } from './stats.ts';

export interface Subject {
  key: string;
  stats: Stats;
  times: Entry[];
  rates: Rates;
  perMinute: number | undefined;
  from: number; // observed bounds, epoch seconds; 0: not known
  to: number;
  /** Times are ages of events, for which responsetime is no word. */
  ages: boolean;
  /** The filter for the traces behind the figures. */
  filter: (choice: Choice) => string;
  /** For GetTimeSeriesServiceStatistics; undefined where no single selector names it. */
  selector: string | undefined;
  /** Whose clock the times are of. */
  seenBy: string;
}

/** X-Ray's limit for an EntitySelectorExpression, in characters. */
const longestSelector = 500;

const selectable = (selector: string): string | undefined => ([...selector].length <= longestSelector ? selector : undefined);

export function nodeSubject(g: Graph, n: MapNode): Subject {
  // A client has no segments: it is known by its only call.
  const call = n.kind === 'client' && n.out.length === 1 ? g.edge.get(n.out[0]!) : undefined;
  return {
    ...figures(n),
    ages: false,
    filter: (choice) => nodeFilter(g, n, choice),
    selector: n.kind === 'client' ? call && selectable(edgeSelector(call)) : selectable(nodeSelector(n)),
    seenBy:
      n.kind === 'client'
        ? 'As the services saw them that were called.'
        : n.inferred
          ? 'As its callers saw it, network included.'
          : 'As the service itself saw it, without the network.',
  };
}

export function edgeSubject(g: Graph, e: MapEdge): Subject {
  const fromClient = g.node.get(e.source)?.kind === 'client';
  const seenBy = e.link
    ? 'Ages of the events when they were received.'
    : fromClient
      ? 'As the called service saw it: nobody looks from outside.'
      : 'As the caller saw it, network included.';
  return { ...figures(e), ages: e.link, filter: (choice) => edgeFilter(e, choice), selector: selectable(edgeSelector(e)), seenBy };
}

function figures(x: MapNode | MapEdge) {
  const { key, stats, times, rates, perMinute, from, to } = x;
  return { key, stats, times, rates, perMinute, from, to };
}
