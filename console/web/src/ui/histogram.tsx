// Bars with a brush: drag, or move two sliders by keyboard, and a range is chosen. Bars are stacked
// by series. A click on a bar chooses it; a click on a choice, or Escape, lets it go.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { count } from '../lib/format.ts';
import { across, barAt, edgesOf, labels, nudge, placeOf, rangeOf, slide, total, type Bar, type Edges, type Range } from './brush.ts';
import './histogram.css';

export type { Bar, Range } from './brush.ts';

/** Series names a part of every bar and gives its colour in CSS. */
export interface Series {
  name: string;
  colour: string;
}

interface Props {
  /** What is counted, for those who hear the page: "Response times of requests". */
  label: string;
  /** Side by side from left to right, drawn equally wide. */
  bars: readonly Bar[];
  /** From the foot of the bars upwards. */
  series: readonly Series[];
  /** "requests", "traces". */
  unit: string;
  /** Writes a place on the axis. */
  format: (value: number) => string;
  /** Writes it with more care, for the tip and the sliders; format when left out. */
  exact?: (value: number) => string;
  selected?: Range | undefined;
  /** Called once a choice is made; undefined when there is none any more. Without it there is no brush. */
  onSelect?: (range: Range | undefined) => void;
  /** Pixels, axis included; 120 when left out. */
  height?: number;
}

const axis = 18; // pixels
const head = 14; // pixels above the tallest bar, for its number
const grip = 7; // pixels on either side of an edge in which the pointer takes hold of it

export function Histogram(props: Props) {
  const { bars, height = 120 } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const [draft, setDraft] = useState<Edges>();
  const [over, setOver] = useState<number>();
  const range = draft ? rangeOf(bars, draft) : props.selected;
  const most = Math.max(1, ...bars.map(total));
  const commit = (edges: Edges | undefined) => {
    setDraft(undefined);
    props.onSelect?.(edges && rangeOf(bars, edges));
  };
  const drag = useDrag(frame, props, setDraft, commit);
  const plot = { width, height: height - axis, most };

  return (
    <div
      ref={frame}
      class={`histogram ${props.onSelect ? 'brushable' : ''}`}
      style={{ height: `${height}px` }}
      role="group"
      aria-label={props.label}
      onPointerMove={(e) => setOver(bars.length ? barAt(fraction(e, frame.current!), bars.length) : undefined)}
      onPointerLeave={() => setOver(undefined)}
    >
      <svg width={width} height={height} aria-hidden="true" {...(props.onSelect ? drag : {})}>
        <Bars {...props} {...plot} chosen={range} over={over} />
        <Axis {...props} {...plot} />
      </svg>
      {most > 1 && bars.length > 0 && <span class="histogram-most">{count(most)}</span>}
      {props.onSelect && bars.length > 0 && <Brush {...props} range={range} commit={commit} height={plot.height} />}
      {over !== undefined && bars[over] && <Tip {...props} bar={bars[over]} place={(over + 0.5) / bars.length} />}
    </div>
  );
}

interface Plot {
  width: number;
  height: number;
  most: number;
}

function Bars(props: Omit<Props, 'height'> & Plot & { chosen: Range | undefined; over: number | undefined }) {
  const { bars, width, height, most, chosen } = props;
  const step = width / Math.max(1, bars.length);
  const gap = step > 5 ? 1 : step > 2.5 ? 0.5 : 0;
  const within = chosen ? edgesOf(bars, chosen) : undefined;
  return (
    <g>
      <line class="histogram-foot" x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} />
      {bars.map((bar, i) => {
        const dim = within && (i < within.start || i >= within.end);
        return (
          <g key={i} class={dim ? 'dim' : i === props.over ? 'over' : undefined}>
            {stack(bar, height - head, most).map((part) => (
              <rect
                key={part.series}
                x={i * step + gap / 2}
                width={Math.max(0.5, step - gap)}
                y={height - part.top}
                height={part.top - part.foot}
                fill={props.series[part.series]?.colour}
              />
            ))}
          </g>
        );
      })}
    </g>
  );
}

// What there is one of among thousands still gets two pixels.
function stack(bar: Bar, height: number, most: number) {
  let foot = 0;
  return bar.parts.flatMap((n, series) => {
    if (n === 0) return [];
    const part = { series, foot, top: foot + Math.max(2, (n / most) * height) };
    foot = part.top;
    return [part];
  });
}

function Axis(props: Omit<Props, 'height'> & Plot) {
  const { bars, width, height } = props;
  return (
    <g class="histogram-axis">
      {labels(bars, width, props.format).map((l) => (
        <g key={l.x}>
          <line x1={l.x + 0.5} x2={l.x + 0.5} y1={height} y2={height + 13} />
          <text x={l.x + 5} y={height + 13}>
            {l.text}
          </text>
        </g>
      ))}
    </g>
  );
}

/** The chosen range with its two sliders. Arrows move an edge by a bar, page keys by ten, with shift both edges. */
function Brush(props: Props & { range: Range | undefined; commit: (edges: Edges | undefined) => void; height: number }) {
  const { bars, range } = props;
  const edges = edgesOf(bars, range);
  const left = range ? placeOf(bars, range.from) : 0;
  const right = range ? placeOf(bars, range.to) : 1;
  const write = props.exact ?? props.format;
  const onKeyDown = (which: 'start' | 'end') => (event: KeyboardEvent) => {
    const next = event.key === 'Escape' && range ? { start: 0, end: bars.length } : moved(event, edges, which, bars.length);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    props.commit(next);
  };
  const slider = (which: 'start' | 'end', place: number) => (
    <div
      class={`histogram-grip ${range ? 'set' : ''}`}
      style={{ left: `${place * 100}%`, height: `${props.height}px` }}
      role="slider"
      tabIndex={0}
      aria-label={`${props.label}: ${which === 'start' ? 'from' : 'to'}`}
      aria-valuemin={0}
      aria-valuemax={bars.length}
      aria-valuenow={edges[which]}
      aria-valuetext={write(which === 'start' ? (range?.from ?? bars[0]!.from) : (range?.to ?? bars[bars.length - 1]!.to))}
      onKeyDown={onKeyDown(which)}
    />
  );
  return (
    <>
      {range && <div class="histogram-chosen" style={{ left: `${left * 100}%`, right: `${100 - right * 100}%`, height: `${props.height}px` }} />}
      {slider('start', left)}
      {slider('end', right)}
    </>
  );
}

function moved(event: KeyboardEvent, edges: Edges, which: 'start' | 'end', bars: number): Edges | undefined {
  const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -bars, End: bars }[event.key];
  if (by === undefined) return undefined;
  return event.shiftKey ? slide(edges, by, bars) : nudge(edges, which, by, bars);
}

function Tip(props: Props & { bar: Bar; place: number }) {
  const { bar, place } = props;
  const write = props.exact ?? props.format;
  return (
    <div class="histogram-tip" style={place < 0.5 ? { left: `${place * 100}%` } : { right: `${100 - place * 100}%` }}>
      <div class="faint">{`${write(bar.from)} – ${write(bar.to)}`}</div>
      {props.series.map((s, i) => {
        const n = bar.parts[i] ?? 0;
        if (n === 0 && props.series.length > 1) return null;
        return (
          <div key={s.name}>
            <i style={{ background: s.colour }} />
            {`${count(n)} ${props.series.length > 1 ? s.name : props.unit}`}
          </div>
        );
      })}
      {props.series.length > 1 && total(bar) === 0 && <div>{`no ${props.unit}`}</div>}
    </div>
  );
}

interface Hold {
  kind: 'new' | 'start' | 'end' | 'slide';
  bar: number;
  edges: Edges;
  moved: boolean;
}

// The pointer is captured, so a drag may leave the chart and come back.
function useDrag(
  frame: { current: HTMLDivElement | null },
  props: Props,
  setDraft: (e: Edges | undefined) => void,
  commit: (e: Edges | undefined) => void,
) {
  const hold = useRef<Hold | undefined>(undefined);
  const draft = useRef<Edges | undefined>(undefined);
  const { bars } = props;
  const show = (e: Edges) => setDraft((draft.current = e));
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 || bars.length === 0) return;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      hold.current = take(event, frame.current!, props);
      draft.current = undefined;
    },
    onPointerMove: (event: PointerEvent) => {
      const held = hold.current;
      if (!held) return;
      const bar = barAt(fraction(event, frame.current!), bars.length);
      if (bar === held.bar && !held.moved) return;
      held.moved = true;
      show(dragged(held, bar, bars.length));
    },
    onPointerUp: () => {
      const held = hold.current;
      hold.current = undefined;
      if (!held) return;
      if (held.moved) commit(draft.current);
      else commit(props.selected ? undefined : across(held.bar, held.bar));
    },
    onPointerCancel: () => {
      hold.current = undefined;
      setDraft(undefined);
    },
  };
}

function take(event: PointerEvent, frame: HTMLElement, props: Props): Hold {
  const { bars, selected } = props;
  const place = fraction(event, frame);
  const bar = barAt(place, bars.length);
  const edges = edgesOf(bars, selected);
  if (!selected) return { kind: 'new', bar, edges, moved: false };
  const near = (value: number) => Math.abs(placeOf(bars, value) - place) * frame.clientWidth <= grip;
  const kind = near(selected.from) ? 'start' : near(selected.to) ? 'end' : bar >= edges.start && bar < edges.end ? 'slide' : 'new';
  return { kind, bar, edges, moved: false };
}

function dragged(held: Hold, bar: number, bars: number): Edges {
  if (held.kind === 'new') return across(held.bar, bar);
  if (held.kind === 'slide') return slide(held.edges, bar - held.bar, bars);
  return nudge(held.edges, held.kind, bar - held.bar, bars);
}

function fraction(event: PointerEvent, frame: HTMLElement): number {
  const box = frame.getBoundingClientRect();
  return (event.clientX - box.left) / Math.max(1, box.width);
}

function useWidth(frame: { current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = frame.current!;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return width;
}
