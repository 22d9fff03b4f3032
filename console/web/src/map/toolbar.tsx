// Above the map: what it shows, a search, and the ways to look at it.
import { count } from '../lib/format.ts';
import { go } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import type { Camera } from './camera.ts';
import type { Part } from './focus.ts';
import { around as asked, listed, setAround, setListed, setSearch, typed } from './mapstate.ts';
import type { Graph, MapNode } from './model.ts';
import { inSum } from './rates.ts';
import { title } from './words.ts';

interface Props {
  graph: Graph;
  part: Part;
  chosen: MapNode | undefined;
  camera: Camera;
  found: ReadonlySet<string> | undefined;
  /** Opens what the search is for. */
  open: () => void;
}

export const searchId = 'map-search';

export function Toolbar(props: Props) {
  const { graph, part, found } = props;
  return (
    <div class="map-toolbar">
      <label class="map-search">
        <Icon name="search" />
        <input
          id={searchId}
          class="input"
          type="search"
          placeholder="Find a node"
          aria-label="Find a node"
          data-testid="map-search"
          value={typed.value}
          onInput={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') props.open();
            if (event.key === 'Escape') leaveSearch(event);
          }}
        />
      </label>
      <span class="faint" role="status">
        {found ? `${found.size} of ${count(graph.nodes.length)} nodes` : `${count(graph.nodes.length)} nodes, ${count(graph.edges.length)} edges`}
      </span>
      <Known graph={graph} />
      {!part.whole && <Excerpt {...props} />}
      <span class="grow" />
      {!listed.value && <Zoom camera={props.camera} />}
      <div class="map-views" role="group" aria-label="View">
        <button class="button small" aria-pressed={!listed.value} onClick={() => setListed(false)}>
          Map
        </button>
        <button class="button small" aria-pressed={listed.value} data-testid="map-list" onClick={() => setListed(true)}>
          List
        </button>
      </div>
    </div>
  );
}

/** How the rates of the map are known. */
function Known(props: { graph: Graph }) {
  const text = inSum([...props.graph.nodes, ...props.graph.edges].map((x) => x.rates));
  if (text === '') return null;
  return (
    <span class="faint" data-testid="map-rates" title="Counted: agents counted every request, kept or not. Estimated: kept traces stand for as many as they were chosen from.">
      {text}
    </span>
  );
}

function leaveSearch(event: KeyboardEvent & { currentTarget: HTMLInputElement }) {
  event.preventDefault();
  if (typed.peek() === '') event.currentTarget.blur();
  else setSearch('');
}

function Excerpt(props: Props) {
  const { part, graph, chosen } = props;
  const { around } = part;
  return (
    <span class="map-excerpt">
      {`Drawn: the ${count(part.nodes.length)} nodes nearest to ${around ? title(around) : 'the busiest'}. The list has all ${count(graph.nodes.length)}.`}
      {chosen && chosen !== around && (
        <button class="button quiet small" onClick={() => setAround(chosen.key)}>
          {`Nearest to ${title(chosen)}`}
        </button>
      )}
      {asked.value !== undefined && (
        <button class="button quiet small" onClick={() => setAround(undefined)}>
          Nearest to the busiest
        </button>
      )}
    </span>
  );
}

function Zoom(props: { camera: Camera }) {
  const { camera } = props;
  return (
    <div class="map-zoom" role="group" aria-label="Zoom">
      <button class="button quiet icon small" aria-label="Zoom out" title="Zoom out (s)" onClick={() => camera.zoom(1 / 1.3)}>
        −
      </button>
      <output class="faint" aria-label="Scale">{`${Math.round(camera.scale.value * 100)} %`}</output>
      <button class="button quiet icon small" aria-label="Zoom in" title="Zoom in (w)" onClick={() => camera.zoom(1.3)}>
        +
      </button>
      <button class="button quiet small" title="Show all (f)" onClick={() => camera.fit()}>
        Fit
      </button>
    </div>
  );
}

/** The filter box speaks of traces, the map counts all of them: says so where one might take them for one. */
export function FilterNote(props: { filter: string }) {
  if (props.filter === '') return null;
  return (
    <p class="map-note">
      The map counts every trace of the time range and group; a filter narrows the list of traces.
      <button class="button quiet small" onClick={() => go({ page: 'traces' })}>
        Show the traces that match
      </button>
    </p>
  );
}

/** Said when some traces were admitted to the group by an expression that it no longer has. */
export function GroupNote(props: { old: boolean }) {
  if (!props.old) return null;
  return <p class="map-note">The group’s expression was changed within this time range: traces before the change were chosen by the old one.</p>;
}
