// A small chart of lines over time, for looking at only: the bars above it have the brush.
import { useRef, useState } from 'preact/hooks';
import type { Moment } from './series.ts';

interface Props {
  moments: readonly Moment[];
  lines: readonly (readonly (number | undefined)[])[]; // one value for each moment
  names: readonly string[];
  format: (seconds: number) => string; // of times
  value: (n: number) => string;
  height: number;
}

const width = 1000; // units of the drawing, stretched to the frame
const axis = 4;

export function Lines(props: Props) {
  const { moments, lines, height } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState<number>();
  const most = Math.max(1e-6, ...lines.flat().filter((n) => n !== undefined));
  const step = width / Math.max(1, moments.length);
  const y = (n: number) => height - axis - (n / most) * (height - axis - 12);
  const look = (event: PointerEvent) => {
    const box = frame.current!.getBoundingClientRect();
    setOver(Math.min(moments.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * moments.length))));
  };
  return (
    <div
      ref={frame}
      class="map-lines"
      style={{ height: `${height}px` }}
      role="img"
      aria-label={heard(props, most)}
      onPointerMove={look}
      onPointerLeave={() => setOver(undefined)}
    >
      <svg width="100%" height={height} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <line class="histogram-foot" x1={0} x2={width} y1={height - axis} y2={height - axis} />
        {lines.map((line, i) => (
          <path key={i} class={`map-line ${props.names[i]}`} d={path(line, step, y)} />
        ))}
      </svg>
      <span class="histogram-most">{props.value(most)}</span>
      {over !== undefined && moments[over] && (
        <div
          class="histogram-tip"
          style={
            over < moments.length / 2
              ? { left: `${((over + 0.5) / moments.length) * 100}%` }
              : { right: `${100 - ((over + 0.5) / moments.length) * 100}%` }
          }
        >
          <div class="faint">{props.format(moments[over].from)}</div>
          {lines.map((line, i) => {
            const n = line[over];
            return <div key={i}>{`${props.names[i]} ${n === undefined ? '–' : props.value(n)}`}</div>;
          })}
        </div>
      )}
    </div>
  );
}

/** Neighbours are joined; one alone between gaps is a dash. */
function path(line: readonly (number | undefined)[], step: number, y: (n: number) => number): string {
  let d = '';
  line.forEach((n, i) => {
    if (n === undefined) return;
    const x = (i + 0.5) * step;
    if (line[i - 1] !== undefined) d += `L${x.toFixed(1)} ${y(n).toFixed(1)}`;
    else if (line[i + 1] !== undefined) d += `M${x.toFixed(1)} ${y(n).toFixed(1)}`;
    else d += `M${(x - step * 0.3).toFixed(1)} ${y(n).toFixed(1)}h${(step * 0.6).toFixed(1)}`;
  });
  return d;
}

function heard(props: Props, most: number): string {
  return `${props.names.join(' and ')} over time, at most ${props.value(most)}`;
}
