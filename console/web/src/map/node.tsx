// A node as drawn: a card with a ring of health around the sign of its kind. What is known from its
// callers only has a dashed border; clients are round.
import { memo } from './memo.ts';
import { percent } from '../lib/format.ts';
import { arcPath, ring, size } from './geometry.ts';
import { kindPath, outcomePath } from './icons.tsx';
import { shortName, typeName } from './kind.ts';
import type { Point } from './layout.ts';
import { shorten, textWidth } from './measure.ts';
import type { MapNode } from './model.ts';
import { worst, type Outcome } from './stats.ts';
import { nodeLine, quantileText, rate } from './words.ts';

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
      tabIndex={props.tabbable ? 0 : -1}
      aria-label={nodeLine(n)}
      aria-pressed={props.selected}
      data-testid="map-node"
      data-key={n.key}
      onClick={select}
      onKeyDown={onKeyDown}
      onFocus={() => props.onFocus(n.key)}
      onPointerEnter={() => props.onHover(n.key)}
      onPointerLeave={() => props.onHover(undefined)}
    >
      <title>{n.name}</title>
      <rect class="node-focus" x={-4} y={-4} width={width + 8} height={height + 8} rx={n.kind === 'client' ? (height + 8) / 2 : 13} />
      <rect class="node-card" width={width} height={height} rx={n.kind === 'client' ? height / 2 : 9} />
      <g transform={`translate(${ringRoom / 2} ${height / 2})`}>
        <Ring node={n} radius={n.kind === 'client' ? 14 : 16} colour={props.colour} />
      </g>
      {n.kind === 'client' ? (
        <ClientText node={n} x={ringRoom} room={width - ringRoom - 14} />
      ) : (
        <ServiceText node={n} x={ringRoom} room={width - ringRoom - 9} />
      )}
      <Badge node={n} x={width - (n.kind === 'client' ? 20 : 10)} />
    </g>
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

function ServiceText(props: { node: MapNode; x: number; room: number }) {
  const { node: n, x, room } = props;
  const often = rate(n.perMinute);
  const type = shorten(typeName(n.type), room - textWidth(often, 11) - 8, (s) => textWidth(s, 11));
  const [p50, p99] = [quantileText(n.times, 0.5), quantileText(n.times, 0.99)];
  return (
    <>
      <text class="node-name" x={x} y={22}>
        {shorten(shortName(n.name, n.kind), room, (s) => textWidth(s, 12, 600))}
      </text>
      <text class="node-more" x={x} y={38}>
        {type}
      </text>
      <text class="node-more figures" x={x + room} y={38} text-anchor="end">
        {often}
      </text>
      <text class="node-more figures" x={x} y={53}>
        {p50 ? <Quantile name="p50" value={p50} /> : n.stats.total === 0 ? 'no traffic' : ''}
      </text>
      <text class="node-more figures" x={x + room} y={53} text-anchor="end">
        {p99 && <Quantile name="p99" value={p99} />}
      </text>
    </>
  );
}

function Quantile(props: { name: string; value: string }) {
  return (
    <>
      <tspan class="node-unit">{props.name} </tspan>
      <tspan class="node-value">{props.value}</tspan>
    </>
  );
}

function ClientText(props: { node: MapNode; x: number; room: number }) {
  const { node: n, x, room } = props;
  return (
    <>
      <text class="node-name" x={x} y={22}>
        Clients
      </text>
      <text class="node-more figures" x={x} y={36}>
        {shorten(n.stats.total === 0 ? 'no traffic' : rate(n.perMinute), room, (s) => textWidth(s, 11))}
      </text>
    </>
  );
}

/** The worst outcome, on the upper border. */
function Badge(props: { node: MapNode; x: number }) {
  const w = worst(props.node.stats);
  if (!w) return null;
  const text = percent(w.share);
  const width = textWidth(text, 11, 600) + 24;
  return (
    <g class={`chip-drawn ${w.outcome}`} transform={`translate(${props.x - width} -11)`}>
      <rect width={width} height={18} rx={9} />
      <g transform="translate(5 3.5) scale(0.69)" class="chip-sign">
        <path d={outcomePath(w.outcome)} />
      </g>
      <text x={18} y={13}>
        {text}
      </text>
    </g>
  );
}
