// A node as drawn: a card with a ring of health around the sign of its kind. What is known from its
// callers only has a dashed border; clients are round.
import { useMemo } from 'preact/hooks';
import { memo } from '../ui/memo.ts';
import { cardOf, type Card } from './card.ts';
import { arcPath, ring, size } from './geometry.ts';
import { signPath } from '../ui/mark.tsx';
import { kindPath } from './icons.tsx';
import type { Point } from './layout.ts';
import { textWidth } from './measure.ts';
import type { MapNode } from './model.ts';
import type { Outcome } from './stats.ts';

const ringRoom = 46; // pixels on the left of a card

interface Props {
  node: MapNode;
  at: Point;
  colour: string | undefined; // of an instrumented service
  selected: boolean;
  dim: boolean;
  tabbable: boolean;
  onSelect: (key: string) => void;
  onFocus: (key: string) => void;
  onHover: (key: string | undefined) => void;
}

export const NodeCard = memo(function NodeCard(props: Props) {
  const { node: n, at } = props;
  const { width, height } = size(n.kind);
  const card = useMemo(() => cardOf(n, width - ringRoom - 9), [n]);
  const classes = ['node', n.kind, n.inferred && 'inferred', props.selected && 'selected', props.dim && 'dim', n.stats.total === 0 && 'silent'];
  const select = () => props.onSelect(n.key);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    select();
  };
  return (
    <g
      class={classes.filter(Boolean).join(' ')}
      transform={`translate(${at.x - width / 2} ${at.y - height / 2})`}
      role="button"
      tabindex={props.tabbable ? 0 : -1}
      aria-description={card.more}
      aria-pressed={props.selected}
      data-testid="map-node"
      data-key={n.key}
      onClick={select}
      onKeyDown={onKeyDown}
      onFocus={() => props.onFocus(n.key)}
      onPointerEnter={() => props.onHover(n.key)}
      onPointerLeave={() => props.onHover(undefined)}
    >
      <Body node={n} card={card} colour={props.colour} />
    </g>
  );
});

// What a search or the pointer leaves as it is: they change the classes around it only.
const Body = memo(function Body(props: { node: MapNode; card: Card; colour: string | undefined }) {
  const { node: n, card } = props;
  const { width, height } = size(n.kind);
  const client = n.kind === 'client';
  return (
    <>
      <rect class="node-focus" x={-4} y={-4} width={width + 8} height={height + 8} rx={client ? (height + 8) / 2 : 13} />
      <rect class="node-card" width={width} height={height} rx={client ? height / 2 : 9} />
      <g transform={`translate(${ringRoom / 2} ${height / 2})`}>
        <Ring node={n} radius={client ? 14 : 16} colour={props.colour} />
      </g>
      {client ? <ClientText card={card} x={ringRoom} /> : <ServiceText card={card} x={ringRoom} room={width - ringRoom - 9} />}
      <Badge badge={card.badge} x={width - (client ? 20 : 10)} />
    </>
  );
});

/** Outcomes differ in stroke as well as in colour: faults are thick, errors dashed, throttles dotted. */
export const strokes: Record<Outcome, { width: number; dashes?: string }> = {
  ok: { width: 2.5 },
  error: { width: 4, dashes: '5 2' },
  throttle: { width: 4, dashes: '2 2' },
  fault: { width: 5.5 },
};

function Ring(props: { node: MapNode; radius: number; colour: string | undefined }) {
  const { radius } = props;
  const arcs = ring(props.node.stats);
  const scale = radius / 16;
  return (
    <>
      <circle class="ring-ground" r={radius} />
      {arcs.map((arc) => (
        <path
          key={arc.outcome}
          class={`ring ${arc.outcome}`}
          d={arcPath(arc, radius, arcs.length > 1 ? 0.012 : 0)}
          stroke-width={strokes[arc.outcome].width}
          stroke-dasharray={strokes[arc.outcome].dashes}
        />
      ))}
      <g
        class="node-kind"
        transform={`translate(${-8 * scale * 0.85} ${-8 * scale * 0.85}) scale(${scale * 0.85})`}
        style={props.colour ? { color: props.colour } : undefined}
      >
        <path d={kindPath(props.node.kind)} />
      </g>
    </>
  );
}

// Words in SVG stand apart by their places only; to those who hear them, and to programs, by a space.
const said = (text: string) => `${text} `;

function ServiceText(props: { card: Card; x: number; room: number }) {
  const { card: c, x, room } = props;
  return (
    <>
      <text class="node-name" x={x} y={22}>
        {said(c.name)}
      </text>
      <text class="node-more" x={x} y={38}>
        {said(c.type)}
      </text>
      <text class="node-more figures" x={x + room} y={38} text-anchor="end">
        {said(c.rate)}
      </text>
      {c.p50 && <Quantile name="p50" value={c.p50} x={x} anchor="start" />}
      {c.p99 && <Quantile name="p99" value={c.p99} x={x + room} anchor="end" />}
    </>
  );
}

function Quantile(props: { name: string; value: string; x: number; anchor: 'start' | 'end' }) {
  return (
    <text class="node-more figures" x={props.x} y={53} text-anchor={props.anchor}>
      <tspan class="node-unit">{props.name} </tspan>
      <tspan class="node-value">{said(props.value)}</tspan>
    </text>
  );
}

function ClientText(props: { card: Card; x: number }) {
  return (
    <>
      <text class="node-name" x={props.x} y={22}>
        {said(props.card.name)}
      </text>
      <text class="node-more figures" x={props.x} y={36}>
        {said(props.card.rate)}
      </text>
    </>
  );
}

/** The worst outcome, on the upper border. */
function Badge(props: { badge: Card['badge']; x: number }) {
  if (!props.badge) return null;
  const { text, outcome } = props.badge;
  const width = textWidth(text, 11, 600) + 24;
  return (
    <g class={`chip-drawn ${outcome}`} transform={`translate(${props.x - width} -11)`}>
      <rect width={width} height={18} rx={9} />
      <g transform="translate(5 3.5) scale(0.69)" class="chip-sign">
        <path d={signPath(outcome)} />
      </g>
      <text x={18} y={13}>
        {text}
      </text>
    </g>
  );
}
