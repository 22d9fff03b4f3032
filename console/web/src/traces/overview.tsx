// The charts above the list. A range of time becomes the time range, a range of response times a clause.
import { useMemo } from 'preact/hooks';
import { duration, fullTime, timeOfDay, date } from '../lib/format.ts';
import { responseTimeOf, withResponseTime } from '../lib/clause.ts';
import { filter, setParams, timeWindow, utc } from '../state.ts';
import { Histogram, type Range, type Series } from '../ui/histogram.tsx';
import { setRange } from '../ui/timerange.tsx';
import { byResponseTime, overTime } from './bins.ts';
import type { Listed } from './listing.ts';
import { outcomeOf, outcomes, requestsOf } from './model.ts';

const colours = { unknown: 'var(--faint)', ok: 'var(--ok-bar)', error: 'var(--error)', throttle: 'var(--throttle)', fault: 'var(--fault)' };
const names = { unknown: 'no root', ok: 'ok', error: 'error', throttle: 'throttle', fault: 'fault' };
const series: Series[] = outcomes.map((outcome) => ({ name: names[outcome], colour: colours[outcome] }));

export function Overview(props: { listed: Listed }) {
  const { rows, stale, question, reached, phase } = props.listed;
  const window = { from: question.start, to: question.end };
  const time = useMemo(() => overTime(rows, window), [rows, window.from, window.to]);
  const response = useMemo(() => byResponseTime(rows), [rows]);
  const unread = stale || phase === 'done' ? 0 : Math.max(0, (reached - window.from) / (window.to - window.from));
  const length = window.to - window.from;
  const sampled = useMemo(() => requestsOf(rows) > rows.length + 0.5, [rows]);
  const write = (seconds: number) =>
    (length > 86400 ? `${date(seconds, utc.value).slice(5)} ` : '') + timeOfDay(seconds, utc.value, length < 1200 ? 'second' : 'minute');
  return (
    <div class="overview">
      <figure>
        <figcaption>
          <h2>
            Traces over time <Counted of={sampled} />
          </h2>
          <Legend unknown={rows.some((row) => outcomeOf(row) === 'unknown')} />
        </figcaption>
        <div class="overview-chart">
          <Histogram
            label="Traces over time"
            bars={time}
            series={series}
            unit="traces"
            format={write}
            exact={(s) => fullTime(s, utc.value).slice(0, 19)}
            height={96}
            onSelect={chooseTime}
          />
          {unread > 0.005 && <div class="overview-unread" style={{ width: `${unread * 100}%` }} title="Not read yet" />}
        </div>
      </figure>
      <figure>
        <figcaption>
          <h2>
            Response time <Counted of={sampled} />
          </h2>
        </figcaption>
        <Histogram
          label="Response times"
          bars={response}
          series={series}
          unit="traces"
          format={duration}
          height={96}
          selected={responseTimeOf(filter.value)}
          onSelect={chooseResponseTime}
        />
      </figure>
    </div>
  );
}

/** The bars are of traces, and where those were sampled somebody will ask. */
function Counted(props: { of: boolean }) {
  return props.of ? <span class="overview-source faint">of kept traces, each for itself</span> : null;
}

function Legend(props: { unknown: boolean }) {
  const shown = props.unknown ? series : series.slice(1);
  return (
    <ul class="legend">
      {shown.toReversed().map((s) => (
        <li key={s.name}>
          <i style={{ background: s.colour }} />
          {s.name}
        </li>
      ))}
    </ul>
  );
}

function chooseTime(range: Range | undefined): void {
  if (!range) return;
  // Bars stick out of the window at both ends; the choice doesn't.
  const { from, to } = timeWindow.peek();
  setRange({ kind: 'absolute', from: Math.max(from, range.from), to: Math.min(to, range.to) });
}

function chooseResponseTime(range: Range | undefined): void {
  setParams({ filter: withResponseTime(filter.peek(), range) });
}
