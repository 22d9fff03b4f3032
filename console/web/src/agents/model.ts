// Agents as plain data: the sum of each, its parts in words, and what is worth a remark.
import { bytes, count, duration } from '../lib/format.ts';
import type { AgentJSON, Counts, DoorsJSON, Statement } from './api.ts';

/** One thing that became of documents; of says more closely what, why or where. */
export interface Part {
  word: string;
  of: string;
  n: number;
  /** How bad it is: gone on purpose or not. */
  kind: 'done' | 'gone' | 'lost' | 'waits';
}

export interface Row {
  id: string;
  host: string;
  version: string;
  lastSeen: number; // epoch seconds, by the server's clock as now
  /** When the answer was given; ages by the browser's clock would be off by the difference, and by how old the page is. */
  now: number;
  /** The same moment by the clock of the agent. */
  agentNow: number;
  silent: boolean;
  /** undefined: the agent has not said yet what it counted. */
  sum: Sum | undefined;
  holds: boolean;
  /** What does not hold, or what is to be said beside a sum that does. */
  says: string[];
  statement: Statement | undefined;
  server: AgentJSON['server'];
}

/** received is what the parts come to where nothing is wrong. */
export interface Sum {
  received: number;
  doors: [string, number][];
  parts: Part[];
}

/** After so many seconds without a word an agent is silent; the server says so then, too. */
const silence = 120;

export const total = (counts: Counts | null | undefined): number => Object.values(counts ?? {}).reduce((sum, n) => sum + n, 0);

export const named = (counts: Counts | null | undefined): [string, number][] =>
  Object.entries(counts ?? {})
    .filter(([, n]) => n !== 0)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));

export function readAgent(json: AgentJSON): Row {
  return {
    id: json.agent,
    host: json.host || json.agent.slice(0, 6),
    version: json.version,
    lastSeen: json.last_seen,
    now: json.last_seen + json.silent_seconds,
    agentNow: (json.statement?.at ?? 0) + json.silent_seconds,
    silent: json.silent_seconds > silence,
    sum: json.statement ? sumOf(json.statement) : undefined,
    holds: json.balanced,
    says: sentences(json.explain).filter((text) => !shown(text)),
    statement: json.statement ?? undefined,
    server: json.server,
  };
}

/** What a row shows in columns of its own. */
const shown = (text: string): boolean => text.startsWith('silent for ') || text.startsWith('lost, ');

/** Those that speak come first: whoever has no state directory is another agent after each start, and the former ones stay for a month. */
export const bySpeaking = <T extends { silent: boolean; host: string; id: string }>(agents: readonly T[]): T[] =>
  [...agents].sort((a, b) => Number(a.silent) - Number(b.silent) || (a.host < b.host ? -1 : a.host > b.host ? 1 : a.id < b.id ? -1 : 1));

/** The sentences of an explanation, without the one that says only that all is well. */
export const sentences = (explain: string): string[] => explain.split('; ').filter((s) => s !== '' && s !== 'balanced');

function sumOf(s: Statement): Sum {
  return { received: total(s.received), doors: named(s.received), parts: partsOf(s, s.dropped, s.waiting) };
}

/** The server's own doors in the same form. */
export function doorsSum(s: DoorsJSON): Sum {
  return { received: s.received, doors: named(s.doors), parts: partsOf(s, undefined, { 'in the server': s.waiting, 'between two counters': s.under_way }) };
}

interface Ended {
  stored: number;
  replaced: number;
  duplicate: number;
  refused: number;
  rejected: Counts | null;
  lost: Counts | null;
}

// Outcomes that did not occur are left out, but for the one that everybody looks for.
function partsOf(s: Ended, dropped: Counts | null | undefined, waiting: Counts): Part[] {
  const each = (word: string, counts: Counts | null | undefined, kind: Part['kind']) => named(counts).map(([of, n]): Part => ({ word, of: words(of), n, kind }));
  const one = (word: string, of: string, n: number, kind: Part['kind']): Part[] => (n === 0 ? [] : [{ word, of, n, kind }]);
  return [
    { word: 'stored', of: 'durable', n: s.stored, kind: 'done' },
    ...one('replaced', 'another document of the entity stands', s.replaced, 'done'),
    ...one('duplicate', 'stored before', s.duplicate, 'done'),
    ...one('refused', 'too old, or its trace too large', s.refused, 'gone'),
    ...each('rejected', s.rejected, 'gone'),
    ...each('dropped', dropped, 'gone'),
    ...each('lost', s.lost, 'lost'),
    ...each('waiting', waiting, 'waits'),
  ];
}

/** Members have underlines where people have spaces. */
export const words = (name: string): string => name.replaceAll('_', ' ');

/** The sum of the parts with a word. */
export const ofWord = (sum: Sum, word: string): number => sum.parts.reduce((n, p) => n + (p.word === word ? p.n : 0), 0);

/** 1,109,000 unsampled, 1,000 shed; "" for none. */
export const causes = (sum: Sum, word: string, count: (n: number) => string): string =>
  sum.parts
    .filter((p) => p.word === word)
    .map((p) => `${count(p.n)} ${p.of}`)
    .join(', ');

/** What an operator would want to know of an agent whose sum holds all the same. */
export function remarks(s: Statement): string[] {
  const out: string[] = [];
  const say = (when: unknown, text: string) => when && out.push(text);
  say(s.kernel_drops > 0, `The kernel dropped ${count(s.kernel_drops)} datagrams before the agent read them: its receive buffer was full.`);
  say((s.missed_documents ?? 0) > 0, `${count(s.missed_documents ?? 0)} documents that SDKs had numbered never came: their datagrams were lost before the agent read them.`);
  say(
    s.buffer_bytes !== undefined && s.buffer_wanted_bytes !== undefined && s.buffer_bytes < s.buffer_wanted_bytes,
    `The receive buffer has ${bytes(s.buffer_bytes ?? 0)} of ${bytes(s.buffer_wanted_bytes ?? 0)}: raise net.core.rmem_max on this host.`,
  );
  say(s.ring?.why, `The ring is in memory: ${s.ring?.why}`);
  say(s.ring && s.ring.horizon_seconds < 60, `The ring reaches back only ${duration(s.ring?.horizon_seconds ?? 0)}: what a trigger wants from before is lost.`);
  say(s.spool?.full, 'The spool is full: what comes now is lost.');
  say(s.spool?.trouble, `Spool: ${s.spool?.trouble}`);
  say(s.notices && s.notices.gaps > 0, `Notices of kept traces had a gap, ${count(s.notices?.gaps ?? 0)}×: the server had forgotten some before this agent asked, or begun anew. Its parts of such traces were let go.`);
  say(s.notices?.trouble, `Notices: ${s.notices?.trouble}`);
  say(s.upstream?.last_error, `Sending last failed: ${s.upstream?.last_error}`);
  say((s.pressure ?? 0) > 0, `Under pressure it sheds ${Math.round((s.pressure ?? 0) * 100)} % of the traces, whole.`);
  return out;
}
