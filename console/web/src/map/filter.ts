// The expressions that the map hands to the trace list: the forms that X-Ray's own console writes.

import { decimal, quote } from '../lib/clause.ts';
import type { Graph, MapEdge, MapNode } from './model.ts';
import { readNodeKey, type NodeID } from './key.ts';
import { outcomes, type Outcome } from './stats.ts';

/** Choice is what was picked in a panel: outcomes (none or all: any), and response times in seconds. */
export interface Choice {
  outcomes: readonly Outcome[];
  range?: { from: number; to: number } | undefined;
}

export const anything: Choice = { outcomes: [] };

/** id chooses one node; a type of null asks for a node that has none. */
export function id(n: NodeID): string {
  const account = n.account === '' ? '' : `, account.id: ${quote(n.account)}`;
  return `id(name: ${quote(n.name)}, type: ${n.type === '' ? 'null' : quote(n.type)}${account})`;
}

/**
 * condition asks for one outcome among those picked. A throttled call is an error as well, to X-Ray's filters, but the
 * figures count it as throttled alone: so that the traces are those that were counted, it is taken out of the errors.
 */
function condition(o: Outcome, picked: readonly Outcome[]): string {
  if (o !== 'error' || picked.includes('throttle')) return o;
  return picked.length > 1 ? '(error AND !throttle)' : 'error AND !throttle';
}

/** body writes the conditions in braces with a space before, or nothing. */
export function body(c: Choice): string {
  const picked = outcomes.filter((o) => c.outcomes.includes(o));
  const terms: string[] = [];
  if (picked.length > 0 && picked.length < outcomes.length) {
    const any = picked.map((o) => condition(o, picked)).join(' OR ');
    terms.push(picked.length > 1 && c.range ? `(${any})` : any);
  }
  if (c.range) terms.push(`responsetime >= ${decimal(c.range.from)}`, `responsetime <= ${decimal(c.range.to)}`);
  return terms.length > 0 ? ` { ${terms.join(' AND ')} }` : '';
}

/** edgeSelector is what GetTimeSeriesServiceStatistics takes; with a body, a filter. */
export const edgeSelector = (e: MapEdge): string => `edge(${id(readNodeKey(e.source))}, ${id(readNodeKey(e.target))})`;

export const nodeSelector = (n: NodeID): string => `service(${id(n)})`;

export const edgeFilter = (e: MapEdge, c: Choice): string => edgeSelector(e) + body(c);

/**
 * nodeFilter chooses the traces behind a node's figures. A client has no segments that a condition could be asked of,
 * so its traces are those of its calls.
 */
export function nodeFilter(g: Graph, n: MapNode, c: Choice): string {
  const calls = n.out.map((k) => g.edge.get(k)!);
  const conditions = body(c);
  if (n.kind !== 'client' || conditions === '' || calls.length === 0) return nodeSelector(n) + conditions;
  return calls.map((e) => edgeSelector(e) + conditions).join(' OR ');
}
