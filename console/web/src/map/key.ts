// A node is its name, type and account. A key spells that in one text, for maps and for the URL: parts between tildes,
// trailing empty ones left out; an edge is two keys with ">" between them.

export interface NodeID {
  name: string;
  type: string; // empty: none
  account: string; // empty: the account of the traces
}

const hex = (c: string) => '%' + c.charCodeAt(0).toString(16).toUpperCase();
const escape = (s: string) => s.replace(/[%~>]/g, hex);
const unescape = (s: string) => s.replace(/%([0-7][0-9A-F])/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));

export function nodeKey(n: NodeID): string {
  const key = [n.name, n.type, n.account].map(escape).join('~').replace(/~+$/, '');
  // Dagre and layouts keep nodes as members of objects, where "constructor" and "__proto__" are taken.
  return key in Object.prototype ? key.replace(/^./, hex) : key;
}

export function readNodeKey(key: string): NodeID {
  const [name = '', type = '', account = ''] = key.split('~').map(unescape);
  return { name, type, account };
}

export const edgeKey = (from: string, to: string): string => from + '>' + to;

/** readEdgeKey returns the keys of both ends, or nothing where the text is no edge. */
export function readEdgeKey(key: string): { from: string; to: string } | undefined {
  const ends = key.split('>');
  return ends.length === 2 && ends[0] && ends[1] ? { from: ends[0], to: ends[1] } : undefined;
}
