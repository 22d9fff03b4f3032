// An empty map: why that may be, and the next step. A filter has no part in it: the map counts all traces.
import { group, setParams } from '../state.ts';
import { FirstTrace, Longer } from '../traces/nothing.tsx';
import { Empty } from '../ui/empty.tsx';

export function Nothing() {
  const grouped = group.value !== '';
  return (
    <Empty title={grouped ? 'No services in this group and time range' : 'No services in this time range'}>
      <p>
        {grouped
          ? `No trace that started here is a member of ${group.value}: what was stored before the group was made is none.`
          : 'No trace started here: nothing was sampled, or nothing arrived, or the clocks of the hosts differ from yours.'}
      </p>
      <div class="steps">
        <Longer />
        {grouped && (
          <button class="button" onClick={() => setParams({ group: undefined })}>
            Of all groups
          </button>
        )}
      </div>
      {!grouped && <FirstTrace />}
    </Empty>
  );
}
