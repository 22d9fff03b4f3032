// Large maps, drawn closer: dagre keeps long edges straight at the price of very tall pictures. Here every card and
// every edge that passes a column is pulled towards what it is joined to, and stands as near as the order allows.
import { size } from './geometry.ts';
import type { Box, Layout, Point } from './layout.ts';

/** Maps of more nodes than this are drawn closer. */
export const large = 48;

const rounds = 16;
const passing = 16; // pixels that an edge takes in a column that it passes
const between = 22; // pixels between cards

/** A card or a passing edge. Points are shared with the layout that is made. */
interface Item {
  at: Point;
  half: number; // of its height
  joined: Item[];
}

/** compact returns the layout with new heights, and columns as far apart as suits the height of the whole. */
export function compact(l: Layout, boxes: readonly Box[], edges: readonly { key: string; source: string; target: string }[]): Layout {
  const out: Layout = { nodes: {}, edges: {} };
  const cards = new Map<string, Item>();
  const items: Item[] = [];
  const add = (p: Point, half: number) => {
    const item: Item = { at: { x: p.x, y: p.y }, half, joined: [] };
    items.push(item);
    return item;
  };
  for (const b of boxes) {
    const card = add(l.nodes[b.key]!, (b.height + between) / 2);
    cards.set(b.key, card);
    out.nodes[b.key] = card.at;
  }
  for (const e of edges) {
    const points = l.edges[e.key];
    if (!points) continue;
    const stops = points.map((p) => add(p, passing / 2));
    join([cards.get(e.source)!, ...stops, cards.get(e.target)!]);
    out.edges[e.key] = stops.map((s) => s.at);
  }
  settle(columnsOf(items));
  spread(items);
  return out;
}

function join(chain: readonly Item[]) {
  for (let i = 0; i + 1 < chain.length; i++) {
    chain[i]!.joined.push(chain[i + 1]!);
    chain[i + 1]!.joined.push(chain[i]!);
  }
}

/** Columns from left to right, each from top to bottom. */
function columnsOf(items: readonly Item[]): Item[][] {
  const columns = new Map<number, Item[]>();
  for (const item of items) {
    const x = Math.round(item.at.x);
    columns.set(x, [...(columns.get(x) ?? []), item]);
  }
  const sorted = [...columns].sort(([a], [b]) => a - b).map(([, column]) => column);
  for (const column of sorted) column.sort((a, b) => a.at.y - b.at.y);
  return sorted;
}

// Back and forth, so that what one end of the map asks for reaches the other.
function settle(columns: readonly Item[][]) {
  const all = columns.flat();
  for (let round = 0; round < rounds; round++) {
    for (const column of round % 2 === 0 ? columns : [...columns].reverse()) {
      const wanted = column.map((item) =>
        item.joined.length === 0 ? item.at.y : item.joined.reduce((sum, j) => sum + j.at.y, 0) / item.joined.length,
      );
      place(column, wanted);
    }
  }
}

const middle = (items: readonly Item[]) => items.reduce((sum, i) => sum + i.at.y, 0) / items.length;

/**
 * place puts the items of a column as near to where they are wanted as their order and sizes allow: the least sum of
 * squares, by pooling neighbours that would overlap.
 */
function place(column: readonly Item[], wanted: readonly number[]) {
  let offset = 0; // of an item if all stood close together
  const offsets = column.map((item, i) => (offset += i === 0 ? 0 : column[i - 1]!.half + item.half));
  const pools: { mean: number; count: number }[] = [];
  column.forEach((_, i) => {
    let pool = { mean: wanted[i]! - offsets[i]!, count: 1 };
    for (let last = pools.at(-1); last && last.mean >= pool.mean; last = pools.at(-1)) {
      pools.pop();
      const count = last.count + pool.count;
      pool = { mean: (last.mean * last.count + pool.mean * pool.count) / count, count };
    }
    pools.push(pool);
  });
  let i = 0;
  for (const pool of pools) for (let n = 0; n < pool.count; n++, i++) column[i]!.at.y = pool.mean + offsets[i]!;
}

// Tall fans of edges need wide gaps, or all lines run upright.
function spread(items: readonly Item[]) {
  const xs = items.map((i) => i.at.x);
  const ys = items.map((i) => i.at.y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const height = Math.max(...ys) - Math.min(...ys);
  const factor = Math.min(2.5, Math.max(1, (height * 1.5) / (right - left + size('service').width)));
  for (const item of items) item.at.x = left + (item.at.x - left) * factor;
}
