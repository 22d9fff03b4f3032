// Light, dark, or as the system has it. The URL's word counts before the remembered one.
import { computed, effect } from '@preact/signals';
import { recall, remember } from './lib/storage.ts';
import { place, setParams } from './state.ts';

export type Theme = 'system' | 'light' | 'dark';

const themes: Theme[] = ['system', 'light', 'dark'];

export const theme = computed<Theme>(() => known(place.value.params.theme) ?? known(recall('theme')) ?? 'system');

/** The next of system, light, dark; into the URL and the memory. */
export function nextTheme(): void {
  const next = themes[(themes.indexOf(theme.peek()) + 1) % themes.length]!;
  remember('theme', next);
  setParams({ theme: next }, true);
}

/** Keeps the document in the theme's colours from now on. */
export function applyTheme(): void {
  effect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });
}

function known(text: string | undefined): Theme | undefined {
  return themes.find((theme) => theme === text);
}
