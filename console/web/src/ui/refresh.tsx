// Refresh now, or every so often: refresh= in the URL, in seconds; 0 is off also where a page refreshes by itself.
import { useEffect } from 'preact/hooks';
import { place, refresh, setParams } from '../state.ts';
import { Icon } from './icon.tsx';

const choices = [
  { seconds: 0, title: 'Off' },
  { seconds: 10, title: '10 s' },
  { seconds: 30, title: '30 s' },
  { seconds: 60, title: '1 min' },
  { seconds: 300, title: '5 min' },
];

/** standing: how often the page refreshes where the URL says nothing, in seconds; 0: never. */
export function Refresh(props: { standing: number }) {
  const wanted = Number(place.value.params.refresh ?? props.standing);
  const every = choices.some((choice) => choice.seconds === wanted) ? wanted : 0;
  useEffect(() => {
    if (every === 0) return undefined;
    // Nobody looks at a hidden page; it catches up when it is seen again.
    const tick = () => document.hidden || refresh();
    const timer = setInterval(tick, every * 1000);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [every]);
  return (
    <div class="joined" role="group" aria-label="Refresh">
      <button class="button icon" aria-label="Refresh" title="Refresh (r)" onClick={refresh}>
        <Icon name="refresh" />
      </button>
      <span class="select">
        <select
          class="button"
          aria-label="Refresh by itself"
          title="Refresh by itself"
          value={String(every)}
          onChange={(event) => setParams({ refresh: Number(event.currentTarget.value) === props.standing ? undefined : event.currentTarget.value }, true)}
        >
          {choices.map((choice) => (
            <option key={choice.seconds} value={String(choice.seconds)}>
              {choice.title}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </div>
  );
}
