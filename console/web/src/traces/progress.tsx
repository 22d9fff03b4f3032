// How far the reading has come, in one line, with what can be done about it.
import { count, percent, time } from '../lib/format.ts';
import { utc } from '../state.ts';
import { download } from '../lib/download.ts';
import { toCsv, toJson } from './export.ts';
import { stops, type Listed, type Listing } from './listing.ts';
import { requestsOf, shareRead } from './model.ts';
import type { TraceRow } from './api.ts';

export function Progress(props: { listed: Listed; listing: Listing }) {
  const { listed, listing } = props;
  const share = shareRead(listed.question.start, listed.question.end, listed.reached);
  return (
    <div class="progress">
      <span role="status" data-testid="traces-progress">
        {sentence(listed, share)}
      </span>
      {listed.phase === 'loading' && (
        <meter class="unseen" min={0} max={1} value={share} aria-label="Share of the time range that is read" />
      )}
      {listed.phase === 'loading' && (
        <button class="button small" onClick={() => listing.stop()}>
          Stop
        </button>
      )}
      {(listed.phase === 'stopped' || listed.phase === 'enough') && (
        <button class="button small" onClick={() => void listing.goOn()}>
          {goOnTitle(listed)}
        </button>
      )}
      {listed.phase === 'failed' && listed.rows.length > 0 && (
        <>
          <span class="fault" role="alert">
            {listed.error?.message}
          </span>
          <button class="button small" onClick={() => void listing.goOn()}>
            Try again
          </button>
        </>
      )}
      <span class="grow" />
      <Export rows={listed.rows} />
    </div>
  );
}

function sentence(listed: Listed, share: number): string {
  const examined = `${count(listed.examined)} examined`;
  const back = `back to ${time(listed.reached, utc.value)} (${percent(share)})`;
  if (listed.stale && listed.phase !== 'loading') return 'Not read. Below is what was read before.';
  if (listed.stale) return listed.examined === 0 ? 'Reading…' : `Reading: ${examined}, ${back} …`;
  const requests = requestsOf(listed.rows);
  const standing = requests > listed.rows.length + 0.5 ? ` (for ≈ ${count(requests)} requests, estimated)` : '';
  const matched = `${count(listed.rows.length)} matched${standing}`;
  if (listed.phase === 'done') return `${matched}, ${examined}, the whole time range`;
  const read = `${matched}, ${examined}, ${back}`;
  return listed.phase === 'loading' ? `${read} …` : read;
}

function goOnTitle(listed: Listed): string {
  const next = stops.find((stop) => stop > listed.rows.length);
  return next ? `Go on to ${count(next)}` : `Go on`;
}

function Export(props: { rows: TraceRow[] }) {
  const { rows } = props;
  return (
    <span class="joined" role="group" aria-label="Export">
      <button
        class="button small"
        disabled={rows.length === 0}
        title="Download what is read"
        onClick={() => download('traces.csv', 'text/csv;charset=utf-8', toCsv(rows))}
      >
        CSV
      </button>
      <button
        class="button small"
        disabled={rows.length === 0}
        title="Download what is read"
        onClick={() => download('traces.json', 'application/json', toJson(rows))}
      >
        JSON
      </button>
    </span>
  );
}
