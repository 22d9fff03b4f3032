// Everything that is known of one span. Only what exists is shown, failures first.
import type { ComponentChildren } from 'preact';
import { serviceColours } from '../lib/colour.ts';
import { and } from '../lib/clause.ts';
import { download } from '../lib/download.ts';
import { duration as seconds } from '../lib/format.ts';
import { typeName } from '../map/kind.ts';
import { filter, link, utc } from '../state.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { annotationClause } from './clause.ts';
import { isObject, object, scalar, string, type Doc } from './document.ts';
import { Exceptions } from './exceptions.tsx';
import { httpFacts, identityFacts, sqlFacts, timeFacts, type Fact } from './facts.ts';
import { hint } from './hint.ts';
import { layOut, print, type Json } from './json.ts';
import { JsonTree } from './jsontree.tsx';
import { FailureMark } from './mark.tsx';
import { duration, outcome, type Span } from './model.ts';
import { Section } from './section.tsx';
import { flipSide, type Side } from './split.tsx';
import type { TraceState } from './state.ts';

export function Detail(props: { state: TraceState; span: Span; side: Side }) {
  const { state, span } = props;
  return (
    <aside class="trace-detail" tabIndex={-1} aria-label={`Details of ${span.name}`} data-testid="trace-detail">
      <Head {...props} />
      <div class="trace-sections" key={span.key}>
        <Exceptions state={state} span={span} />
        <Overview state={state} span={span} />
        <Sql span={span} />
        <Annotations span={span} />
        <Links state={state} span={span} />
        <Resources span={span} />
        <Metadata span={span} />
        <Document span={span} />
      </div>
    </aside>
  );
}

function Head(props: { state: TraceState; span: Span; side: Side }) {
  const { state, span, side } = props;
  const took = duration(span);
  const of = outcome(span);
  return (
    <header>
      <div class="trace-who">
        <span class="trace-dot" style={{ background: serviceColours.of(span.service.name) }} />
        <h2 class="ellipsis" title={span.name}>
          {span.name}
        </h2>
        <FailureMark of={of} />
        {span.status !== undefined && <span class={`trace-code ${of}`}>{span.status}</span>}
        <div class="grow" />
        <button class="button quiet small" onClick={() => state.showSpan(span)} title="Zoom to this row (f)">
          Zoom
        </button>
        <button
          class="button quiet small"
          onClick={flipSide}
          title={side === 'right' ? 'Details below the waterfall' : 'Details beside the waterfall'}
        >
          {side === 'right' ? 'Below' : 'Beside'}
        </button>
        <button class="button quiet icon small" onClick={() => state.select(undefined)} aria-label="Close details" title="Close (esc)">
          <Icon name="close" />
        </button>
      </div>
      <p class="trace-what">
        {[
          span.kind === 'segment' ? 'Segment' : `Subsegment of ${span.segment.service.name}`,
          span.kind === 'segment' && span.service.type ? typeName(span.service.type) : '',
          took === undefined ? 'in progress' : seconds(took),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <p class="trace-said ellipsis" title={hint(span)}>
        {hint(span)}
      </p>
    </header>
  );
}

function Facts(props: { state?: TraceState; facts: Fact[] }) {
  return (
    <dl class="trace-facts">
      {props.facts.map((f) => (
        <div key={f.name}>
          <dt>{f.name}</dt>
          <dd class={f.mono ? 'mono' : ''}>
            {f.to && props.state ? (
              <button class="trace-jump" onClick={() => props.state!.reveal(f.to)}>
                {f.value}
              </button>
            ) : (
              f.value
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Overview(props: { state: TraceState; span: Span }) {
  const { state, span } = props;
  const onPath = state.path.value?.seconds[span.index];
  const times = timeFacts(state.trace.value, span, state.timing.value, onPath, utc.value);
  return (
    <Section title="Overview">
      <Facts state={state} facts={[...times, ...httpFacts(span), ...identityFacts(span)]} />
    </Section>
  );
}

function Sql(props: { span: Span }) {
  const sql = object(props.span.document, 'sql') ?? object(props.span.inferred, 'sql');
  if (sql === undefined) return null;
  const query = string(sql, 'sanitized_query');
  const tools = query !== undefined && (
    <CopyButton text={() => query} label="Copy the query" class="button quiet small">
      Copy
    </CopyButton>
  );
  return (
    <Section title="SQL" tools={tools}>
      {query !== undefined && (
        <pre class="trace-code-block" tabIndex={0}>
          {query}
        </pre>
      )}
      <Facts facts={sqlFacts(sql)} />
    </Section>
  );
}

function Annotations(props: { span: Span }) {
  const entries = Object.entries(object(props.span.document, 'annotations') ?? {});
  if (entries.length === 0) return null;
  return (
    <Section title="Annotations" count={entries.length}>
      <dl class="trace-facts">
        {entries.map(([key, value]) => (
          <div key={key}>
            <dt class="mono">{key}</dt>
            <dd class="mono">
              <Value name={key} value={value} />
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

function Value(props: { name: string; value: Json }) {
  const clause = annotationClause(props.name, props.value);
  const text = scalar(props.value);
  if (clause === undefined) return <>{text}</>;
  return (
    <a href={link({ page: 'traces', params: { filter: and(filter.value, clause) } })} title={`Traces with ${clause}`}>
      {text}
    </a>
  );
}

function Links(props: { state: TraceState; span: Span }) {
  const links = props.state.trace.value.links.filter((l) => l.from === props.span);
  if (links.length === 0) return null;
  return (
    <Section title="Links" count={links.length}>
      {links.map((l, i) => (
        <div key={i} class="trace-linked">
          <a class="mono" href={link({ page: 'trace', id: l.trace, params: { segment: l.id } })}>
            {l.trace}
          </a>
          {l.attributes && <JsonTree value={l.attributes} />}
        </div>
      ))}
    </Section>
  );
}

/** Where it ran, or what it called: the aws block, and what the runtime was. */
function Resources(props: { span: Span }) {
  const { document, inferred } = props.span;
  const aws = object(document, 'aws') ?? object(inferred, 'aws');
  const service = object(document, 'service');
  if (aws === undefined && service === undefined) return null;
  return (
    <Section title="Resources">
      <dl class="trace-facts wide">
        {[...flatten(aws, ''), ...flatten(service, 'service.')].map(([key, value]) => (
          <div key={key}>
            <dt class="mono">{breakable(key)}</dt>
            <dd class="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** A path that may be broken behind its dots and underscores, not within words. */
function breakable(path: string): ComponentChildren {
  return path.split(/(?<=[._])/).flatMap((part, i) => (i === 0 ? [part] : [<wbr key={i} />, part]));
}

/** Nested members by their path: ec2.instance_id. Lists of plain values on one line. */
function flatten(doc: Doc | undefined, path: string): [string, string][] {
  return Object.entries(doc ?? {}).flatMap(([key, value]): [string, string][] => {
    if (isObject(value)) return flatten(value, `${path}${key}.`);
    if (!Array.isArray(value)) return [[path + key, scalar(value)]];
    if (value.some((v) => isObject(v)))
      return value.flatMap((v, i) =>
        isObject(v) ? flatten(v, `${path}${key}.${i}.`) : [[`${path}${key}.${i}`, scalar(v)] as [string, string]],
      );
    return [[path + key, value.map(scalar).join(', ')]];
  });
}

function Metadata(props: { span: Span }) {
  const metadata = object(props.span.document, 'metadata');
  if (metadata === undefined || Object.keys(metadata).length === 0) return null;
  const tools = (
    <CopyButton text={() => print(metadata)} label="Copy the metadata" class="button quiet small">
      Copy
    </CopyButton>
  );
  return (
    <Section title="Metadata" tools={tools}>
      <JsonTree value={metadata} />
    </Section>
  );
}

function Document(props: { span: Span }) {
  const { span } = props;
  const text = () => (span.text !== undefined ? layOut(span.text) : print(span.document));
  const tools = (
    <>
      <CopyButton text={text} label="Copy the document" class="button quiet small">
        Copy
      </CopyButton>
      <button class="button quiet small" onClick={() => download(`${span.key}.json`, 'application/json', text())}>
        Download
      </button>
    </>
  );
  return (
    <Section title="Document" shut tools={tools}>
      <pre class="trace-code-block" tabIndex={0}>
        {text()}
      </pre>
    </Section>
  );
}
