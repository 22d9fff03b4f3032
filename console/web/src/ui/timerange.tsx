// The time range picker: ranges back from now, two times, and the zone in which times are shown.
import { useState } from 'preact/hooks';
import { span, time } from '../lib/format.ts';
import { formatRange, fromField, relativeRanges, shiftWindow, toField, type Range } from '../lib/timerange.ts';
import { asked, range, refresh, setParams, timeWindow, utc } from '../state.ts';
import { Icon } from './icon.tsx';
import { Popover } from './popover.tsx';

/** Sets the time range of every page; a relative one ends now. */
export function setRange(to: Range): void {
  if (to.kind === 'relative') refresh();
  setParams({ timeRange: formatRange(to) });
}

export function TimeRange() {
  const [open, setOpen] = useState(false);
  const control = (
    <button class="button range-now" aria-haspopup="dialog" aria-expanded={open} data-testid="time-range" onClick={() => setOpen(!open)}>
      <Icon name="clock" />
      {title()}
      <Icon name="down" />
    </button>
  );
  return (
    <div class="joined" role="group" aria-label="Time range">
      <Shift direction={-1} />
      <Popover label="Time range" open={open} close={() => setOpen(false)} control={control} class="range-panel">
        <Relative done={() => setOpen(false)} />
        <Absolute done={() => setOpen(false)} />
      </Popover>
      <Shift direction={1} />
    </div>
  );
}

function title(): string {
  const now = asked.value / 1000;
  if (range.value.kind === 'relative') return `Last ${span(range.value.seconds)}`;
  const { from, to } = range.value;
  return `${time(from, utc.value, now)} – ${time(to, utc.value, from)}${utc.value ? ' UTC' : ''}`;
}

function Shift(props: { direction: -1 | 1 }) {
  const back = props.direction < 0;
  const now = asked.value / 1000;
  const shift = () => {
    const { from, to } = shiftWindow(timeWindow.value, props.direction, Date.now() / 1000);
    setRange({ kind: 'absolute', from, to });
  };
  return (
    <button
      class="button icon"
      aria-label={back ? 'Earlier' : 'Later'}
      title={back ? 'Earlier' : 'Later'}
      disabled={!back && timeWindow.value.to >= now}
      onClick={shift}
    >
      <Icon name={back ? 'left' : 'right'} />
    </button>
  );
}

function Relative(props: { done: () => void }) {
  const chosen = range.value.kind === 'relative' ? range.value.seconds : 0;
  const choose = (seconds: number) => {
    setRange({ kind: 'relative', seconds });
    props.done();
  };
  return (
    <div class="range-relative" role="group" aria-label="Back from now">
      <h2>Last</h2>
      {relativeRanges.map((seconds) => (
        <button key={seconds} class="button quiet" aria-pressed={seconds === chosen} onClick={() => choose(seconds)}>
          {span(seconds)}
        </button>
      ))}
    </div>
  );
}

function Absolute(props: { done: () => void }) {
  const [from, setFrom] = useState(toField(timeWindow.value.from, utc.value));
  const [to, setTo] = useState(toField(timeWindow.value.to, utc.value));
  const chosen = { from: fromField(from, utc.value), to: fromField(to, utc.value) };
  const wrong = complaint(chosen);
  const apply = (event: Event) => {
    event.preventDefault();
    if (wrong || chosen.from === undefined || chosen.to === undefined) return;
    setRange({ kind: 'absolute', from: chosen.from, to: chosen.to });
    props.done();
  };
  const setZone = (zone: 'utc' | undefined) => {
    setFrom(toField(chosen.from ?? timeWindow.value.from, zone === 'utc'));
    setTo(toField(chosen.to ?? timeWindow.value.to, zone === 'utc'));
    setParams({ tz: zone }, true);
  };
  return (
    <form class="range-absolute" onSubmit={apply}>
      <h2>Between</h2>
      <label>
        <span>From</span>
        <input class="input" type="datetime-local" step="1" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
      </label>
      <label>
        <span>To</span>
        <input
          class="input"
          type="datetime-local"
          step="1"
          value={to}
          aria-invalid={wrong !== ''}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </label>
      <p class="fault" role="alert">
        {wrong}
      </p>
      <div class="range-foot">
        <div class="joined" role="group" aria-label="Time zone">
          <button type="button" class="button small" aria-pressed={!utc.value} onClick={() => setZone(undefined)}>
            Local
          </button>
          <button type="button" class="button small" aria-pressed={utc.value} onClick={() => setZone('utc')}>
            UTC
          </button>
        </div>
        <button class="button primary small" disabled={wrong !== ''}>
          Apply
        </button>
      </div>
    </form>
  );
}

function complaint(chosen: { from: number | undefined; to: number | undefined }): string {
  if (chosen.from === undefined || chosen.to === undefined) return 'Give both times.';
  return chosen.from < chosen.to ? '' : 'The end has to come after the start.';
}
