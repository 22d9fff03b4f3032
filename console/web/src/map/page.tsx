// The service map: who calls whom in the time range, how often, how fast, how well.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Slot } from '../slot.ts';
import { asked, filter, group, timeWindow } from '../state.ts';
import { Failed, Loading } from '../ui/empty.tsx';
import { useKeys, type Key } from '../ui/keys.ts';
import { serviceGraph } from './api.ts';
import { Camera } from './camera.ts';
import { Canvas, focusNode, readingOrder } from './canvas.tsx';
import { part, type Part } from './focus.ts';
import { readEdgeKey, readNodeKey } from './key.ts';
import type { Layout } from './layout.ts';
import { Layouts } from './layouts.ts';
import { Legend } from './legend.tsx';
import { Lists } from './list.tsx';
import { around, chosenIn, deselect, edgeParam, listed, nodeParam, search, searchNow, selectNode, setListed, typed } from './mapstate.ts';
import { emptyGraph, type Graph, type MapNode } from './model.ts';
import { EdgePanel, NodePanel } from './panel.tsx';
import { find } from './search.ts';
import { FilterNote, GroupNote, searchId, Toolbar } from './toolbar.tsx';
import { Nothing } from './nothing.tsx';
import { layoutInput, topology, topologyText } from './topology.ts';
import './map.css';

const graphs = new Slot<Graph>();
const places = new Slot<Layout>();
const layouts = new Layouts();
const camera = new Camera();

export function MapPage() {
  const { from, to } = timeWindow.value;
  const answer = graphs.ask(`${group.value} ${from} ${to} ${asked.value}`, (abort) => serviceGraph({ from, to }, group.value, abort));
  useEffect(() => {
    if (answer.error) graphs.again(); // who comes back to a map that failed wants it to be tried again
    return () => camera.close();
  }, []);
  const graph = answer.value ?? emptyGraph;
  const empty = graph.nodes.length === 0;
  return (
    <section class="map-page" aria-busy={answer.loading}>
      <Loading on={answer.loading} label="Loading the service map" />
      {answer.error && empty && <Failed what="The service map could not be loaded" error={answer.error} retry={() => graphs.again()} />}
      {answer.error && !empty && <StaleNote message={answer.error.message} />}
      {!answer.error && answer.value && empty && <Nothing />}
      {!empty && <Filled graph={graph} stale={answer.stale} />}
    </section>
  );
}

function StaleNote(props: { message: string }) {
  return (
    <p class="map-note" role="alert">
      {`What is shown is from before: ${props.message}`}
      <button class="button quiet small" onClick={() => graphs.again()}>
        Try again
      </button>
    </p>
  );
}

function Filled(props: { graph: Graph; stale: boolean }) {
  const { graph } = props;
  const chosen = chosenIn(graph);
  const drawn = useDrawn(graph, chosen.node?.key ?? chosen.edge?.source);
  const found = useMemo(() => find(graph.nodes, search.value), [graph, search.value]);
  const open = () => {
    searchNow();
    const [first] = find(graph.nodes, typed.peek()) ?? [];
    if (first === undefined) return;
    selectNode(first);
    requestAnimationFrame(() => focusNode(first));
  };
  useKeys(keys(drawn));
  useFocus(chosen.node?.key ?? chosen.edge?.key, chosen.node?.key ?? chosen.edge?.source);
  return (
    <>
      <FilterNote filter={filter.value} />
      <GroupNote old={graph.oldGroups} />
      <Toolbar graph={graph} part={drawn.part} chosen={chosen.node} camera={camera} found={found} open={open} />
      <div class={`map-room ${chosen.node || chosen.edge ? 'split' : ''}`}>
        <div class="map-main">
          {listed.value ? (
            <Lists graph={graph} found={found} node={chosen.node?.key} edge={chosen.edge?.key} />
          ) : (
            <Drawing {...props} drawn={drawn} found={found} />
          )}
        </div>
        {chosen.node && <NodePanel graph={graph} node={chosen.node} />}
        {chosen.edge && <EdgePanel graph={graph} edge={chosen.edge} />}
        {!chosen.node && !chosen.edge && <Absent />}
      </div>
    </>
  );
}

/** What had the focus may go with a panel: then the next panel takes it, or the node that the last one spoke of. */
function useFocus(chosen: string | undefined, node: string | undefined): void {
  const before = useRef<string>(undefined);
  useEffect(() => {
    const left = before.current;
    before.current = node;
    if (left === undefined || document.activeElement !== document.body) return;
    if (chosen === undefined) focusNode(left);
    else document.querySelector<HTMLElement>('.map-panel')?.focus();
  }, [chosen]);
}

interface Drawn {
  part: Part;
  layout: Layout | undefined;
  error: string | undefined;
}

/** What of the graph is drawn, and where. Places come from a worker: until it answers there are the old ones. */
function useDrawn(graph: Graph, chosen: string | undefined): Drawn {
  const shown = useMemo(() => part(graph, around.value, chosen), [graph, around.value, chosen]);
  const { text, shape } = useMemo(() => {
    const shape = topology(shown.nodes, shown.edges);
    return { shape, text: topologyText(shape) };
  }, [shown]);
  const answer = places.ask(text, () => layouts.ask(text, (before) => layoutInput(shape, before)));
  return { part: shown, layout: layouts.known(text) ?? answer.value, error: answer.error?.message };
}

function Drawing(props: { graph: Graph; stale: boolean; drawn: Drawn; found: ReadonlySet<string> | undefined }) {
  const { part, layout, error } = props.drawn;
  if (error) {
    return (
      <div class="empty" role="alert">
        <h2>The map could not be drawn</h2>
        <p>{error}</p>
        <div class="steps">
          <button class="button primary" onClick={() => setListed(true)}>
            Show the list
          </button>
          <button class="button" onClick={() => places.again()}>
            Try again
          </button>
        </div>
      </div>
    );
  }
  if (!layout)
    return (
      <p class="map-placing faint" role="status">
        Placing the nodes
      </p>
    );
  return (
    <>
      <Canvas part={part} layout={layout} camera={camera} node={nodeParam.value} edge={edgeParam.value} found={props.found} stale={props.stale} />
      <Legend />
    </>
  );
}

/** The URL names a node or edge that had no traffic in this time range: it stays chosen, for the next refresh. */
function Absent() {
  if (nodeParam.value === undefined && edgeParam.value === undefined) return null;
  return (
    <p class="map-absent panel" role="status">
      {`No traffic ${named()} in this time range.`}
      <button class="button quiet small" onClick={deselect}>
        Let it go
      </button>
    </p>
  );
}

function named(): string {
  const ends = edgeParam.value === undefined ? undefined : readEdgeKey(edgeParam.value);
  if (ends) return `from ${readNodeKey(ends.from).name} to ${readNodeKey(ends.to).name}`;
  return `of ${readNodeKey(nodeParam.value ?? '').name}`;
}

const panStep = 80; // pixels

function keys(drawn: Drawn): Key[] {
  const group = 'Map';
  const nodes = drawn.layout ? readingOrder(drawn.part.nodes, drawn.layout) : [];
  const drawing: Key[] = [
    { keys: 'w', does: 'zoom in', run: () => camera.zoom(1.25), group },
    { keys: 's', does: 'zoom out', run: () => camera.zoom(1 / 1.25), group },
    { keys: 'a', does: 'pan left', run: () => camera.pan(panStep, 0), group },
    { keys: 'd', does: 'pan right', run: () => camera.pan(-panStep, 0), group },
    { keys: 'f', does: 'show all', run: () => camera.fit(), group },
    { keys: 'j', does: 'next node', run: () => step(nodes, 1), group },
    { keys: 'k', does: 'previous node', run: () => step(nodes, -1), group },
  ];
  return [
    ...(listed.value ? [] : drawing),
    { keys: 'n', does: 'find a node', run: () => document.getElementById(searchId)?.focus(), group },
    { keys: 'l', does: listed.value ? 'map' : 'list of nodes and edges', run: () => setListed(!listed.value), group },
    ...(nodeParam.value !== undefined || edgeParam.value !== undefined ? [{ keys: 'Escape', does: 'close the panel', run: deselect, group }] : []),
  ];
}

function step(nodes: readonly MapNode[], by: number): void {
  const now = document.activeElement instanceof SVGElement ? document.activeElement.dataset.key : nodeParam.peek();
  const at = nodes.findIndex((n) => n.key === now);
  const next = nodes[at < 0 ? (by > 0 ? 0 : nodes.length - 1) : (at + by + nodes.length) % nodes.length];
  if (next) focusNode(next.key);
}
