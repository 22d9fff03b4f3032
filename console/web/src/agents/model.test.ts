import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bySpeaking, causes, doorsSum, ofWord, readAgent, remarks, sentences } from './model.ts';
import { agent, statement } from './testing.ts';

test('the parts of a sum come to what was received', () => {
  const { sum } = readAgent(agent());
  assert.equal(sum!.received, 100);
  assert.equal(
    sum!.parts.reduce((n, p) => n + p.n, 0),
    100,
  );
  assert.deepEqual(sum!.doors, [
    ['udp', 90],
    ['tcp', 10],
  ]);
  assert.deepEqual(
    sum!.parts.map((p) => [p.word, p.of, p.n]),
    [
      ['stored', 'durable', 20],
      ['replaced', 'another document of the entity stands', 2],
      ['rejected', 'InvalidSegment', 3],
      ['dropped', 'unsampled', 60],
      ['dropped', 'shed', 4],
      ['lost', 'killed', 1],
      ['waiting', 'ring', 10],
    ],
  );
  assert.equal(ofWord(sum!, 'dropped'), 64);
  assert.equal(causes(sum!, 'dropped', String), '60 unsampled, 4 shed');
  assert.equal(causes(sum!, 'refused', String), '');
});

test('what does not hold is said sentence by sentence', () => {
  const row = readAgent(agent({ balanced: false, explain: 'agent: received 100, ended 89, waiting 10: +1 without a name; silent for 3m0s' }));
  assert.equal(row.holds, false);
  assert.deepEqual(row.says, ['agent: received 100, ended 89, waiting 10: +1 without a name']); // how long it is silent has a column
  assert.deepEqual(sentences('balanced; lost, killed: 1'), ['lost, killed: 1']);
  assert.deepEqual(sentences('balanced'), []);
});

test('an agent is silent after two minutes, and one that has said nothing has no sum', () => {
  assert.equal(readAgent(agent({ silent_seconds: 119 })).silent, false);
  assert.equal(readAgent(agent({ silent_seconds: 121 })).silent, true);
  const row = readAgent(agent({ statement: null, host: '' }));
  assert.deepEqual([row.sum, row.statement, row.host], [undefined, undefined, '3f09c2']);
});

test('what columns show is not said again', () => {
  assert.deepEqual(readAgent(agent({ explain: 'balanced; lost, killed: 1; 2 batches have not come; silent for 3m0s' })).says, ['2 batches have not come']);
});

test('ages are told by the clocks of the server and of the agent, not by the browser’s', () => {
  const row = readAgent(agent({ last_seen: 1000, silent_seconds: 7, statement: statement({ at: 500 }) }));
  assert.deepEqual([row.lastSeen, row.now, row.agentNow], [1000, 1007, 507]);
});

test('agents that speak come first, then by host', () => {
  const at = (id: string, host: string, silent: boolean) => ({ id, host, silent });
  const order = bySpeaking([at('1', 'a', true), at('3', 'b', false), at('2', 'b', false), at('4', 'a', false)]);
  assert.deepEqual(
    order.map((a) => a.id),
    ['4', '2', '3', '1'],
  );
});

test('documents that never came are worth a remark', () => {
  assert.match(remarks(statement({ missed_documents: 7 })).join(), /^7 documents that SDKs had numbered never came/);
});

test('members that are null count nothing', () => {
  const { sum } = readAgent(agent({ statement: statement({ rejected: null, dropped: null, lost: null }) }));
  assert.deepEqual(
    sum!.parts.map((p) => p.word),
    ['stored', 'replaced', 'waiting'],
  );
});

test('the doors of the server have the same form', () => {
  const sum = doorsSum({
    received: 12,
    stored: 9,
    replaced: 0,
    duplicate: 1,
    refused: 0,
    rejected: {},
    lost: { store_failed: 1 },
    waiting: 0,
    under_way: 1,
    doors: { udp: 12 },
    balanced: true,
    explain: 'balanced',
  });
  assert.deepEqual(
    sum.parts.map((p) => `${p.word} ${p.of} ${p.n}`),
    ['stored durable 9', 'duplicate stored before 1', 'lost store failed 1', 'waiting between two counters 1'],
  );
});

test('what an operator should know is remarked, and nothing else', () => {
  const ring = { bytes: 1, capacity: 2, documents: 3, horizon_seconds: 300, in_memory: false };
  assert.deepEqual(remarks(statement({ ring, buffer_bytes: 4, buffer_wanted_bytes: 4, pressure: 0 })), []);
  const said = remarks(
    statement({
      kernel_drops: 7,
      buffer_bytes: 212_992,
      buffer_wanted_bytes: 4_194_304,
      ring: { ...ring, horizon_seconds: 12, why: 'no --state' },
      spool: { bytes: 1, capacity: 1, full: true, trouble: 'no space' },
      notices: { sent: 0, received: 0, gaps: 2 },
      upstream: { kind: 'roentgen', url: 'http://x', retries: 3, last_error: 'refused' },
      pressure: 0.25,
    }),
  );
  const want = [/7 datagrams/, /213 kB of 4.19 MB/, /no --state/, /only 12 s/, /spool is full/, /no space/, /a gap, 2×/, /refused/, /25 %/];
  assert.equal(said.length, want.length, said.join('\n'));
  for (const [i, text] of said.entries()) assert.match(text, want[i]!);
});
