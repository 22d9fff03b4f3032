// The trace as one JSON text, and its lines in pieces for colouring.
import type { TraceReply } from './document.ts';
import { layOut } from './json.ts';

/** The whole trace. Documents stand as objects in it, not as the texts that the API wraps them in. */
export function traceText(reply: TraceReply): string {
  const segments = reply.Segments.map(
    (s) => `{"Id":${JSON.stringify(s.Id)},"Document":${isJson(s.Document) ? s.Document : JSON.stringify(s.Document)}}`,
  );
  const head = { Id: reply.Id, Duration: reply.Duration, LimitExceeded: reply.LimitExceeded };
  return layOut(`${JSON.stringify(head).slice(0, -1)},"Segments":[${segments.join(',')}]}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export interface Piece {
  text: string;
  kind: 'key' | 'string' | 'number' | 'word' | 'plain';
}

/** The pieces of one line of a laid-out text. No token runs over a line's end. */
export function pieces(line: string): Piece[] {
  const out: Piece[] = [];
  for (const [text] of line.matchAll(/"(?:[^"\\]|\\.)*"(?:: )?|-?\d[\d.eE+-]*|[a-z]+|[^"\da-z-]+|./g))
    out.push({ text, kind: kindOf(text) });
  return out;
}

function kindOf(text: string): Piece['kind'] {
  if (text.startsWith('"')) return text.endsWith(': ') ? 'key' : 'string';
  if (/^-?\d/.test(text)) return 'number';
  return /^[a-z]/.test(text) ? 'word' : 'plain';
}

/** The lines that contain the text, in any case; none for an empty one. */
export function linesWith(lines: string[], text: string): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return lines.flatMap((line, i) => (line.toLowerCase().includes(wanted) ? [i] : []));
}
