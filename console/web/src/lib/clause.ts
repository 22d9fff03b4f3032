// Building filter expressions. Values are quoted here and nowhere else.

/** A text as the grammar has it: double quotes, the escapes of JSON. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** A number without an exponent and without the digits that only binary fractions have. */
export function decimal(value: number): string {
  const text = Number(value.toPrecision(9)).toFixed(12);
  return text.replace(/\.?0+$/, '') || '0';
}

/**
 * The expression that holds where both hold. A clause that stands there already is not said twice, and
 * one that says the contrary gives way: the last click counts.
 */
export function and(expression: string, clause: string): string {
  const terms = conjuncts(expression).filter((term) => term !== not(clause) && not(term) !== clause);
  if (terms.length === 0) return clause;
  if (terms.includes(clause)) return expression.trim();
  return [...terms, clause].map((term) => bracket(term)).join(' AND ');
}

/** The expression that holds where the clause does not. */
export function not(clause: string): string {
  return /^[a-z.]+$/i.test(clause) ? `!${clause}` : `!(${clause})`;
}

const responseTimeBound = /^responsetime\s*([<>]=?)\s*([\d.]+)$/i;

/** Bounds of the response time in seconds in place of those that stand there; with undefined just without those. */
export function withResponseTime(expression: string, bounds: { from: number; to: number } | undefined): string {
  const others = conjuncts(expression).filter((term) => !responseTimeBound.test(term));
  const added = bounds ? [`responsetime >= ${decimal(bounds.from)}`, `responsetime <= ${decimal(bounds.to)}`] : [];
  return others.length + added.length === 1 ? (others[0] ?? '') : [...others.map(bracket), ...added].join(' AND ');
}

/** The response times between which an expression asks, when it has both bounds on its top level. */
export function responseTimeOf(expression: string): { from: number; to: number } | undefined {
  const bounds = conjuncts(expression).flatMap((term) => {
    const match = responseTimeBound.exec(term);
    return match ? [{ below: match[1]![0] === '<', value: Number(match[2]) }] : [];
  });
  const [from, to] = [bounds.find((bound) => !bound.below), bounds.find((bound) => bound.below)];
  return bounds.length === 2 && from && to ? { from: from.value, to: to.value } : undefined;
}

/** The expression within a group, which is named and not spelled out; "" and "Default" are everything. */
export function inGroup(expression: string, group: string): string {
  if (group === '' || group === 'Default') return expression.trim();
  const named = `group.name = ${quote(group)}`;
  return expression.trim() === '' ? named : `${named} AND ${bracket(expression.trim())}`;
}

// A term that has an OR on its own level binds looser than AND.
function bracket(term: string): string {
  return topLevelWords(term).some((word) => /^or$/i.test(word.text)) ? `(${term})` : term;
}

/** The terms that AND joins on the top level; one term where an OR stands there. */
export function conjuncts(expression: string): string[] {
  const text = expression.trim();
  if (text === '') return [];
  const words = topLevelWords(text);
  if (words.some((word) => /^or$/i.test(word.text))) return [text];
  const ands = words.filter((word) => /^and$/i.test(word.text));
  const starts = [0, ...ands.map((word) => word.at + 3)];
  const ends = [...ands.map((word) => word.at), text.length];
  return starts.map((start, i) => text.slice(start, ends[i]).trim()).filter((term) => term !== '');
}

// The bare words outside of quotes, brackets and braces, with their offsets.
function topLevelWords(text: string): { text: string; at: number }[] {
  const words: { text: string; at: number }[] = [];
  let depth = 0;
  for (const token of text.matchAll(/"(?:\\.|[^"\\])*"?|[A-Za-z_][\w.]*|[(){}[\]]/g)) {
    const found = token[0];
    if ('({['.includes(found)) depth++;
    else if (')}]'.includes(found)) depth--;
    else if (depth === 0 && found[0] !== '"') words.push({ text: found, at: token.index });
  }
  return words;
}
