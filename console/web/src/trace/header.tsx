// The head of the trace: which request this was, how it went, and what to beware of.
import { useState } from 'preact/hooks';
import { serviceColours } from '../lib/colour.ts';
import { age, count, date, duration as seconds, fullTime, percent, timeOfDay } from '../lib/format.ts';
import { kindOf, shortName, typeName } from '../map/kind.ts';
import { backToList, link, utc } from '../state.ts';
import { CopyButton } from '../ui/copy.tsx';
import { DeleteButton } from './delete.tsx';
import { string } from './document.ts';
import { ofService } from './find.ts';
import { parts } from './hint.ts';
import { FailureMark } from './mark.tsx';
import { duration, outcome, type Link, type Service, type Trace } from './model.ts';
import type { TraceState } from './state.ts';

export function Header(props: { state: TraceState; stale: boolean }) {
  const { state } = props;
  const trace = state.trace.value;
  return (
    <header class="trace-head">
      <Title trace={trace} />
      <Figures trace={trace} />
      <Warnings state={state} stale={props.stale} />
      <Services state={state} />
    </header>
  );
}

function Title(props: { trace: Trace }) {
  const { main, id } = props.trace;
  const url = string(main?.document, 'http', 'request', 'url');
  const { host, path } = parts(url ?? '');
  return (
    <div class="trace-title">
      <button class="button quiet small" onClick={backToList} title="All traces (esc)">
        ← Traces
      </button>
      <h1>
        {main && <span class="trace-dot" style={{ background: serviceColours.of(main.service.name) }} />}
        <span class="trace-main-name" title={main?.service.name}>
          {main?.service.name ?? id}
        </span>
        {url !== undefined && (
          <span class="trace-url" title={url}>
            {string(main?.document, 'http', 'request', 'method')} {host !== '' && <span class="faint">{host}</span>}
            {path}
          </span>
        )}
      </h1>
      {main && <Status span={main} />}
      <div class="grow" />
      <a class="button small" href={link({ page: 'trace', id, raw: true })}>
        Raw data
      </a>
      <DeleteButton id={id} />
    </div>
  );
}

function Status(props: { span: NonNullable<Trace['main']> }) {
  const of = outcome(props.span);
  const word = { ok: 'OK', error: 'Error', fault: 'Fault', throttle: 'Throttled' }[of];
  const open = props.span.to === undefined && of === 'ok';
  return (
    <span class={`trace-status ${open ? 'open' : of}`} data-testid="trace-status">
      <FailureMark of={of} />
      {[props.span.status, open ? 'in progress' : word].filter(Boolean).join(' ')}
    </span>
  );
}

function Figures(props: { trace: Trace }) {
  const { trace } = props;
  const { counts, main, start, length } = trace;
  const response = main && duration(main);
  return (
    <dl class="trace-figures">
      <Figure name="Trace">
        <span class="mono" data-testid="trace-id">
          {trace.id}
        </span>
        <CopyButton text={() => trace.id} label="Copy the trace id" class="button quiet small">
          Copy
        </CopyButton>
      </Figure>
      <Figure name="Start">
        <span
          title={`${fullTime(start, utc.value)}\n${fullTime(start, !utc.value)}`}
        >{`${date(start, utc.value)} ${timeOfDay(start, utc.value, 'millisecond')}`}</span>{' '}
        <span class="faint">{age(start, Date.now() / 1000)}</span>
      </Figure>
      <Figure name="Response">{response === undefined ? '–' : seconds(response)}</Figure>
      <Figure name="Duration">{seconds(length)}</Figure>
      <Figure name="Services">{count(trace.services.length)}</Figure>
      <Figure name="Segments">{count(counts.segments)}</Figure>
      <Figure name="Subsegments">{count(counts.subsegments)}</Figure>
    </dl>
  );
}

function Figure(props: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Warnings(props: { state: TraceState; stale: boolean }) {
  const list = props.state.warnings.value;
  const { links } = props.state.trace.value;
  if (list.length === 0 && links.length === 0 && !props.stale) return null;
  return (
    <ul class="trace-warnings" aria-label="Notices">
      {props.stale && <li class="about-stale">The server does not answer; this is what it said last</li>}
      {list.map((w) => (
        <li key={w.text} class={`about-${w.about}`}>
          {w.text}
        </li>
      ))}
      {links.slice(0, 5).map((l) => (
        <LinkItem key={l.trace + l.id} link={l} />
      ))}
      {links.length > 5 && <li>{`${links.length - 5} more links, in the details of the segments`}</li>}
    </ul>
  );
}

function LinkItem(props: { link: Link }) {
  const { trace, id, from } = props.link;
  return (
    <li class="about-link">
      {`${from.name} was linked to `}
      <a class="mono" href={link({ page: 'trace', id: trace, params: { segment: id } })}>
        {trace}
      </a>
    </li>
  );
}

/** Services shown before the rest is asked for. */
const few = 12;

function Services(props: { state: TraceState }) {
  const { state } = props;
  const [open, setOpen] = useState(false);
  const { services } = state.trace.value;
  const shares = state.shares.value;
  const total = shares.reduce((a, b) => a + b, 0);
  return (
    <div class="trace-services" role="group" aria-label="Services and their share of the time">
      {(open ? services : services.slice(0, few)).map((s) => (
        <Chip
          key={s.index}
          state={state}
          service={s}
          share={total > 0 ? shares[s.index]! / total : 0}
          ambiguous={services.some((o) => o !== s && o.name === s.name)}
        />
      ))}
      {services.length > few && (
        <button class="chip" onClick={() => setOpen(!open)}>
          {open ? 'Fewer' : `${services.length - few} more`}
        </button>
      )}
    </div>
  );
}

function Chip(props: { state: TraceState; service: Service; share: number; ambiguous: boolean }) {
  const { state, service } = props;
  const search = ofService(service.name);
  const on = state.search.value === search;
  const type = service.type === '' ? '' : ` · ${typeName(service.type)}`;
  const title = `${service.name}${type}: ${percent(props.share)} of the recorded time was its own${service.inferred ? '. It sent no segments: this is what its callers saw' : ''}. Click to find its rows.`;
  return (
    <button
      class={`chip trace-chip ${service.inferred ? 'inferred' : ''}`}
      aria-pressed={on}
      title={title}
      onClick={() => state.seek(on ? '' : search)}
    >
      <span class="trace-dot" style={{ background: serviceColours.of(service.name) }} />
      <span class="ellipsis">{shortName(service.name, kindOf(service.type))}</span>
      {props.ambiguous && <span class="faint">{typeName(service.type)}</span>}
      <span class="faint">{percent(props.share)}</span>
    </button>
  );
}
