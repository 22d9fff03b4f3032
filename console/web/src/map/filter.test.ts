import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anything, edgeFilter, edgeSelector, nodeFilter, nodeSelector } from './filter.ts';
import { readGraph } from './model.ts';
import { complaint } from './testing.ts';

const g = readGraph(complaint());
const backend = g.node.get('backend~AWS::ECS::Container')!;
const client = g.node.get('backend~client')!;
const entry = g.edge.get('backend~client>backend~AWS::ECS::Container')!;
const service = 'service(id(name: "backend", type: "AWS::ECS::Container"))';
const calls = 'edge(id(name: "backend", type: "client"), id(name: "backend", type: "AWS::ECS::Container"))';

test('a node alone', () => {
  assert.equal(nodeFilter(g, backend, anything), service);
});

test('a node with an outcome and a range', () => {
  assert.equal(
    nodeFilter(g, backend, { outcomes: ['fault'], range: { from: 0.5, to: 2 } }),
    `${service} { fault AND responsetime >= 0.5 AND responsetime <= 2 }`,
  );
});

test('two outcomes are alternatives, in brackets only where AND stands beside', () => {
  assert.equal(nodeFilter(g, backend, { outcomes: ['fault', 'error'] }), `${service} { (error AND !throttle) OR fault }`);
  assert.equal(
    nodeFilter(g, backend, { outcomes: ['fault', 'error'], range: { from: 1, to: 2 } }),
    `${service} { ((error AND !throttle) OR fault) AND responsetime >= 1 AND responsetime <= 2 }`,
  );
});

test('a throttled call is an error to the filter, and is not counted as one', () => {
  assert.equal(nodeFilter(g, backend, { outcomes: ['error'] }), `${service} { error AND !throttle }`);
  assert.equal(nodeFilter(g, backend, { outcomes: ['error', 'throttle'] }), `${service} { error OR throttle }`);
});

test('all outcomes are no condition', () => {
  assert.equal(nodeFilter(g, backend, { outcomes: ['ok', 'error', 'throttle', 'fault'] }), service);
});

test('an edge, the one from a client too', () => {
  assert.equal(edgeFilter(entry, anything), calls);
  assert.equal(edgeFilter(entry, { outcomes: [], range: { from: 1, to: 3 } }), `${calls} { responsetime >= 1 AND responsetime <= 3 }`);
  assert.equal(edgeSelector(entry), calls);
});

test('what is asked of a client is asked of its calls', () => {
  assert.equal(nodeFilter(g, client, anything), 'service(id(name: "backend", type: "client"))');
  assert.equal(nodeFilter(g, client, { outcomes: ['fault'] }), `${calls} { fault }`);
});

test('a client of two services asks for either call', () => {
  const json = {
    Services: [
      { ReferenceId: 0, Name: 'c', Type: 'client', Edges: [{ ReferenceId: 1 }, { ReferenceId: 2 }] },
      { ReferenceId: 1, Name: 'a' },
      { ReferenceId: 2, Name: 'b' },
    ],
  };
  const two = readGraph(json);
  assert.equal(
    nodeFilter(two, two.node.get('c~client')!, { outcomes: ['ok'] }),
    'edge(id(name: "c", type: "client"), id(name: "a", type: null)) { ok } OR edge(id(name: "c", type: "client"), id(name: "b", type: null)) { ok }',
  );
});

test('a node without a type asks for none, one of another account names it', () => {
  assert.equal(nodeSelector({ name: 'a', type: '', account: '' }), 'service(id(name: "a", type: null))');
  assert.equal(
    nodeSelector({ name: 'a', type: 'remote', account: '111122223333' }),
    'service(id(name: "a", type: "remote", account.id: "111122223333"))',
  );
});

test('quotes, backslashes and line ends in names are escaped', () => {
  assert.equal(nodeSelector({ name: 'a"b\\c\n', type: 'ท', account: '' }), 'service(id(name: "a\\"b\\\\c\\n", type: "ท"))');
});

test('seconds are written without exponents', () => {
  assert.match(
    nodeFilter(g, backend, { outcomes: [], range: { from: 1e-7, to: 1200000 } }),
    /responsetime >= 0\.0000001 AND responsetime <= 1200000 }$/,
  );
});
