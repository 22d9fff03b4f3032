// The panel beside the map: who it is, what happened, and the way to the traces behind the numbers.
import type { ComponentChildren } from 'preact';
import { serviceColours } from '../lib/colour.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { Figures } from './figures.tsx';
import { Mark } from '../ui/mark.tsx';
import { KindIcon } from './icons.tsx';
import { typeName } from './kind.ts';
import { deselect, selectEdge, selectNode } from './mapstate.ts';
import type { Graph, MapEdge, MapNode } from './model.ts';
import { worst } from './stats.ts';
import { edgeSubject, nodeSubject } from './subject.ts';
import { half, rateOf, title } from './words.ts';

export function NodePanel(props: { graph: Graph; node: MapNode }) {
  const { graph, node: n } = props;
  return (
    <Panel label={`Node ${title(n)}`}>
      <header class="map-panel-head">
        <span class="map-panel-kind" style={colourOf(n)}>
          <KindIcon kind={n.kind} size={22} />
        </span>
        <div class="grow">
          <h2 data-testid="panel-title">
            {title(n)}
            <CopyButton text={() => n.name} label="Copy the name" class="button quiet icon small" />
          </h2>
          <p class="muted">{facts(n)}</p>
          {n.kind !== 'client' && title(n) !== n.name && <p class="faint map-full-name">{n.name}</p>}
          {n.names.length > 0 && <p class="faint">{`Also answers to ${n.names.join(', ')}`}</p>}
        </div>
        <Close />
      </header>
      <Figures subject={nodeSubject(graph, n)} />
      <Calls title={n.kind === 'client' ? 'Calls' : 'Calls out'} edges={n.out.map((k) => graph.edge.get(k)!)} graph={graph} end="target" />
      <Calls title="Called by" edges={n.in.map((k) => graph.edge.get(k)!)} graph={graph} end="source" />
    </Panel>
  );
}

export function EdgePanel(props: { graph: Graph; edge: MapEdge }) {
  const { graph, edge: e } = props;
  const [source, target] = [graph.node.get(e.source)!, graph.node.get(e.target)!];
  return (
    <Panel label={`Edge from ${title(source)} to ${title(target)}`}>
      <header class="map-panel-head">
        <div class="grow">
          <h2 class="map-panel-ends" data-testid="panel-title">
            <End node={source} />
            <span class="faint" aria-label="calls">
              →
            </span>
            <End node={target} />
          </h2>
          <p class="muted">{e.link ? 'Events from a queue: nobody waits for them' : 'Calls'}</p>
          {e.aliases.length > 0 && <p class="faint">{`The caller names it ${e.aliases.join(', ')}`}</p>}
        </div>
        <Close />
      </header>
      <Figures subject={edgeSubject(graph, e)} />
    </Panel>
  );
}

function Panel(props: { label: string; children: ComponentChildren }) {
  return (
    <aside class="map-panel" aria-label={props.label} data-testid="map-panel" tabIndex={-1}>
      {props.children}
    </aside>
  );
}

function Close() {
  return (
    <button class="button quiet icon small" aria-label="Close" title="Close (esc)" data-testid="panel-close" onClick={deselect}>
      <Icon name="close" />
    </button>
  );
}

const colourOf = (n: MapNode) => (n.inferred || n.kind === 'client' ? undefined : { color: serviceColours.of(n.name) });

function facts(n: MapNode): string {
  if (n.kind === 'client') return 'Whoever called from outside; nobody recorded them.';
  const words = [n.type === '' ? 'No type' : `${typeName(n.type)} (${n.type})`];
  if (n.account !== '') words.push(`account ${n.account}`);
  if (n.inferred) words.push('known from its callers only');
  if (n.root) words.push('where traces begin');
  return words.join(' · ');
}

function End(props: { node: MapNode }) {
  const { node: n } = props;
  return (
    <button class="map-end" onClick={() => selectNode(n.key)}>
      <span style={colourOf(n)}>
        <KindIcon kind={n.kind} />
      </span>
      {title(n)}
    </button>
  );
}

function Calls(props: { title: string; edges: MapEdge[]; graph: Graph; end: 'source' | 'target' }) {
  if (props.edges.length === 0) return null;
  const edges = [...props.edges].sort((a, b) => b.stats.total - a.stats.total);
  return (
    <section class="map-section">
      <h3>{props.title}</h3>
      <ul class="map-calls">
        {edges.map((e) => (
          <li key={e.key}>
            <button onClick={() => selectEdge(e.source, e.target)} title="Open this edge">
              <KindIcon kind={props.graph.node.get(e[props.end])!.kind} />
              <span class="ellipsis grow">{title(props.graph.node.get(e[props.end])!)}</span>
              <Trouble edge={e} />
              <span class="number map-calls-rate">{rateOf(e)}</span>
              <span class="number map-calls-time muted">{half(e.times)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Trouble(props: { edge: MapEdge }) {
  const w = worst(props.edge.stats);
  if (!w) return null;
  return (
    <>
      <Mark of={w.outcome} />
      <span class="unseen">{w.outcome}</span>
    </>
  );
}
