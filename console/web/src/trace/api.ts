// What the trace page asks the server.
import { post, remove } from '../api.ts';
import { readGraph, type Graph } from '../map/model.ts';
import type { GraphJSON } from '../map/wire.ts';
import type { TracesReply } from './document.ts';

/** One trace with all its documents; none when the server does not know it. */
export function fetchTrace(id: string, abort?: AbortSignal): Promise<TracesReply> {
  return post<TracesReply>('Traces', { TraceIds: [id] }, abort);
}

/** Deletes one trace for good. */
export function deleteTrace(id: string): Promise<void> {
  return remove(`api/traces/${encodeURIComponent(id)}`);
}

/** The graph of one trace. Rates are left out: a single request has none. */
export async function fetchGraph(id: string, abort?: AbortSignal): Promise<Graph> {
  const graph = readGraph(await post<GraphJSON>('TraceGraph', { TraceIds: [id] }, abort));
  for (const one of [...graph.nodes, ...graph.edges]) one.perMinute = undefined;
  return graph;
}
