// The URL is the state: every screen can be pasted into an incident channel. This file reads the
// place out of the address, and is the only one that writes it.
import { computed, signal } from '@preact/signals';
import { parseRange, resolveRange, type Window } from './lib/timerange.ts';
import { arrive, formatPlace, merge, parsePlace, type Place, type Target } from './lib/place.ts';

export type { Page, Params, Place, Target } from './lib/place.ts';

/** Where the user is. Change it with go or setParams, never by assignment. */
export const place = signal<Place>(parsePlace(location.hash));

/** When the user last asked for data, in epoch milliseconds: relative ranges end here. */
export const asked = signal(Date.now());

/** The selected time range as the URL has it. */
export const range = computed(() => parseRange(place.value.params.timeRange));

/** The selected time range in epoch seconds; a relative one moves only with refresh(). */
export const timeWindow = computed<Window>(() => resolveRange(range.value, asked.value / 1000));

/** The filter expression, "" for none. */
export const filter = computed(() => place.value.params.filter ?? '');

/** The name of the selected group, "" for all traces. */
export const group = computed(() => place.value.params.group ?? '');

/** True when times are shown in UTC instead of the browser's zone. */
export const utc = computed(() => place.value.params.tz === 'utc');

/** The href of a target, for anchors: middle clicks and copied links work. */
export function link(to: Target): string {
  return formatPlace(arrive(place.peek().params, to));
}

/** Goes to a target, leaving the present place in the history. */
export function go(to: Target): void {
  write(arrive(place.peek().params, to), false);
}

/**
 * Changes parameters of the present place; undefined removes one. With replace the change makes no
 * step in the history: right for selection, zoom and scroll.
 */
export function setParams(patch: Record<string, string | undefined>, replace = false): void {
  const now = place.peek();
  write({ ...now, params: merge(now.params, patch) }, replace);
}

/** From a trace to the list, in which it is the chosen one. */
export function backToList(): void {
  go({ page: 'traces', params: { trace: place.peek().id } });
}

/** Asks for everything again, relative time ranges up to now. */
export function refresh(): void {
  asked.value = Date.now();
}

function write(to: Place, replace: boolean): void {
  const hash = formatPlace(to);
  if (hash === location.hash) return;
  if (replace) history.replaceState(null, '', hash);
  else history.pushState(null, '', hash);
  place.value = to;
}

// The back button, an edited address, a plain link.
function follow(): void {
  if (formatPlace(place.peek()) !== location.hash) place.value = parsePlace(location.hash);
}

addEventListener('popstate', follow);
addEventListener('hashchange', follow);
