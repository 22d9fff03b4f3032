// Places and their addresses: #/service-map, #/traces, #/traces/<id>, #/traces/<id>/raw, #/sampling, #/agents, each with
// ?name=value after it. The first shapes are those of the X-Ray console, so that old runbooks work.

export type Page = 'map' | 'traces' | 'trace' | 'sampling' | 'agents';

export type Params = Record<string, string>;

export interface Place {
  page: Page;
  /** The trace id of page "trace", else "". */
  id: string;
  /** Page "trace": show the documents as JSON. */
  raw: boolean;
  params: Params;
}

const rooms: Record<string, Page> = { traces: 'traces', sampling: 'sampling', agents: 'agents' };

/** Reads an address; one that names nothing is the service map. */
export function parsePlace(hash: string): Place {
  const text = hash.replace(/^#/, '');
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  const params: Params = {};
  if (mark >= 0) new URLSearchParams(text.slice(mark + 1)).forEach((value, key) => (params[key] = value));
  const [, room, id, view] = path.split('/');
  if (room === 'traces' && id) return { page: 'trace', id: decode(id), raw: view === 'raw', params };
  return { page: rooms[room ?? ''] ?? 'map', id: '', raw: false, params };
}

/** Writes the address that parsePlace reads back. */
export function formatPlace(place: Place): string {
  const query = Object.entries(place.params).map(([key, value]) => `${encode(key)}=${encode(value)}`);
  return `#/${path(place)}${query.length > 0 ? '?' : ''}${query.join('&')}`;
}

/** Where to go: a page, with parameters added to (undefined or "": removed from) those that stay. */
export interface Target {
  page: Page;
  id?: string;
  raw?: boolean;
  params?: Record<string, string | undefined>;
}

/** What stays when the page changes; everything else in the URL belongs to one page. */
const sticky = ['timeRange', 'filter', 'group', 'tz', 'refresh', 'theme'];

/** The place of a target for one who comes from a place with these parameters. */
export function arrive(from: Params, to: Target): Place {
  const kept = Object.fromEntries(Object.entries(from).filter(([key]) => sticky.includes(key)));
  return { page: to.page, id: to.id ?? '', raw: to.raw ?? false, params: merge(kept, to.params ?? {}) };
}

/** The parameters with some changed; undefined or "" removes one. */
export function merge(params: Params, patch: Record<string, string | undefined>): Params {
  const out: Params = { ...params };
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || value === '') delete out[key];
    else out[key] = value;
  }
  return out;
}

function path(place: Place): string {
  if (place.page === 'map') return 'service-map';
  if (place.page !== 'trace') return place.page;
  return `traces/${encodeURIComponent(place.id)}${place.raw ? '/raw' : ''}`;
}

// Colons and slashes need no escape after the hash, and times and paths read better without.
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%3A/g, ':').replace(/%2F/g, '/');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
