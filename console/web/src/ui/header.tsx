// The head of every page: where one is, the time range, the group, refresh, theme, help.
import type { ComponentChildren } from 'preact';
import { remove, session } from '../api.ts';
import { formatPlace } from '../lib/place.ts';
import { formatRange } from '../lib/timerange.ts';
import { link, place, timeWindow, type Page } from '../state.ts';
import { nextTheme, theme } from '../theme.ts';
import { CopyButton } from './copy.tsx';
import { GroupSelector } from './groups.tsx';
import { Icon } from './icon.tsx';
import { Refresh } from './refresh.tsx';
import { TimeRange } from './timerange.tsx';

/** Pages that show one time range; of them the simulator knows no group. */
const ranged = (to: Page) => to === 'map' || to === 'traces' || to === 'trace';

export function Header(props: { help: () => void }) {
  const { page, params } = place.value;
  return (
    <header class="shell-head">
      <a class="brand" href={link({ page: 'map' })}>
        <Mark />
        Roentgen
      </a>
      <nav aria-label="Pages">
        <Tab to="map" at={page === 'map'}>
          Map
        </Tab>
        <Tab to="traces" at={page === 'traces' || page === 'trace'}>
          Traces
        </Tab>
        <Tab to="sampling" at={page === 'sampling'}>
          Sampling
        </Tab>
        <Tab to="agents" at={page === 'agents'}>
          Agents
        </Tab>
        <a href="docs/">Docs</a>
      </nav>
      <div class="grow" />
      {ranged(page) && <GroupSelector />}
      {(ranged(page) || params.view === 'simulator') && <TimeRange />}
      <Refresh standing={page === 'agents' ? 10 : 0} />
      <div class="shell-icons">
        <CopyButton label="Copy link with fixed times" text={permalink} />
        <button
          class="button quiet icon"
          aria-label={`Theme: ${theme.value}`}
          title={`Theme: ${theme.value} (t)`}
          data-testid="theme"
          onClick={nextTheme}
        >
          <Icon name={theme.value} />
        </button>
        <button class="button quiet icon" aria-label="Keyboard" title="Keyboard (?)" onClick={props.help}>
          <Icon name="help" />
        </button>
        {session.value?.required && (
          <button class="button quiet icon" aria-label="Log out" title={`Log out ${session.value.name ?? ''}`} onClick={logOut}>
            <Icon name="leave" />
          </button>
        )}
      </div>
    </header>
  );
}

/** The address of what is seen now; a relative time range is made absolute, so that others see the same. */
export function permalink(): string {
  const { from, to } = timeWindow.value;
  const { refresh: _, theme: __, ...params } = place.value.params;
  const fixed = { ...place.value, params: { ...params, timeRange: formatRange({ kind: 'absolute', from, to }) } };
  return location.href.replace(/#.*$/, '') + formatPlace(fixed);
}

async function logOut(): Promise<void> {
  await remove('api/session');
  location.reload(); // and with that forgets what was read
}

function Tab(props: { to: Page; at: boolean; children: ComponentChildren }) {
  return (
    <a href={link({ page: props.to })} aria-current={props.at ? 'page' : undefined}>
      {props.children}
    </a>
  );
}

function Mark() {
  return (
    <svg width="20" height="20" viewBox="0 0 16 16" aria-hidden="true">
      <rect class="mark-ground" width="16" height="16" rx="3.5" />
      <path class="mark-bars" d="M3 4.5h10M5.5 8H13M8.5 11.5H13" stroke-width="1.8" stroke-linecap="round" />
    </svg>
  );
}
