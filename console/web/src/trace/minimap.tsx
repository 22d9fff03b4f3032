// The whole trace at a glance, and which part of its time is shown below. Draw on it to zoom, drag
// the ends of the window to change it and its upper edge to move it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { computedColour, serviceColours } from '../lib/colour.ts';
import { duration as seconds } from '../lib/format.ts';
import { theme } from '../theme.ts';
import { Brush } from './brush.tsx';
import { outcome, type Trace } from './model.ts';
import type { TraceState } from './state.ts';
import type { Timing } from './timing.ts';
import { fit, isWhole, share, type View } from './view.ts';

export function Minimap(props: { state: TraceState }) {
  const { state } = props;
  const all = state.all.value;
  const view = state.view.value;
  const centre = (moment: number) => {
    const width = view.to - view.from;
    state.show(fit({ from: moment - width / 2, to: moment + width / 2 }, all));
  };
  return (
    <div class="trace-minimap">
      <Brush view={all} class="trace-map" title="Draw to zoom" drawn={(v) => state.show(v)} clicked={centre}>
        <Picture state={state} />
        <div class="trace-shade" style={{ left: 0, width: `${share(all, view.from) * 100}%` }} />
        <div class="trace-shade" style={{ right: 0, width: `${(1 - share(all, view.to)) * 100}%` }} />
      </Brush>
      {!isWhole(view, all) && <Window state={state} view={view} all={all} />}
    </div>
  );
}

function Picture(props: { state: TraceState }) {
  const { state } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const dark = useDark();
  useEffect(() => {
    const watch = new ResizeObserver(() => setWidth(canvas.current?.clientWidth ?? 0));
    watch.observe(canvas.current!);
    return () => watch.disconnect();
  }, []);
  const trace = state.trace.value;
  const timing = state.timing.value;
  const all = state.all.value;
  useEffect(() => {
    if (width > 0) draw(canvas.current!, trace, timing, all);
  }, [width, dark, trace, timing, all]);
  return <canvas ref={canvas} class="trace-picture" aria-hidden="true" />;
}

/** The theme that is in force, so that the picture is drawn again when it changes. */
function useDark(): boolean {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const [system, setSystem] = useState(query.matches);
  useEffect(() => {
    const follow = () => setSystem(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return theme.value === 'system' ? system : theme.value === 'dark';
}

function draw(canvas: HTMLCanvasElement, trace: Trace, t: Timing, all: View): void {
  const ratio = devicePixelRatio || 1;
  const width = (canvas.width = Math.round(canvas.clientWidth * ratio));
  const height = (canvas.height = Math.round(canvas.clientHeight * ratio));
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  const colours = trace.services.map((s) => computedColour(serviceColours.of(s.name), canvas));
  const marks = { error: '', throttle: '', fault: '' };
  for (const of of ['error', 'throttle', 'fault'] as const) marks[of] = computedColour(`var(--${of})`, canvas);
  const rows = trace.spans.length;
  const row = Math.min(height / rows, 6 * ratio);
  const thick = Math.max(ratio, row * 0.7);
  const bar = (index: number) => {
    const from = share(all, t.from[index]!) * width;
    pen.fillRect(from, Math.min(index * row, height - thick), Math.max(ratio, share(all, t.to[index]!) * width - from), thick);
  };
  pen.clearRect(0, 0, width, height);
  pen.globalAlpha = rows > 300 ? 0.55 : 0.9;
  for (const span of trace.spans) {
    pen.fillStyle = colours[span.service.index]!;
    bar(span.index);
  }
  pen.globalAlpha = 1;
  for (const span of trace.spans) {
    const of = outcome(span);
    if (of === 'ok') continue;
    pen.fillStyle = marks[of];
    if (row >= 2 * ratio) bar(span.index);
    // Where rows are thinner than what is drawn, whole bars in these colours would be all that is seen: their ends do.
    else
      pen.fillRect(share(all, t.to[span.index]!) * width - ratio, Math.min(span.index * row, height - thick) - ratio, 2 * ratio, 3 * ratio);
  }
}

function Window(props: { state: TraceState; view: View; all: View }) {
  const { state, view, all } = props;
  const from = share(all, view.from);
  const to = share(all, view.to);
  const narrow = (all.to - all.from) / 1e4;
  return (
    <>
      <Handle
        label="Move the shown time"
        kind="move"
        at={from}
        width={to - from}
        value={view.from}
        state={state}
        change={(by) => fit({ from: view.from + by, to: view.to + by }, all)}
      />
      <Handle
        label="Start of the shown time"
        kind="end"
        at={from}
        value={view.from}
        state={state}
        change={(by) => ({ from: Math.min(Math.max(all.from, view.from + by), view.to - narrow), to: view.to })}
      />
      <Handle
        label="End of the shown time"
        kind="end"
        at={to}
        value={view.to}
        state={state}
        change={(by) => ({ from: view.from, to: Math.max(Math.min(all.to, view.to + by), view.from + narrow) })}
      />
    </>
  );
}

interface HandleProps {
  label: string;
  kind: 'move' | 'end';
  /** Shares of the strip. */
  at: number;
  width?: number;
  /** Seconds. */
  value: number;
  state: TraceState;
  /** The view after a movement by seconds from where it is now. */
  change: (by: number) => View;
}

function Handle(props: HandleProps) {
  const { state } = props;
  const all = state.all.value;
  const last = useRef<number | undefined>(undefined);
  const down = (e: PointerEvent) => {
    (e.currentTarget as Element).setPointerCapture(e.pointerId);
    last.current = e.clientX;
    e.preventDefault();
  };
  const move = (e: PointerEvent) => {
    if (last.current === undefined) return;
    const room = (e.currentTarget as Element).parentElement!.clientWidth;
    state.show(props.change(((e.clientX - last.current) / room) * (all.to - all.from)));
    last.current = e.clientX;
  };
  const up = () => (last.current = undefined);
  const key = (e: KeyboardEvent) => {
    const sign = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (sign === undefined) return;
    e.preventDefault();
    state.show(props.change((sign * (all.to - all.from)) / 100));
  };
  const style = props.width === undefined ? { left: `${props.at * 100}%` } : { left: `${props.at * 100}%`, width: `${props.width * 100}%` };
  return (
    <div
      class={`trace-handle ${props.kind}`}
      style={style}
      role="slider"
      tabIndex={0}
      aria-label={props.label}
      aria-valuemin={all.from}
      aria-valuemax={all.to}
      aria-valuenow={props.value}
      aria-valuetext={seconds(props.value)}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onKeyDown={key}
    />
  );
}
