// Filters that were used lately, newest first, each once.
import { recall, remember } from './storage.ts';

const most = 20;

export function recentFilters(): string[] {
  return readList(recall('filters'));
}

export function rememberFilter(expression: string): void {
  const text = expression.trim();
  if (text !== '') remember('filters', JSON.stringify(withNewest(recentFilters(), text)));
}

/** The list with the text at its head. */
export function withNewest(list: string[], text: string): string[] {
  return [text, ...list.filter((other) => other !== text)].slice(0, most);
}

/** Reads what was remembered; anything else than a list of texts is none. */
export function readList(json: string | undefined): string[] {
  try {
    const value: unknown = JSON.parse(json ?? '[]');
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string').slice(0, most) : [];
  } catch {
    return [];
  }
}
