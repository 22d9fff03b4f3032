// What the trace page asks the server.
import { post } from '../api.ts';
import type { TracesReply } from './document.ts';

/** One trace with all its documents; none when the server does not know it. */
export function fetchTrace(id: string, abort?: AbortSignal): Promise<TracesReply> {
  return post<TracesReply>('Traces', { TraceIds: [id] }, abort);
}
