// Finding nodes by what is written on them.
import type { MapNode } from './model.ts';
import { typeName } from './kind.ts';

/** The keys of the nodes that have every word in name, other names or type, the best first; undefined for no words. */
export function find(nodes: readonly MapNode[], text: string): ReadonlySet<string> | undefined {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return undefined;
  const matching = nodes.filter((n) => {
    const said = [n.name, ...n.names, n.type, typeName(n.type)].join(' ').toLowerCase();
    return words.every((w) => said.includes(w));
  });
  const rank = (n: MapNode) => (n.name.toLowerCase().startsWith(words[0]!) ? 0 : 1) + (n.kind === 'client' ? 2 : 0);
  return new Set(matching.sort((a, b) => rank(a) - rank(b)).map((n) => n.key));
}
