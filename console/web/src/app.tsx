// The shell: head, filter box and one page; the keys that work everywhere.
import { useEffect, useState } from 'preact/hooks';
import { AgentsPage } from './agents/page.tsx';
import { get, session, type About } from './api.ts';
import { span } from './lib/format.ts';
import { MapPage } from './map/page.tsx';
import { SamplingPage } from './sampling/page.tsx';
import { Slot } from './slot.ts';
import { backToList, go, place, refresh, type Page as PageName } from './state.ts';
import { nextTheme } from './theme.ts';
import { TracePage } from './trace/page.tsx';
import { TracesPage } from './traces/page.tsx';
import { FilterBar, focusFilter } from './ui/filterbox.tsx';
import { Header } from './ui/header.tsx';
import { Help } from './ui/help.tsx';
import { useKeys } from './ui/keys.ts';
import { loadSession, Login } from './ui/login.tsx';

const about = new Slot<About>();

export function App() {
  useEffect(() => void loadSession(), []);
  if (session.value === undefined) return null;
  if (session.value.required && !session.value.authenticated) return <Login />;
  return <Shell />;
}

function Shell() {
  const [help, setHelp] = useState(false);
  const server = about.ask('about', (abort) => get<About>('api/about', abort)).value;
  const { page } = place.value;
  useKeys(
    keys(() => setHelp(true)),
    'base',
  );
  useEffect(() => void (document.title = titleOf()), [page, place.value.id]);
  return (
    <>
      <Header help={() => setHelp(true)} />
      {filtered(page) && <FilterBar />}
      <main class={`shell-page page-${page}`}>
        {page !== 'trace' && <h1 class="unseen">{titles[page]}</h1>}
        <Page />
      </main>
      {help && <Help close={() => setHelp(false)} about={aboutLine(server)} />}
    </>
  );
}

function Page() {
  switch (place.value.page) {
    case 'traces':
      return <TracesPage />;
    case 'trace':
      return <TracePage key={place.value.id} />;
    case 'map':
      return <MapPage />;
    case 'sampling':
      return <SamplingPage />;
    case 'agents':
      return <AgentsPage />;
  }
}

const titles = { map: 'Service map', traces: 'Traces', sampling: 'Sampling', agents: 'Agents' };

/** What a filter expression has a say in, directly or by the note of the map. */
const filtered = (page: PageName) => page === 'map' || page === 'traces';

function keys(help: () => void) {
  const group = 'Everywhere';
  const onTrace = place.value.page === 'trace';
  return [
    ...(onTrace
      ? [{ keys: 'Escape', does: 'back to the list', run: backToList, group }]
      : filtered(place.value.page)
        ? [{ keys: '/', does: 'write a filter', run: focusFilter, group }]
        : []),
    { keys: 'g m', does: 'service map', run: () => go({ page: 'map' }), group },
    { keys: 'g t', does: 'traces', run: () => go({ page: 'traces' }), group },
    { keys: 'g s', does: 'sampling', run: () => go({ page: 'sampling' }), group },
    { keys: 'g a', does: 'agents', run: () => go({ page: 'agents' }), group },
    { keys: 'r', does: 'refresh', run: refresh, group },
    { keys: 't', does: 'theme: system, light, dark', run: nextTheme, group },
    { keys: '?', does: 'this list', run: help, group },
  ];
}

function titleOf(): string {
  const { page, id } = place.value;
  return `${page === 'trace' ? id : page === 'map' ? 'Map' : titles[page]} · Roentgen`;
}

function aboutLine(server: About | undefined): string {
  if (!server) return '';
  const kept = server.retentionSeconds > 0 ? ` Traces are kept for ${span(server.retentionSeconds)}.` : '';
  return `Roentgen ${server.version}, region ${server.region}, account ${server.account}.${kept}`;
}
