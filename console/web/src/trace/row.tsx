// One row of the waterfall: what it is on the left, when it ran on the right.
import { serviceColours } from '../lib/colour.ts';
import { duration as seconds } from '../lib/format.ts';
import { typeName } from '../map/kind.ts';
import { hint } from './hint.ts';
import { FailureMark } from './mark.tsx';
import { duration, failed, outcome, type Span } from './model.ts';
import type { TraceState } from './state.ts';
import { gaps, type Stretch, type Timing } from './timing.ts';
import { share, type View } from './view.ts';

interface Props {
  state: TraceState;
  span: Span;
  /** Position among the listed rows. */
  at: number;
  selected: boolean;
  collapsed: boolean;
  /** Whether this is what is looked for; undefined without a search. */
  match: boolean | undefined;
  view: View;
  timing: Timing;
  path: Stretch[] | undefined;
}

export const rowHeight = 28;

export function Row(props: Props) {
  const { span, selected, match } = props;
  const parent = span.children.length > 0;
  return (
    <div
      id={rowId(span)}
      class={`trace-row ${span.kind} ${selected ? 'selected' : ''} ${match === undefined ? '' : match ? 'match' : 'dim'}`}
      role="row"
      aria-level={span.depth + 1}
      aria-rowindex={props.at + 2}
      aria-selected={selected}
      aria-expanded={parent ? !props.collapsed : undefined}
      data-key={span.key}
      style={{ transform: `translateY(${props.at * rowHeight}px)` }}
    >
      <Name {...props} />
      <Time {...props} />
    </div>
  );
}

export function rowId(span: Span): string {
  return `span-${span.key}`;
}

function Name(props: Props) {
  const { span, collapsed } = props;
  const said = hint(span);
  const type = span.kind === 'segment' && span.service.type !== '' ? typeName(span.service.type) : '';
  return (
    <div class="trace-name" role="gridcell" style={{ '--depth': span.depth }}>
      <span class={`trace-fold ${span.children.length === 0 ? 'leaf' : collapsed ? 'shut' : ''}`} data-fold aria-hidden="true" />
      <span class="trace-stripe" style={{ background: serviceColours.of(span.service.name) }} />
      <span class="trace-text ellipsis" title={[span.name, type, said].filter(Boolean).join(' · ')}>
        <span class="trace-label">{span.name}</span>
        {type !== '' && <span class="trace-type">{type}</span>}
        {said !== '' && <span class="trace-hint">{said}</span>}
      </span>
      <Signs span={span} collapsed={collapsed} />
    </div>
  );
}

/** Failures, of the row and of what it hides, and the status. */
function Signs(props: { span: Span; collapsed: boolean }) {
  const { span, collapsed } = props;
  const of = outcome(span);
  return (
    <span class="trace-signs">
      {span.lost !== undefined && (
        <span class="trace-lost" title={span.lost === 'ring' ? 'Its parents lead back to it' : 'Its parent has not arrived'}>
          no parent
        </span>
      )}
      {span.failures > 0 && collapsed && (
        <span class="trace-below" title={`${span.failures} failures below`}>{`${span.failures} below`}</span>
      )}
      <FailureMark of={of} />
      {span.status !== undefined && <span class={`trace-code ${of}`}>{span.status}</span>}
    </span>
  );
}

function Time(props: Props) {
  const { span, view, timing } = props;
  const from = share(view, timing.from[span.index]!);
  const to = share(view, timing.to[span.index]!);
  const took = duration(span);
  return (
    <div class="trace-time" role="gridcell">
      {to >= 0 && from <= 1 ? (
        <Bar {...props} from={from} to={to} />
      ) : (
        <span class={`trace-away ${to < 0 ? 'left' : 'right'}`} aria-hidden="true">
          {to < 0 ? '‹' : '›'}
        </span>
      )}
      <span class="unseen">{took === undefined ? 'in progress' : seconds(took)}</span>
    </div>
  );
}

function Bar(props: Props & { from: number; to: number }) {
  const { span, view, timing, path } = props;
  const { from, to, left, width } = clip(props.from, props.to);
  const own = span.children.length > 0 ? pieces(gaps(span, timing), view) : undefined;
  const colour = serviceColours.of(span.service.name);
  const kind = [failed(span) ? outcome(span) : '', span.to === undefined ? 'open' : '', own === undefined ? 'solid' : ''].join(' ');
  return (
    <>
      <div class={`trace-span ${kind}`} style={{ left: `${left}%`, width: `${width}%`, '--colour': colour }}>
        {own?.map((p) => (
          <i
            key={p.from}
            style={{ left: `${((p.from - from) / (to - from || 1)) * 100}%`, width: `${((p.to - p.from) / (to - from || 1)) * 100}%` }}
          />
        ))}
      </div>
      {path &&
        pieces(path, view).map((p) => (
          <b key={p.from} class="trace-critical" style={{ left: `${p.from * 100}%`, width: `${(p.to - p.from) * 100}%` }} />
        ))}
      <Label span={span} from={from} to={to} timing={timing} />
    </>
  );
}

/** The part within the view, as shares, and as percentages for CSS. */
function clip(from: number, to: number) {
  const f = Math.max(0, from);
  const t = Math.min(1, to);
  return { from: f, to: t, left: f * 100, width: (t - f) * 100 };
}

/** Stretches as shares of the view; those too thin to be seen are left out, so that no bar has thousands. */
function pieces(list: Stretch[], view: View): Stretch[] {
  const out: Stretch[] = [];
  for (const s of list) {
    const from = Math.max(0, share(view, s.from));
    const to = Math.min(1, share(view, s.to));
    if (to - from > 0.0007) out.push({ from, to });
  }
  return out;
}

/** The duration, behind the bar, else before it, else in it: wherever there is room. */
function Label(props: { span: Span; from: number; to: number; timing: Timing }) {
  const { span, from, to, timing } = props;
  const text =
    span.to === undefined ? `${seconds(timing.to[span.index]! - timing.from[span.index]!)} so far` : seconds(span.to - span.from);
  if (to < 0.86)
    return (
      <span class="trace-took" style={{ left: `${to * 100}%` }}>
        {text}
      </span>
    );
  if (from > 0.14)
    return (
      <span class="trace-took" style={{ right: `${(1 - from) * 100}%` }}>
        {text}
      </span>
    );
  return (
    <span class="trace-took inside" style={{ left: `${from * 100}%` }}>
      {text}
    </span>
  );
}
