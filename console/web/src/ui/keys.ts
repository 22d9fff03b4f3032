// The keyboard: every page names its keys with what they do; the help dialog lists the same table,
// so no key is secret and none is listed that does nothing.
import { useEffect, useRef } from 'preact/hooks';
import { signal } from '@preact/signals';

export interface Key {
  /** As event.key has it: "j", "Enter", "Escape", "/", "?". Two with a space between are pressed one after the other: "g m". */
  keys: string;
  /** What it does, for the help dialog: "next trace". */
  does: string;
  run: (event: KeyboardEvent) => void;
  /** The heading in the help dialog. */
  group?: string;
  /** Works while the user types in a field, too. Escape and function keys only. */
  inFields?: boolean;
}

/** base: the shell, asked last. page: what stands in it. dialog: asked first, and keys it lacks go nowhere. */
export type Layer = 'base' | 'page' | 'dialog';

// The last one is asked first.
const layers: { keys: () => Key[]; kind: Layer }[] = [];

/** Counts changes of the layers, so that the help dialog can follow them. */
export const keysChanged = signal(0);

/** Listens while the component stands. Pass the table anew on each render; the newest counts. */
export function useKeys(keys: Key[], kind: Layer = 'page'): void {
  const latest = useLatest(keys);
  useEffect(() => {
    const layer = { keys: () => latest.current, kind };
    if (kind === 'base') layers.unshift(layer);
    else layers.push(layer);
    keysChanged.value++;
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      keysChanged.value++;
    };
  }, [kind]);
}

/** Every key that works now, the top layer first; those behind a dialog too. */
export function listedKeys(): Key[] {
  const seen = new Set<string>();
  const out: Key[] = [];
  for (const layer of [...layers].reverse()) {
    for (const key of layer.keys()) {
      if (!seen.has(key.keys)) out.push(key);
      seen.add(key.keys);
    }
  }
  return out;
}

function useLatest<T>(value: T): { current: T } {
  const ref = useRef(value);
  ref.current = value;
  return ref;
}

let first = '';
let firstAt = 0;

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (pressesTarget(event)) return;
  const pair = event.timeStamp - firstAt < 1000 ? `${first} ${event.key}` : '';
  const key = (pair && find(pair, event)) || find(event.key, event);
  first = event.key;
  firstAt = event.timeStamp;
  if (!key) return;
  first = '';
  event.preventDefault();
  key.run(event);
}

function find(keys: string, event: KeyboardEvent): Key | undefined {
  const typing = isField(event.target);
  for (const layer of [...layers].reverse()) {
    const key = layer.keys().find((k) => k.keys === keys && (!typing || k.inFields));
    if (key) return key;
    if (layer.kind === 'dialog') return undefined;
  }
  return undefined;
}

// Enter and space on a focused button or link belong to it.
function pressesTarget(event: KeyboardEvent): boolean {
  if (event.key !== 'Enter' && event.key !== ' ') return false;
  return event.target instanceof HTMLElement && event.target.closest('button, a[href], summary, [role="button"]') !== null;
}

/** True where letters are text: key commands must not take them. */
export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type);
}

addEventListener('keydown', onKey);
