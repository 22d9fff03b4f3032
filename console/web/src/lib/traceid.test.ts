import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceIdOf } from './traceid.ts';

const id = '1-5759e988-bd862e3fe1be46a994272793';

test('ids are known in every form in which people paste them', () => {
  const forms = [
    id,
    ` ${id}\n`,
    `"${id}"`,
    id.toUpperCase(),
    '5759e988bd862e3fe1be46a994272793',
    '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01',
    `Root=${id}`,
    `Root=${id};Parent=53995c3f42cd8ad8;Sampled=1`,
    `X-Amzn-Trace-Id: Self=1-67891234-12456789abcdef012345678;Root=${id};Sampled=0`,
  ];
  for (const form of forms) assert.equal(traceIdOf(form), id, form);
});

test('anything else is a filter', () => {
  for (const text of [
    '',
    'fault',
    '1-5759e988',
    `${id} AND fault`,
    `user = "${id}"`,
    '2-5759e988-bd862e3fe1be46a994272793',
    '5759e988bd862e3fe1be46a99427279',
    `g759e988bd862e3fe1be46a994272793`,
  ]) {
    assert.equal(traceIdOf(text), undefined, text);
  }
});
