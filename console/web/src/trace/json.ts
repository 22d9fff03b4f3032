// JSON that loses nothing: producers put 64-bit ids into metadata, and JSON.parse would round them.
// A number that a double cannot hold is kept as its literal, and every printer gives it back.

export type Json = null | boolean | number | string | Exact | Json[] | { [key: string]: Json };

/** A number literal that JavaScript's numbers cannot hold: too many digits, or too large. */
export class Exact {
  constructor(readonly literal: string) {}

  /** The nearest number, for those who have to compute. */
  valueOf(): number {
    return Number(this.literal);
  }
}

const suspicious = /\d{16}|[eE]\+?\d{3}/;
const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** No producer's text starts like this: it marks a literal on its way through JSON.parse. */
const mark = '\u0000number ';

/** Parses a document. It throws a SyntaxError as JSON.parse does. */
export function parse(text: string): Json {
  if (!suspicious.test(text)) return JSON.parse(text) as Json;
  const marked = text.replace(token, (t) => (!number.test(t) || holds(t) ? t : JSON.stringify(mark + t)));
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? new Exact(value.slice(mark.length)) : value,
  ) as Json;
}

/** True when a double says the same as the literal, as far as documents care: 17 digits of a fraction do. */
function holds(literal: string): boolean {
  const n = Number(literal);
  return Number.isFinite(n) && (/[.eE]/.test(literal) || Number.isSafeInteger(n));
}

/** Prints a value on several lines, two spaces deep. */
export function print(value: Json): string {
  const out: string[] = [];
  write(value, '', out);
  return out.join('');
}

function write(value: Json, indent: string, out: string[]): void {
  if (value instanceof Exact) out.push(value.literal);
  else if (value === null || typeof value !== 'object') out.push(JSON.stringify(value));
  else if (Array.isArray(value))
    list(
      '[',
      value.map((v): [string, Json] => ['', v]),
      ']',
      indent,
      out,
    );
  else
    list(
      '{',
      Object.entries(value).map(([k, v]) => [JSON.stringify(k) + ': ', v]),
      '}',
      indent,
      out,
    );
}

function list(open: string, items: [string, Json][], close: string, indent: string, out: string[]): void {
  out.push(open);
  items.forEach(([lead, value], i) => {
    out.push(i > 0 ? ',\n' : '\n', indent, '  ', lead);
    write(value, indent + '  ', out);
  });
  if (items.length > 0) out.push('\n', indent);
  out.push(close);
}

/**
 * Lays out a JSON text on several lines without reading it: literals, duplicate keys and their
 * order stay as the server sent them.
 */
export function layOut(text: string): string {
  let indent = '';
  const out = text.replace(/"(?:[^"\\]|\\.)*"|[{[]\s*[}\]]|[{}[\]:,]|\s+/g, (t) => {
    switch (t) {
      case '{':
      case '[':
        indent += '  ';
        return t + '\n' + indent;
      case '}':
      case ']':
        indent = indent.slice(2);
        return '\n' + indent + t;
      case ',':
        return ',\n' + indent;
      case ':':
        return ': ';
    }
    if (t.startsWith('"')) return t;
    return t.trim() === '' ? '' : t.replace(/\s/g, '');
  });
  return out;
}
