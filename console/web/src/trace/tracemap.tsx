// The graph of this trace alone: who called whom. A click on a node goes through its rows.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { serviceColours } from '../lib/colour.ts';
import { Arrows, EdgeChip, EdgeLine } from '../map/edge.tsx';
import { bounds, loop, way, type Bounds, type Size, type Way } from '../map/geometry.ts';
import type { Layout } from '../map/layout.ts';
import { Layouts } from '../map/layouts.ts';
import type { Graph, MapEdge, MapNode } from '../map/model.ts';
import { NodeCard } from '../map/node.tsx';
import { layoutInput, topology, topologyText } from '../map/topology.ts';
import { Slot } from '../slot.ts';
import { asked } from '../state.ts';
import { Failed, Loading } from '../ui/empty.tsx';
import { fetchGraph } from './api.ts';
import type { TraceState } from './state.ts';
import '../map/map.css';

const layouts = new Layouts();

export function TraceMap(props: { state: TraceState }) {
  const { state } = props;
  const graphs = useMemo(() => new Slot<Graph>(), []);
  const places = useMemo(() => new Slot<Layout>(), []);
  const { id } = state.trace.value;
  const answer = graphs.ask(`${id} ${asked.value}`, (abort) => fetchGraph(id, abort));
  const graph = answer.value;
  return (
    <div class="trace-graph map-page" aria-busy={answer.loading}>
      <Loading on={answer.loading} label="Loading the map of the trace" />
      {answer.error && !graph && (
        <Failed what="The map of this trace could not be loaded" error={answer.error} retry={() => graphs.again()} />
      )}
      {graph && graph.nodes.length === 0 && <p class="trace-norows">The graph of this trace is empty.</p>}
      {graph && graph.nodes.length > 0 && <Placed state={state} graph={graph} places={places} />}
    </div>
  );
}

function Placed(props: { state: TraceState; graph: Graph; places: Slot<Layout> }) {
  const { graph, places } = props;
  const { shape, text } = useMemo(() => {
    const shape = topology(graph.nodes, graph.edges);
    return { shape, text: topologyText(shape) };
  }, [graph]);
  const answer = places.ask(text, () => layouts.ask(text, (before) => layoutInput(shape, before)));
  if (answer.error) return <Failed what="The map of this trace could not be drawn" error={answer.error} retry={() => places.again()} />;
  const layout = layouts.known(text) ?? answer.value;
  return layout ? <Drawing {...props} layout={layout} /> : null;
}

function Drawing(props: { state: TraceState; graph: Graph; layout: Layout }) {
  const { state, graph, layout } = props;
  const box = useRef<SVGSVGElement>(null);
  const frame = useFrame(box);
  const [hover, setHover] = useState<string>();
  const ways = useMemo(() => waysOf(graph, layout), [graph, layout]);
  const service = state.selected.value?.service;
  const isSelected = (n: MapNode) => n.name === service?.name && n.type === service.type;
  const lit = (e: MapEdge) => hover === e.key || hover === e.source || hover === e.target;
  const goTo = (key: string) => step(state, graph.node.get(key));
  const edges = graph.edges.filter((e) => ways.has(e.key));
  return (
    <svg
      ref={box}
      class="map-canvas"
      viewBox={frame && viewBox(bounds(layout, graph.node), frame)}
      role="group"
      data-testid="trace-map"
      aria-label={`Map of this trace: ${graph.nodes.length} nodes, ${graph.edges.length} edges. Enter goes to the rows of a node.`}
    >
      <Arrows />
      <g aria-hidden="true">
        {edges.map((e) => (
          <EdgeLine
            key={e.key}
            edge={e}
            way={ways.get(e.key)!}
            open={hover === e.key}
            lit={lit(e)}
            dim={false}
            onSelect={(_, target) => goTo(target)}
            onHover={setHover}
          />
        ))}
      </g>
      {graph.nodes
        .filter((n) => layout.nodes[n.key])
        .map((n) => (
          <NodeCard
            key={n.key}
            node={n}
            at={layout.nodes[n.key]!}
            colour={n.inferred || n.kind === 'client' ? undefined : serviceColours.of(n.name)}
            selected={isSelected(n)}
            dim={false}
            tabbable
            onSelect={goTo}
            onFocus={nothing}
            onHover={setHover}
          />
        ))}
      <g class="chips" aria-hidden="true">
        {edges.map((e) => (
          <EdgeChip key={e.key} edge={e} way={ways.get(e.key)!} open={hover === e.key} lit={lit(e)} dim={false} />
        ))}
      </g>
    </svg>
  );
}

const nothing = () => undefined;

/** Goes to the next row of a node; of the clients to the first of all. */
function step(state: TraceState, node: MapNode | undefined): void {
  if (node === undefined) return;
  const { spans, main } = state.trace.peek();
  const own = spans.filter(
    (s) => s.service.name === node.name && s.service.type === node.type && (s.kind === 'segment' || s.inferred !== undefined),
  );
  if (own.length > 0) state.step(own, 1);
  else if (node.kind === 'client') state.reveal(main);
}

/** What of the drawing's plane is shown: all of it, in the middle, never larger than it was made. */
function viewBox(b: Bounds, frame: Size): string {
  const margin = 16;
  const scale = Math.min(1, (frame.width - 2 * margin) / b.width, (frame.height - 2 * margin) / b.height);
  const [width, height] = [frame.width / scale, frame.height / scale];
  return [b.x - (width - b.width) / 2, b.y - (height - b.height) / 2, width, height].map((n) => n.toFixed(1)).join(' ');
}

function waysOf(graph: Graph, layout: Layout): Map<string, Way> {
  const out = new Map<string, Way>();
  for (const e of graph.edges) {
    const [source, target] = [layout.nodes[e.source], layout.nodes[e.target]];
    if (!source || !target) continue;
    const from = { ...source, kind: graph.node.get(e.source)!.kind };
    out.set(
      e.key,
      e.source === e.target ? loop(from) : way(from, { ...target, kind: graph.node.get(e.target)!.kind }, layout.edges[e.key] ?? []),
    );
  }
  return out;
}

function useFrame(box: { current: SVGSVGElement | null }): Size | undefined {
  const [frame, setFrame] = useState<Size>();
  useEffect(() => {
    const measure = () =>
      box.current && setFrame({ width: Math.max(1, box.current.clientWidth), height: Math.max(1, box.current.clientHeight) });
    const watch = new ResizeObserver(measure);
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  return frame;
}
