// An edge as drawn: as wide as it is busy, dashed where events come from a queue, in the colour of
// its worst outcome with its share beside, and with all its numbers under the pointer.
import { memo } from '../ui/memo.ts';
import { percent } from '../lib/format.ts';
import { lineWidth, type Way } from './geometry.ts';
import { signPath } from '../ui/mark.tsx';
import { textWidth } from './measure.ts';
import type { MapEdge } from './model.ts';
import { worst } from './stats.ts';
import { edgeLine, rateOf } from './words.ts';

interface Props {
  edge: MapEdge;
  way: Way;
  open: boolean; // chosen, or under the pointer
  lit: boolean; // open, or touching a node that is
  dim: boolean;
  onSelect: (source: string, target: string) => void;
  onHover: (key: string | undefined) => void;
}

const state = (p: { lit: boolean; dim: boolean }) => (p.lit ? ' lit' : p.dim ? ' dim' : '');

export const EdgeLine = memo(function EdgeLine(props: Props) {
  const { edge: e, way } = props;
  const outcome = worst(e.stats)?.outcome ?? 'ok';
  return (
    <g
      class={`edge ${outcome}${e.link ? ' link' : ''}${props.open ? ' open' : ''}${state(props)}`}
      data-testid="map-edge"
      data-key={e.key}
      onClick={() => props.onSelect(e.source, e.target)}
      onPointerEnter={() => props.onHover(e.key)}
      onPointerLeave={() => props.onHover(undefined)}
    >
      <path class="edge-reach" d={way.d} />
      <path
        class="edge-line"
        d={way.d}
        stroke-width={lineWidth(e.perMinute)}
        marker-end={`url(#map-arrow-${props.lit && outcome === 'ok' ? 'lit' : outcome})`}
      />
    </g>
  );
});

/** The words at an edge: all of them when it is open, one when lit, only bad ones otherwise. */
export const EdgeChip = memo(function EdgeChip(props: { edge: MapEdge; way: Way; open: boolean; lit: boolean; dim: boolean }) {
  const { edge: e, way } = props;
  const w = worst(e.stats);
  const text = props.open ? edgeLine(e) : w ? percent(w.share) : props.lit ? rateOf(e) : '';
  if (text === '') return null;
  const sign = w ? 14 : 0;
  const width = textWidth(text, 11, 600) + sign + 14;
  return (
    <g class={`chip-drawn ${w?.outcome ?? 'ok'}${state(props)}`} transform={`translate(${way.middle.x - width / 2} ${way.middle.y - 9})`}>
      <rect width={width} height={18} rx={9} />
      {w && (
        <g transform="translate(5 3.5) scale(0.69)" class="chip-sign">
          <path d={signPath(w.outcome)} />
        </g>
      )}
      <text x={7 + sign - (w ? 2 : 0)} y={13}>
        {text}
      </text>
    </g>
  );
});

/** Heads of arrows, one for each colour: a marker cannot take the colour of its line everywhere. */
export function Arrows() {
  return (
    <defs>
      {['ok', 'error', 'throttle', 'fault', 'lit'].map((name) => (
        <marker
          key={name}
          id={`map-arrow-${name}`}
          class={`arrow ${name}`}
          viewBox="0 0 8 8"
          refX="3"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M0 .6 7.6 4 0 7.4z" />
        </marker>
      ))}
    </defs>
  );
}
