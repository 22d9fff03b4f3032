// Counts, response times and their course: what can be ticked and brushed becomes the filter of the
// traces that "View traces" opens.
import { useState } from 'preact/hooks';
import { count, duration, fullTime, percent } from '../lib/format.ts';
import { formatRange } from '../lib/timerange.ts';
import { link, timeWindow, utc } from '../state.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Histogram, type Range } from '../ui/histogram.tsx';
import { bins } from './bins.ts';
import { OverTime } from './overtime.tsx';
import { Mark } from '../ui/mark.tsx';
import { choice, pick, toggle } from './mapstate.ts';
import { about, explain } from './rates.ts';
import { countOf, mean, outcomes, quantile, type Entry, type Outcome } from './stats.ts';
import type { Subject } from './subject.ts';
import { outcomeMeans, outcomeNames, rateOf } from './words.ts';

export function Figures(props: { subject: Subject }) {
  const { subject } = props;
  return (
    <>
      <ToTraces subject={subject} />
      {subject.stats.total > 0 && (
        <p class="map-section muted" data-testid="source">
          {explain(subject.rates)}
        </p>
      )}
      {subject.stats.total === 0 ? <p class="map-section muted">No traffic in this time range.</p> : <Filled subject={subject} />}
      <p class="map-section faint">
        {subject.seenBy}
        {subject.to > 0 && ` Observed from ${fullTime(subject.from, utc.value).slice(0, 19)} to ${fullTime(subject.to, utc.value).slice(11, 19)}.`}
      </p>
    </>
  );
}

function Filled(props: { subject: Subject }) {
  const { subject } = props;
  return (
    <>
      <Outcomes subject={subject} />
      {subject.times.length > 0 && <Times key={subject.key} subject={subject} />}
      {subject.selector ? <OverTime key={`over ${subject.key}`} subject={subject} selector={subject.selector} /> : null}
    </>
  );
}

function ToTraces(props: { subject: Subject }) {
  const { subject } = props;
  // An age is nothing that a filter could ask for.
  const filter = subject.filter(subject.ages ? { ...choice.value, range: undefined } : choice.value);
  const timeRange = formatRange({ kind: 'absolute', ...timeWindow.value });
  return (
    <div class="map-section map-to-traces">
      <a class="button primary" data-testid="view-traces" href={link({ page: 'traces', params: { filter, timeRange } })}>
        View traces
      </a>
      <code class="map-filter" title="The filter of these traces">
        {filter}
      </code>
      <CopyButton text={() => filter} label="Copy the filter" class="button quiet icon small" />
    </div>
  );
}

function Outcomes(props: { subject: Subject }) {
  const { stats, perMinute, rates } = props.subject;
  return (
    <section class="map-section">
      <h3>
        Requests <span class="map-section-more">{`${about(rates.source)}${count(stats.total)} · ${rateOf({ perMinute, rates })}`}</span>
      </h3>
      <ul class="map-outcomes">
        {outcomes.map((o) => (
          <OutcomeRow key={o} outcome={o} count={stats[o]} total={stats.total} />
        ))}
      </ul>
    </section>
  );
}

function OutcomeRow(props: { outcome: Outcome; count: number; total: number }) {
  const { outcome } = props;
  const share = props.count / props.total;
  const ticked = choice.value.outcomes.includes(outcome);
  return (
    <li>
      <label class={props.count === 0 ? 'none' : ''}>
        <input
          type="checkbox"
          data-testid={`outcome-${outcome}`}
          checked={ticked}
          disabled={props.count === 0 && !ticked}
          onChange={() => toggle(outcome)}
        />
        <Mark of={outcome} />
        <span class="map-outcome-name">
          {outcomeNames[outcome]} <span class="faint">{outcomeMeans[outcome]}</span>
        </span>
        <span class="map-share">
          <i class={outcome} style={{ width: `${props.count > 0 ? Math.max(1.5, share * 100) : 0}%` }} />
        </span>
        <span class="number">{count(props.count)}</span>
        <span class="number muted">{props.count > 0 ? percent(share) : ''}</span>
      </label>
    </li>
  );
}

const series = [{ name: 'requests', colour: 'var(--accent)' }];

function Times(props: { subject: Subject }) {
  const { subject } = props;
  const [magnified, setMagnified] = useState<Range>();
  const { range, outcomes: only } = choice.value;
  const bars = bins(subject.times, 48, magnified);
  const choose = (r: Range | undefined) => pick({ outcomes: only, range: r });
  return (
    <section class="map-section">
      <h3>{subject.ages ? 'Age of events' : 'Response time'}</h3>
      <Quantiles subject={subject} />
      <div data-testid="latency-histogram">
        <Histogram
          label="Response times"
          bars={bars}
          series={series}
          unit="requests"
          format={duration}
          height={112}
          selected={range}
          onSelect={subject.ages ? undefined : choose}
        />
      </div>
      <div class="map-brushed" role="status">
        {range ? (
          <span>{brushed(subject.times, range)}</span>
        ) : (
          <span class="faint">{subject.ages ? '' : 'Drag over the bars to choose response times.'}</span>
        )}
        <span class="grow" />
        {range && (
          <button class="button quiet small" onClick={() => setMagnified(range)}>
            Zoom in
          </button>
        )}
        {magnified && (
          <button class="button quiet small" onClick={() => setMagnified(undefined)}>
            Zoom out
          </button>
        )}
        {range && (
          <button class="button quiet small" onClick={() => choose(undefined)}>
            Clear
          </button>
        )}
      </div>
    </section>
  );
}

function brushed(times: readonly Entry[], range: Range): string {
  const n = countOf(times.filter((e) => e.value >= range.from && e.value <= range.to));
  return `${duration(range.from)} to ${duration(range.to)}: ${count(n)} requests, ${percent(n / Math.max(1, countOf(times)))}`;
}

function Quantiles(props: { subject: Subject }) {
  const { times, stats } = props.subject;
  const all: [string, number | undefined][] = [
    ['mean', mean(stats)],
    ['p50', quantile(times, 0.5)],
    ['p90', quantile(times, 0.9)],
    ['p99', quantile(times, 0.99)],
    ['max', quantile(times, 1)],
  ];
  return (
    <dl class="map-quantiles">
      {all.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value === undefined ? '–' : duration(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
