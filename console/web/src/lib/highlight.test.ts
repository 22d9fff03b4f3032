import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highlight } from './highlight.ts';

const kinds = (text: string) =>
  highlight(text)
    .filter((piece) => piece.kind !== 'text')
    .map((piece) => `${piece.kind} ${piece.text}`);

test('words, fields, texts and numbers are told apart', () => {
  assert.deepEqual(kinds('service("a AND b") { error OR responsetime >= 1.5e3 }'), [
    'field service',
    'bracket (',
    'string "a AND b"',
    'bracket )',
    'bracket {',
    'field error',
    'word OR',
    'field responsetime',
    'operator >=',
    'number 1.5e3',
    'bracket }',
  ]);
  assert.deepEqual(kinds('user = "open'), ['field user', 'operator =', 'string "open']);
});

test('the pieces joined are the text, and cover the wrong range exactly', () => {
  for (const text of ['', 'a', 'response_time > 5s', 'user = "é😀" AND ##', '"""', 'annotation.a.b = 1\nx']) {
    for (let from = 0; from <= text.length; from++) {
      for (let to = from; to <= text.length; to++) {
        const pieces = highlight(text, { from, to });
        assert.equal(pieces.map((piece) => piece.text).join(''), text);
        assert.equal(
          pieces
            .filter((piece) => piece.wrong)
            .map((piece) => piece.text)
            .join(''),
          text.slice(from, to),
        );
      }
    }
  }
});
