// The drawing: cards and lines, moved and magnified as one. The pointer drags and the wheel zooms;
// Tab enters, arrows go from node to node, Enter opens.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { serviceColours } from '../lib/colour.ts';
import type { Camera } from './camera.ts';
import { Arrows, EdgeChip, EdgeLine } from './edge.tsx';
import type { Part } from './focus.ts';
import { bounds, loop, size, way, type Size, type Way } from './geometry.ts';
import type { Layout } from './layout.ts';
import { deselect, selectEdge, selectNode } from './mapstate.ts';
import type { MapEdge, MapNode } from './model.ts';
import { NodeCard } from './node.tsx';
import { neighbour, type Direction } from './viewport.ts';

interface Props {
  part: Part;
  layout: Layout;
  camera: Camera;
  node: string | undefined; // chosen, by key
  edge: string | undefined;
  found: ReadonlySet<string> | undefined; // keys of nodes that a search is for; undefined: no search
  stale: boolean;
}

export function Canvas(props: Props) {
  const { part, layout, camera } = props;
  const svg = useRef<SVGSVGElement>(null);
  const frame = useFrame(svg);
  const kinds = useMemo(() => new Map(part.nodes.map((n) => [n.key, n])), [part.nodes]);
  const ways = useMemo(() => waysOf(part.edges, kinds, layout), [part.edges, kinds, layout]);
  const content = useMemo(() => bounds(layout, kinds), [layout, kinds]);
  const chosen = layout.nodes[props.node ?? kinds.get(part.edges.find((e) => e.key === props.edge)?.target ?? '')?.key ?? ''];
  useLayoutEffect(() => {
    if (frame) camera.resize(frame, content, chosen);
  }, [frame, content, chosen]);
  useWheel(svg, camera);
  const drag = useDrag(camera);
  const reveal = (key: string) => layout.nodes[key] && camera.reveal(layout.nodes[key], size(kinds.get(key)?.kind ?? 'service'));
  useEffect(() => {
    if (props.node !== undefined && frame) reveal(props.node);
  }, [props.node, frame]);

  return (
    <svg
      ref={svg}
      class={`map-canvas${camera.far.value ? ' far' : ''}${props.found ? ' searching' : ''}${props.stale ? ' stale' : ''}`}
      role="group"
      aria-label={`Service map: ${part.nodes.length} nodes, ${part.edges.length} edges. Arrow keys move between nodes, Enter opens one.`}
      data-testid="service-map"
      {...drag}
      onKeyDown={(event) => walk(event, layout, reveal)}
    >
      <Arrows />
      <g transform={camera.transform}>
        <Content {...props} ways={ways} />
      </g>
    </svg>
  );
}

function Content(props: Props & { ways: ReadonlyMap<string, Way> }) {
  const { part, layout, ways, found } = props;
  const [hover, setHover] = useState<string>();
  const [cursor, setCursor] = useState<string>();
  const nodes = useMemo(() => readingOrder(part.nodes, layout), [part.nodes, layout]);
  const colours = useMemo(
    () => new Map(nodes.filter((n) => !n.inferred && n.kind !== 'client').map((n) => [n.key, serviceColours.of(n.name)])),
    [nodes],
  );
  const entry = [cursor, props.node].find((k) => k !== undefined && layout.nodes[k]) ?? nodes[0]?.key;
  const open = (e: MapEdge) => e.key === hover || e.key === props.edge;
  const lit = (e: MapEdge) => open(e) || [hover, props.node].some((k) => k === e.source || k === e.target);
  const dim = (e: MapEdge) => found !== undefined && !found.has(e.source) && !found.has(e.target);
  const edges = part.edges.filter((e) => ways.has(e.key));
  return (
    <>
      <g aria-hidden="true">
        {edges.map((e) => (
          <EdgeLine key={e.key} edge={e} way={ways.get(e.key)!} open={open(e)} lit={lit(e)} dim={dim(e)} onSelect={selectEdge} onHover={setHover} />
        ))}
      </g>
      {nodes.map((n) => (
        <NodeCard
          key={n.key}
          node={n}
          at={layout.nodes[n.key]!}
          colour={colours.get(n.key)}
          selected={n.key === props.node}
          dim={found !== undefined && !found.has(n.key)}
          tabbable={n.key === entry}
          onSelect={selectNode}
          onFocus={setCursor}
          onHover={setHover}
        />
      ))}
      <g class="chips" aria-hidden="true">
        {onTop(edges, open).map((e) => (
          <EdgeChip key={e.key} edge={e} way={ways.get(e.key)!} open={open(e)} lit={lit(e)} dim={dim(e)} />
        ))}
      </g>
    </>
  );
}

// What is drawn last lies above.
const onTop = (edges: readonly MapEdge[], open: (e: MapEdge) => boolean) => [...edges.filter((e) => !open(e)), ...edges.filter(open)];

/** Columns from left to right, each from top to bottom: the order of Tab, and in which services get their colours. */
export function readingOrder(nodes: readonly MapNode[], layout: Layout): MapNode[] {
  const at = (n: MapNode) => layout.nodes[n.key]!;
  return nodes.filter((n) => layout.nodes[n.key]).sort((a, b) => at(a).x - at(b).x || at(a).y - at(b).y);
}

function waysOf(edges: readonly MapEdge[], nodes: ReadonlyMap<string, MapNode>, layout: Layout): Map<string, Way> {
  const out = new Map<string, Way>();
  const placed = (key: string) => {
    const [p, n] = [layout.nodes[key], nodes.get(key)];
    return p && n && { ...p, kind: n.kind };
  };
  const labelAt = (e: MapEdge) => {
    const [out, into] = [nodes.get(e.source)!.out.length, nodes.get(e.target)!.in.length];
    return Math.max(out, into) <= 2 ? 'middle' : out >= into ? 'target' : 'source';
  };
  for (const e of edges) {
    const [source, target] = [placed(e.source), placed(e.target)];
    if (source && target) out.set(e.key, e.source === e.target ? loop(source) : way(source, target, layout.edges[e.key] ?? [], labelAt(e)));
  }
  return out;
}

const arrows: Record<string, Direction> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };

function walk(event: KeyboardEvent, layout: Layout, reveal: (key: string) => void) {
  const direction = arrows[event.key];
  const from = event.target instanceof SVGElement ? event.target.dataset.key : undefined;
  if (!direction || from === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const to = neighbour(layout.nodes, from, direction);
  if (to === undefined) return;
  focusNode(to);
  reveal(to);
}

/** Puts the focus on a node that is drawn. */
export function focusNode(key: string): void {
  document.querySelector<SVGElement>(`[data-testid="map-node"][data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

function useFrame(ref: { current: SVGSVGElement | null }): Size | undefined {
  const [frame, setFrame] = useState<Size>();
  useLayoutEffect(() => {
    const element = ref.current!;
    const look = () => setFrame({ width: Math.max(1, element.clientWidth), height: Math.max(1, element.clientHeight) });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return frame;
}

// A listener of our own: the page's would be passive, and the wheel would scroll.
function useWheel(ref: { current: SVGSVGElement | null }, camera: Camera) {
  useEffect(() => {
    const element = ref.current!;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.shiftKey) return camera.pan(-(event.deltaX || event.deltaY), 0);
      const box = element.getBoundingClientRect();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1;
      const speed = event.ctrlKey ? 0.01 : 0.0016; // pinching comes as a wheel with ctrl, in small steps
      camera.zoom(Math.exp(-event.deltaY * lines * speed), { x: event.clientX - box.left, y: event.clientY - box.top });
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [camera]);
}

const still = 4; // pixels within which a press is a click

function useDrag(camera: Camera) {
  const last = useRef<{ x: number; y: number; far: number } | undefined>(undefined);
  const ground = (event: Event) => event.target instanceof Element && event.target.closest('.node, .edge') === null;
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 && event.button !== 1) return;
      if (!ground(event)) return;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      last.current = { x: event.clientX, y: event.clientY, far: 0 };
    },
    onPointerMove: (event: PointerEvent) => {
      const from = last.current;
      if (!from) return;
      const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
      from.far += Math.abs(dx) + Math.abs(dy);
      from.x = event.clientX;
      from.y = event.clientY;
      if (from.far > still) camera.pan(dx, dy);
    },
    onPointerUp: () => {
      const from = last.current;
      last.current = undefined;
      if (from && from.far <= still) deselect();
    },
    onPointerCancel: () => (last.current = undefined),
  };
}
