// Places and their addresses: #/service-map, #/traces, #/traces/<id>, #/traces/<id>/raw, each with
// ?name=value after it. The shapes are those of the X-Ray console, so that old runbooks work.

export type Page = 'map' | 'traces' | 'trace';

export type Params = Record<string, string>;

export interface Place {
  page: Page;
  /** The trace id of page "trace", else "". */
  id: string;
  /** Page "trace": show the documents as JSON. */
  raw: boolean;
  params: Params;
}

/** Reads an address; one that names nothing is the service map. */
export function parsePlace(hash: string): Place {
  const text = hash.replace(/^#/, '');
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  const params: Params = {};
  if (mark >= 0) new URLSearchParams(text.slice(mark + 1)).forEach((value, key) => (params[key] = value));
  const [, room, id, view] = path.split('/');
  if (room === 'traces' && id) return { page: 'trace', id: decode(id), raw: view === 'raw', params };
  return { page: room === 'traces' ? 'traces' : 'map', id: '', raw: false, params };
}

/** Writes the address that parsePlace reads back. */
export function formatPlace(place: Place): string {
  const query = Object.entries(place.params).map(([key, value]) => `${encode(key)}=${encode(value)}`);
  return `#/${path(place)}${query.length > 0 ? '?' : ''}${query.join('&')}`;
}

function path(place: Place): string {
  if (place.page === 'map') return 'service-map';
  if (place.page === 'traces') return 'traces';
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
