// A filter expression in coloured pieces. It knows signs and words, not the grammar: what is wrong
// with an expression is for the server to say.

export type Kind = 'text' | 'string' | 'number' | 'word' | 'operator' | 'field' | 'bracket';

export interface Piece {
  text: string;
  kind: Kind;
  /** Inside the range that the server complains about. */
  wrong: boolean;
}

const token =
  /(?<string>"(?:\\.|[^"\\])*"?)|(?<number>-?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)|(?<word>\b(?:AND|OR|CONTAINS|BEGINSWITH|ENDSWITH|true|false|null)\b)|(?<field>[A-Za-z_][\w.]*)|(?<operator>[!<>]=?|=)|(?<bracket>[(){}[\]])/gi;

/** Cuts the text into pieces; their texts joined are the text. Offsets are in UTF-16 units. */
export function highlight(text: string, wrong?: { from: number; to: number }): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(token)) {
    push(out, text, at, match.index, 'text', wrong);
    at = match.index + match[0].length;
    push(out, text, match.index, at, kindOf(match.groups ?? {}), wrong);
  }
  push(out, text, at, text.length, 'text', wrong);
  return out;
}

function kindOf(groups: Record<string, string | undefined>): Kind {
  return (Object.keys(groups).find((name) => groups[name] !== undefined) ?? 'text') as Kind;
}

// One piece, cut where the wrong range begins and ends.
function push(out: Piece[], text: string, from: number, to: number, kind: Kind, wrong?: { from: number; to: number }): void {
  const cuts = wrong ? [wrong.from, wrong.to].filter((cut) => cut > from && cut < to) : [];
  let at = from;
  for (const end of [...cuts, to]) {
    if (end > at) out.push({ text: text.slice(at, end), kind, wrong: !!wrong && at >= wrong.from && end <= wrong.to });
    at = end;
  }
}
