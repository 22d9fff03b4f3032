// No traces: why that may be, and the next step.
import { session } from '../api.ts';
import { span } from '../lib/format.ts';
import { relativeRanges } from '../lib/timerange.ts';
import { asked, filter, group, range, setParams, timeWindow } from '../state.ts';
import { Empty } from '../ui/empty.tsx';
import { setRange } from '../ui/timerange.tsx';

/** examined: traces that were looked at and did not match. */
export function Nothing(props: { examined: number }) {
  const narrowed = filter.value !== '' || group.value !== '';
  return (
    <Empty title={narrowed && props.examined > 0 ? 'No trace matches' : 'No traces in this time range'}>
      {narrowed && props.examined > 0 ? (
        <Unmatched examined={props.examined} />
      ) : (
        <p>Either nothing was sampled, or nothing arrived, or the clocks of the hosts differ from yours.</p>
      )}
      <div class="steps">
        <Longer />
        {filter.value !== '' && props.examined > 0 && (
          <button class="button" onClick={() => setParams({ filter: undefined })}>
            Without the filter
          </button>
        )}
        {group.value !== '' && (
          <button class="button" onClick={() => setParams({ group: undefined })}>
            In all groups
          </button>
        )}
      </div>
      {!narrowed && <FirstTrace />}
    </Empty>
  );
}

function Unmatched(props: { examined: number }) {
  return (
    <p>
      {`${props.examined.toLocaleString('en-US')} traces were examined. Outside of braces a filter speaks of the root segment: a failure that the root hid is found by `}
      <code>{'service() { fault }'}</code>.
    </p>
  );
}

/** A button for the next longer of the relative time ranges, if there is one. */
export function Longer() {
  const length = timeWindow.value.to - timeWindow.value.from;
  const longer = relativeRanges.find((seconds) => seconds > length * 1.5);
  if (!longer) return null;
  return <button class="button primary" onClick={() => setRange({ kind: 'relative', seconds: longer })}>{`Last ${span(longer)}`}</button>;
}

/** How to send a trace by hand; nothing while the time range is not one that ends now. */
export function FirstTrace() {
  if (range.value.kind !== 'relative') return null;
  const now = Math.floor(asked.value / 1000); // also in the id: X-Ray refuses ids that are older than 30 days
  const id = `1-${now.toString(16).padStart(8, '0')}-0123456789abcdef01234567`;
  const document = { name: 'first-service', id: '53995c3f42cd8ad8', trace_id: id, start_time: now - 1, end_time: now };
  const body = JSON.stringify({ TraceSegmentDocuments: [JSON.stringify(document)] });
  const token = session.value?.required ? " -H 'Authorization: Bearer TOKEN'" : '';
  return (
    <>
      <p>Send the first trace: point an X-Ray SDK at this host’s daemon port (AWS_XRAY_DAEMON_ADDRESS), or try it by hand:</p>
      <pre>{`curl -H 'Content-Type: application/json'${token} ${location.origin}/TraceSegments \\\n  -d '${body}'`}</pre>
    </>
  );
}
