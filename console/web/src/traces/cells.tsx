// What stands in the cells of the trace list. A value that can be filtered by is a button: click for only these, alt-click for
// all but these.
import { serviceColours } from '../lib/colour.ts';
import { date, duration, fullTime, timeOfDay } from '../lib/format.ts';
import { link } from '../state.ts';
import type { TraceRow } from './api.ts';
import { clauseOf } from './model.ts';

/** What the columns need to know of the whole list. */
export interface Surroundings {
  utc: boolean;
  /** Show days, too. */
  days: boolean;
  /** Left out of URLs. */
  origin: string;
  /** The longest response time, for the bars. Seconds. */
  slowest: number;
  clause: (clause: string, exclude: boolean) => void;
}

export function Start(props: { row: TraceRow; around: Surroundings }) {
  const { start, id, partial } = props.row;
  const { utc, days } = props.around;
  const text = `${days ? `${date(start, utc)} ` : ''}${timeOfDay(start, utc, days ? 'second' : 'millisecond')}`;
  return (
    <>
      <a class="trace-link" href={link({ page: 'trace', id })} tabIndex={-1} title={`${id}\n${fullTime(start, utc)}`}>
        {text}
      </a>
      {partial && (
        <span class="partial" title="Partial: something of it has not ended or not arrived">
          ◐
        </span>
      )}
    </>
  );
}

export function Value(props: { clause: string | undefined; text: string | undefined; apply: (clause: string, exclude: boolean) => void }) {
  const { clause, text } = props;
  if (!text) return null;
  if (!clause) return <span>{text}</span>;
  const click = (event: MouseEvent) => {
    event.preventDefault();
    props.apply(clause, event.altKey);
  };
  return (
    <button class="value" tabIndex={-1} title={`${text}\nClick: only ${clause}\nAlt-click: all but these`} onClick={click}>
      {text}
    </button>
  );
}

export function Entry(props: { row: TraceRow; around: Surroundings }) {
  const { row, around } = props;
  if (!row.entry) return <span class="faint">root not received</span>;
  return (
    <>
      <i class="dot" style={{ background: serviceColours.of(row.entry.name) }} />
      <Value clause={clauseOf(row, 'entry')} text={row.entry.name} apply={around.clause} />
    </>
  );
}

export function ResponseTime(props: { row: TraceRow; slowest: number }) {
  const { responseTime } = props.row;
  if (responseTime === undefined) return <span class="faint">open</span>;
  const share = props.slowest > 0 ? Math.min(1, responseTime / props.slowest) : 0;
  return (
    <span class="timed">
      <span class="timed-bar">
        <i style={{ width: `${Math.max(1.5, share * 100)}%` }} />
      </span>
      <span class="timed-text">{duration(responseTime)}</span>
    </span>
  );
}

export function Services(props: { names: string[] }) {
  const { names } = props;
  return (
    <span class="dots" title={names.join('\n')}>
      <span class="dots-count">{names.length}</span>
      {names.slice(0, 5).map((name) => (
        <i key={name} class="dot" style={{ background: serviceColours.of(name) }} />
      ))}
    </span>
  );
}
