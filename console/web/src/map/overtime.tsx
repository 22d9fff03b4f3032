// The course of a node or edge over the time range: requests by outcome, and quantiles of response
// times. A range of time that is dragged becomes the time range of the page.
import { useRef } from 'preact/hooks';
import { date, duration, fullTime, timeOfDay } from '../lib/format.ts';
import { Slot } from '../slot.ts';
import { asked, group, timeWindow, utc } from '../state.ts';
import { Histogram, type Range } from '../ui/histogram.tsx';
import { setRange } from '../ui/timerange.tsx';
import { timeSeries } from './api.ts';
import { Lines } from './lines.tsx';
import { sourceNames } from './rates.ts';
import { grid, quantileLine, requestBars, runs, type Moment } from './series.ts';
import { outcomes } from './stats.ts';
import type { Subject } from './subject.ts';
import { outcomeNames } from './words.ts';

const series = outcomes.map((o) => ({ name: outcomeNames[o], colour: `var(--${o})` }));

export function OverTime(props: { subject: Subject; selector: string }) {
  const slot = useSlot<Moment[]>();
  const { from, to } = timeWindow.value;
  const g = grid(from, to);
  const answer = slot.ask(`${props.selector} ${from} ${to} ${group.value} ${asked.value}`, (abort) => timeSeries(props.selector, g, group.value, abort));
  const moments = answer.value;
  if (answer.error) {
    return (
      <section class="map-section" role="alert">
        <h3>Over time</h3>
        <p class="muted">{answer.error.message}</p>
        <button class="button small" onClick={() => slot.again()}>
          Try again
        </button>
      </section>
    );
  }
  if (!moments) return <section class="map-section map-over-time" aria-busy="true" />;
  return (
    <section class={`map-section map-over-time ${answer.stale ? 'stale' : ''}`}>
      <h3>Requests over time</h3>
      <Histogram
        label="Requests over time"
        bars={requestBars(moments)}
        series={series}
        unit="requests"
        format={clock}
        exact={exact}
        height={84}
        onSelect={chooseTime}
      />
      <p class="faint" data-testid="over-time-source">
        {known(moments)}
      </p>
      <h3>
        {props.subject.ages ? 'Age over time' : 'Response time over time'}
        <span class="map-section-more">
          <i class="map-key" /> p50 <i class="map-key p99" /> p99
        </span>
      </h3>
      <Lines
        moments={moments}
        lines={[quantileLine(moments, 0.5), quantileLine(moments, 0.99)]}
        names={['p50', 'p99']}
        format={clock}
        value={duration}
        height={84}
      />
    </section>
  );
}

/** "Counted", or which part is and which is not: agents begin and end. */
function known(moments: readonly Moment[]): string {
  const all = runs(moments);
  if (all.length === 0) return '';
  if (all.length === 1) return `${sourceNames[all[0]!.source]}.`;
  if (all.length <= 4) return `${all.map((r) => `${sourceNames[r.source]} from ${clock(r.from)} to ${clock(r.to)}`).join(', ').toLowerCase().replace(/^./, (c) => c.toUpperCase())}.`;
  const bars = moments.filter((m) => m.stats.total > 0);
  const of = (source: string) => bars.filter((m) => m.rates.source === source).length;
  return `Of ${bars.length} bars ${of('counted')} are counted, ${of('estimated')} estimated, ${of('kept')} of kept traces alone.`;
}

function useSlot<T>(): Slot<T> {
  const slot = useRef<Slot<T>>(undefined as unknown as Slot<T>);
  slot.current ??= new Slot<T>();
  return slot.current;
}

function clock(seconds: number): string {
  const { from, to } = timeWindow.peek();
  return to - from > 86400 ? date(seconds, utc.value).slice(5) : timeOfDay(seconds, utc.value, 'minute');
}

const exact = (seconds: number) => fullTime(seconds, utc.value).slice(0, 16);

function chooseTime(range: Range | undefined): void {
  if (!range) return;
  const { from, to } = timeWindow.peek();
  setRange({ kind: 'absolute', from: Math.max(from, range.from), to: Math.min(to, range.to) });
}
