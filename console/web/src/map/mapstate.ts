// What the map keeps in the URL beside the time range and the group: the chosen node or edge, what
// was picked of it, how one looks, and what is searched for.
import { computed, effect, signal } from '@preact/signals';
import { decimal } from '../lib/clause.ts';
import { place, setParams } from '../state.ts';
import type { Choice } from './filter.ts';
import { edgeKey } from './key.ts';
import type { Graph, MapEdge, MapNode } from './model.ts';
import { outcomes, type Outcome } from './stats.ts';

const params = computed(() => place.value.params);

export const nodeParam = computed(() => params.value.node);
export const edgeParam = computed(() => params.value.edge);
export const listed = computed(() => params.value.view === 'list');
export const search = computed(() => params.value.find ?? '');
/** What stands in the search box: the search follows after a pause, so that typing never waits for the map. */
export const typed = signal('');
effect(() => void (typed.value = search.value));

/** The key of the node around which a map too large is drawn. */
export const around = computed(() => params.value.around);

/** What is chosen, if the graph has it. */
export function chosenIn(g: Graph): { node?: MapNode; edge?: MapEdge } {
  const edge = edgeParam.value === undefined ? undefined : g.edge.get(edgeParam.value);
  if (edge) return { edge };
  const node = nodeParam.value === undefined ? undefined : g.node.get(nodeParam.value);
  return node ? { node } : {};
}

/** Outcomes and response times that were picked in the panel. */
export const choice = computed<Choice>(() => {
  const only = (params.value.only ?? '').split(',');
  const [from, to] = (params.value.took ?? '').split('~').map((s) => (s === '' ? NaN : Number(s)));
  const range = from !== undefined && to !== undefined && from >= 0 && to > from ? { from, to } : undefined;
  return { outcomes: outcomes.filter((o) => only.includes(o)), range };
});

export function pick(c: Choice): void {
  setParams(
    {
      only: c.outcomes.join(',') || undefined,
      took: c.range && `${decimal(c.range.from)}~${decimal(c.range.to)}`,
    },
    true,
  );
}

export function toggle(outcome: Outcome): void {
  const { outcomes: now, range } = choice.peek();
  pick({ outcomes: now.includes(outcome) ? now.filter((o) => o !== outcome) : [...now, outcome], range });
}

const nothing = { node: undefined, edge: undefined, only: undefined, took: undefined };

export const selectNode = (key: string): void => setParams({ ...nothing, node: key });
export const selectEdge = (source: string, target: string): void => setParams({ ...nothing, edge: edgeKey(source, target) });
export const deselect = (): void => setParams(nothing);
export const setListed = (on: boolean): void => setParams({ view: on ? 'list' : undefined });
export const setAround = (key: string | undefined): void => setParams({ around: key, at: undefined });

const pause = 90; // ms without a key after which the search follows what is typed
let timer: ReturnType<typeof setTimeout> | undefined;

export function setSearch(text: string): void {
  typed.value = text;
  clearTimeout(timer);
  timer = setTimeout(searchNow, pause);
}

/** Searches for what is typed without waiting for the pause. */
export function searchNow(): void {
  clearTimeout(timer);
  if (place.peek().page === 'map') setParams({ find: typed.peek() || undefined }, true);
}
