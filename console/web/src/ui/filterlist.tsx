// The list below the filter box: completions and recent filters.
import { useEffect } from 'preact/hooks';
import type { CompletionItem } from './filterapi.ts';
import { active } from './filterdraft.ts';

export const listId = 'filter-list';
export const optionId = (index: number) => `filter-option-${index}`;

export function FilterList(props: { items: CompletionItem[]; choose: (index: number) => void }) {
  const chosen = active.value;
  useEffect(() => document.getElementById(optionId(chosen))?.scrollIntoView({ block: 'nearest' }), [chosen]);
  return (
    <ul id={listId} class="filter-list" role="listbox" tabIndex={0} aria-label="Completions" data-testid="filter-completions">
      {props.items.map((item, i) => (
        <li
          key={`${item.kind} ${item.insert}`}
          id={optionId(i)}
          role="option"
          aria-selected={i === chosen}
          // The box must not lose the focus to the list.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => props.choose(i)}
        >
          <span class={`filter-kind kind-${item.kind}`}>{item.kind}</span>
          <code class="ellipsis">{item.label}</code>
          <span class="grow" />
          <span class="faint ellipsis">{item.detail}</span>
        </li>
      ))}
    </ul>
  );
}
