// GET /api/agents: every agent that sent something, what it says of itself, and what the server counted.
import { get } from '../api.ts';

export interface AgentsJSON {
  /** Every sum holds. */
  balanced: boolean;
  agents: AgentJSON[];
  server: DoorsJSON;
  /** What the server could not read of its book of agents. */
  damage?: string[];
}

export interface AgentJSON {
  agent: string;
  host: string;
  version: string;
  last_seen: number;
  silent_seconds: number;
  /** null until the agent has said something of itself. */
  statement: Statement | null;
  server: Counted;
  balanced: boolean;
  /** Sentences with "; " between them. */
  explain: string;
}

export type Counts = Record<string, number>;

/** What an agent says of itself. Its epoch is greater than a number here can be, and therefore not read. */
export interface Statement {
  started: number;
  at: number;
  received: Counts;
  stored: number;
  replaced: number;
  duplicate: number;
  refused: number;
  rejected: Counts | null;
  dropped: Counts | null;
  lost: Counts | null;
  waiting: Counts;
  difference: number;
  kernel_drops: number;
  missed_documents?: number;
  buffer_bytes?: number;
  buffer_wanted_bytes?: number;
  redacted?: Counts | null;
  ring?: { bytes: number; capacity: number; documents: number; horizon_seconds: number; in_memory: boolean; why?: string };
  spool?: { bytes: number; capacity: number; oldest?: number; full?: boolean; in_memory?: boolean; trouble?: string };
  triggers?: TriggerStatement[] | null;
  capture?: string[] | null;
  rules?: string;
  notices?: { sent: number; received: number; gaps: number; waiting?: number; dropped?: number; trouble?: string };
  upstream?: {
    kind: string;
    url: string;
    last_success?: number;
    last_error?: string;
    retries: number;
    batches?: number;
    documents?: number;
    bytes?: number;
    errors?: Counts;
  };
  pressure?: number;
  memory_bytes?: number;
  cpu_seconds?: number;
}

/** quota is in traces a second. */
export interface TriggerStatement {
  name: string;
  when: string;
  quota: number;
  matched: number;
  kept: number;
  over_quota: number;
  sampled_too?: number;
}

/** What the server counted of the agent's batches. */
export interface Counted {
  received: number;
  stored: number;
  replaced: number;
  duplicate: number;
  refused: number;
  rejected: number;
  batches: number;
  repeated: number;
  recounted?: number;
  missing_batches: number;
  epochs: number;
}

/** The sum of the server's own doors since it started. */
export interface DoorsJSON {
  received: number;
  stored: number;
  replaced: number;
  duplicate: number;
  refused: number;
  rejected: Counts;
  lost: Counts;
  waiting: number;
  under_way: number;
  doors: Counts;
  balanced: boolean;
  explain: string;
}

export const fetchAgents = (abort?: AbortSignal) => get<AgentsJSON>('api/agents', abort);
