// Sampling: the rules that decide when a request arrives, the triggers that decide when it has ended, and a simulator of both.
import { setParams, place } from '../state.ts';
import { useKeys } from '../ui/keys.ts';
import { RulesView } from './rules.tsx';
import { Simulator } from './simulator.tsx';
import { TriggersView } from './triggers.tsx';
import '../ui/sheet.css';
import './sampling.css';

const views = [
  { name: 'rules', title: 'Rules', View: RulesView },
  { name: 'triggers', title: 'Triggers', View: TriggersView },
  { name: 'simulator', title: 'Simulator', View: Simulator },
];

export function SamplingPage() {
  const { View, name: shown } = views.find((view) => view.name === place.value.params.view) ?? views[0]!;
  const show = (name: string) => setParams({ view: name === 'rules' ? undefined : name, rule: undefined });
  useKeys(views.map((view, i) => ({ keys: String(i + 1), does: view.title.toLowerCase(), run: () => show(view.name) })));
  return (
    <div class="sheet">
      <div class="sheet-views" role="group" aria-label="View">
        {views.map((view) => (
          <button key={view.name} class="button" aria-pressed={view.name === shown} data-testid={`view-${view.name}`} onClick={() => show(view.name)}>
            {view.title}
          </button>
        ))}
      </div>
      <View />
    </div>
  );
}
