// Agents for tests.
import type { AgentJSON, Statement } from './api.ts';

export function statement(patch: Partial<Statement> = {}): Statement {
  return {
    started: 1000,
    at: 2000,
    received: { udp: 90, tcp: 10, otlp_http: 0 },
    stored: 20,
    replaced: 2,
    duplicate: 0,
    refused: 0,
    rejected: { InvalidSegment: 3 },
    dropped: { unsampled: 60, shed: 4 },
    lost: { killed: 1, spool_full: 0 },
    waiting: { ring: 10, spool: 0, queue: 0 },
    difference: 0,
    kernel_drops: 0,
    ...patch,
  };
}

export function agent(patch: Partial<Omit<AgentJSON, 'statement'>> & Partial<Pick<Statement, 'triggers' | 'capture'>> & { statement?: Statement | null } = {}): AgentJSON {
  const { triggers, capture, ...rest } = patch;
  return {
    agent: '3f09c2aabbccddeeff00112233445566',
    host: 'web-1',
    version: '1.0',
    last_seen: 1990,
    silent_seconds: 10,
    statement: statement({ triggers: triggers ?? [], capture: capture ?? null }),
    server: { received: 25, stored: 20, replaced: 2, duplicate: 0, refused: 0, rejected: 3, batches: 4, repeated: 0, missing_batches: 0, epochs: 1 },
    balanced: true,
    explain: 'balanced',
    ...rest,
  };
}
