import assert from 'node:assert/strict';
import { test } from 'node:test';
import { part } from './focus.ts';
import { bounds, size } from './geometry.ts';
import { layout, type Layout, type Point } from './layout.ts';
import { readGraph, type Graph } from './model.ts';
import { complaint, layered } from './testing.ts';
import { layoutInput, topology, topologyText } from './topology.ts';
import type { GraphJSON } from './wire.ts';

const place = (g: Graph, before: Record<string, Point> = {}): Layout => layout(layoutInput(topology(g.nodes, g.edges), before));

function without(json: GraphJSON, id: number): GraphJSON {
  const services = json.Services!.filter((s) => s.ReferenceId !== id);
  return { ...json, Services: services.map((s) => ({ ...s, Edges: s.Edges?.filter((e) => e.ReferenceId !== id) ?? [] })) };
}

/** The keys of each column, left to right, top to bottom. */
function columns(l: Layout): string[][] {
  const byX = new Map<number, string[]>();
  for (const [key, p] of Object.entries(l.nodes)) byX.set(Math.round(p.x), [...(byX.get(Math.round(p.x)) ?? []), key]);
  return [...byX].sort(([a], [b]) => a - b).map(([, keys]) => keys.sort((a, b) => l.nodes[a]!.y - l.nodes[b]!.y));
}

function overlaps(g: Graph, l: Layout): string[] {
  const found: string[] = [];
  const list = Object.entries(l.nodes);
  for (const [i, [a, p]] of list.entries()) {
    for (const [b, q] of list.slice(i + 1)) {
      const [s, t] = [size(g.node.get(a)!.kind), size(g.node.get(b)!.kind)];
      if (Math.abs(p.x - q.x) < (s.width + t.width) / 2 && Math.abs(p.y - q.y) < (s.height + t.height) / 2) found.push(`${a} ${b}`);
    }
  }
  return found;
}

test('callers stand left of what they call', () => {
  const g = readGraph(complaint());
  const l = place(g);
  for (const e of g.edges) assert.ok(l.nodes[e.source]!.x < l.nodes[e.target]!.x, e.key);
  assert.deepEqual(columns(l)[0], ['backend~client']);
  assert.deepEqual(overlaps(g, l), []);
});

test('the same nodes and edges stand in the same places, in whatever order they came and whatever their figures', () => {
  const json = layered(60, 5, 3);
  const shuffled = {
    ...json,
    Services: [...json.Services!].reverse().map((s) => ({ ...s, SummaryStatistics: null, Edges: [...s.Edges!].reverse() })),
  };
  const [a, b] = [readGraph(json), readGraph(shuffled)];
  assert.equal(topologyText(topology(a.nodes, a.edges)), topologyText(topology(b.nodes, b.edges)));
  assert.deepEqual(place(b), place(a));
});

test('when a node goes, the others keep their order', () => {
  const json = layered(60, 5, 3, 3);
  const before = place(readGraph(json));
  for (const gone of [0, 17, 31, 59]) {
    const g = readGraph(without(json, gone));
    const after = place(g, before.nodes);
    for (const column of columns(after)) assert.deepEqual(column, byHeight(column, before), `without ${gone}`);
    assert.deepEqual(overlaps(g, after), []);
  }
});

test('when a node comes, the others keep their order', () => {
  const json = layered(60, 5, 3, 5);
  for (const late of [2, 25, 44]) {
    const before = place(readGraph(without(json, late)));
    const after = place(readGraph(json), before.nodes);
    for (const column of columns(after)) {
      const old = column.filter((k) => k in before.nodes);
      assert.deepEqual(old, byHeight(old, before), `with ${late}`);
    }
  }
});

const byHeight = (keys: string[], l: Layout) => [...keys].sort((a, b) => l.nodes[a]!.y - l.nodes[b]!.y);

test('a node that comes at the side leaves the others where they are', () => {
  const json = complaint();
  const before = place(readGraph(without(json, 4)));
  const after = place(readGraph(json), before.nodes);
  for (const key of Object.keys(before.nodes)) {
    assert.ok(Math.hypot(after.nodes[key]!.x - before.nodes[key]!.x, after.nodes[key]!.y - before.nodes[key]!.y) < 1, key);
  }
});

test('circles, calls to oneself and nodes alone end', () => {
  const json: GraphJSON = {
    Services: [
      { ReferenceId: 0, Name: 'a', Edges: [{ ReferenceId: 1 }, { ReferenceId: 0 }] },
      { ReferenceId: 1, Name: 'b', Edges: [{ ReferenceId: 2 }] },
      { ReferenceId: 2, Name: 'c', Edges: [{ ReferenceId: 0 }, { ReferenceId: 1 }] },
      { ReferenceId: 3, Name: 'alone' },
    ],
  };
  const g = readGraph(json);
  const l = place(g);
  assert.deepEqual(Object.keys(l.nodes).sort(), ['a', 'alone', 'b', 'c']);
  assert.equal(l.edges['a>a'], undefined);
  assert.equal(Object.keys(l.edges).length, 4);
  assert.deepEqual(overlaps(g, l), []);
});

test('nothing has a place, and one has one', () => {
  assert.deepEqual(place(readGraph({})), { nodes: {}, edges: {} });
  assert.equal(Object.keys(place(readGraph({ Services: [{ ReferenceId: 0, Name: 'a' }] })).nodes).length, 1);
});

test('two hundred nodes are laid out without overlaps', () => {
  const g = readGraph(layered(200, 6, 2));
  const l = place(g);
  assert.equal(Object.keys(l.nodes).length, 200);
  assert.deepEqual(overlaps(g, l), []);
  const box = bounds(l, g.node);
  assert.ok(box.width > 1000 && box.height > 1000);
});

test('a large map is not much taller than its fullest column', () => {
  const g = readGraph(layered(200, 6, 3));
  const l = place(g);
  const fullest = Math.max(...columns(l).map((c) => c.length));
  const box = bounds(l, g.node);
  assert.ok(box.height < fullest * 64 * 4, `${box.height} for ${fullest} nodes`);
  assert.ok(box.height < box.width * 1.2, `${box.width} by ${box.height}`);
});

test('of a map too large to see, the neighbourhood of a node is drawn', () => {
  const g = readGraph(layered(2000, 8, 3));
  const drawn = part(g, 'service-700~AWS::ECS::Container', undefined, { nodes: 100, edges: 300 });
  assert.equal(drawn.around?.name, 'service-700');
  assert.equal(drawn.nodes.length, 100);
  assert.ok(drawn.edges.length <= 300);
  const keys = new Set(drawn.nodes.map((n) => n.key));
  const center = g.node.get('service-700~AWS::ECS::Container')!;
  for (const e of center.out) assert.ok(keys.has(g.edge.get(e)!.target), 'what it calls is drawn');
  const busiest = part(g, 'gone', undefined, { nodes: 100, edges: 300 });
  assert.equal(busiest.nodes.length, 100);
  const most = Math.max(...g.nodes.map((n) => n.stats.total));
  assert.ok(busiest.nodes.some((n) => n.stats.total === most));
  const chosen = (key: string) => part(g, undefined, key, { nodes: 100, edges: 300 });
  assert.deepEqual(chosen(busiest.nodes[3]!.key).nodes, busiest.nodes, 'choosing what is drawn changes nothing');
  const far = g.nodes.find((n) => !busiest.nodes.includes(n))!;
  assert.equal(chosen(far.key).around, far);
  assert.equal(part(readGraph(complaint())).whole, true);
});
