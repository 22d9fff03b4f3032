// Two panes with a bar between them that is dragged or moved with the arrow keys. The size is
// remembered for this browser.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { computed, signal } from '@preact/signals';
import { recall, remember } from '../lib/storage.ts';

export type Side = 'right' | 'bottom';

const wish = signal<Side | undefined>(asSide(recall('trace.side')));
const wide = signal(true);
const chosen = computed<Side>(() => wish.value ?? (wide.value ? 'right' : 'bottom'));

function asSide(text: string | undefined): Side | undefined {
  return text === 'right' || text === 'bottom' ? text : undefined;
}

/** Where the second pane stands: as chosen, else on the right where the window is wide. */
export function useSide(): Side {
  useEffect(() => {
    const query = matchMedia('(min-width: 1100px)');
    const follow = () => (wide.value = query.matches);
    follow();
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return chosen.value;
}

export function flipSide(): void {
  wish.value = chosen.peek() === 'right' ? 'bottom' : 'right';
  remember('trace.side', wish.value);
}

interface Props {
  side: Side;
  label: string;
  first: ComponentChildren;
  /** Without it the first pane has all the room. */
  second: ComponentChildren | undefined;
}

export function Split(props: Props) {
  const { side } = props;
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState(() => stored(side));
  useEffect(() => setSize(stored(side)), [side]);
  const resize = (to: number) => {
    const room = side === 'right' ? box.current!.clientWidth : box.current!.clientHeight;
    const fitting = Math.round(Math.min(Math.max(to, 200), room - 240));
    setSize(fitting);
    remember(`trace.${side}`, String(fitting));
  };
  const along = side === 'right' ? { width: `${size}px` } : { height: `${size}px` };
  return (
    <div class={`trace-split ${side}`} ref={box}>
      {props.first}
      {props.second && (
        <>
          <Bar label={`Size of ${props.label}`} upright={side === 'right'} value={size} min={200} grow={-1} set={resize} />
          <div class="trace-second" style={along}>
            {props.second}
          </div>
        </>
      )}
    </div>
  );
}

function stored(side: Side): number {
  return Number(recall(`trace.${side}`)) || (side === 'right' ? 440 : 320);
}

interface BarProps {
  label: string;
  upright: boolean;
  /** Pixels. */
  value: number;
  min: number;
  /** 1 when the pane before the bar has the size, -1 when the one behind has. */
  grow: 1 | -1;
  set: (to: number) => void;
}

/** A bar between two panes. */
export function Bar(props: BarProps) {
  const start = useRef<{ at: number; size: number } | undefined>(undefined);
  const position = (e: PointerEvent) => (props.upright ? e.clientX : e.clientY);
  const down = (e: PointerEvent) => {
    (e.currentTarget as Element).setPointerCapture(e.pointerId);
    start.current = { at: position(e), size: props.value };
    e.preventDefault();
  };
  const move = (e: PointerEvent) => {
    if (start.current) props.set(start.current.size + (position(e) - start.current.at) * props.grow);
  };
  const up = () => (start.current = undefined);
  const key = (e: KeyboardEvent) => {
    const by = { ArrowLeft: -16, ArrowUp: -16, ArrowRight: 16, ArrowDown: 16 }[e.key];
    if (by === undefined) return;
    e.preventDefault();
    props.set(props.value + by * props.grow);
  };
  return (
    <div
      class={`trace-bar ${props.upright ? 'upright' : 'level'}`}
      role="separator"
      tabIndex={0}
      aria-label={props.label}
      aria-orientation={props.upright ? 'vertical' : 'horizontal'}
      aria-valuenow={props.value}
      aria-valuemin={props.min}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onKeyDown={key}
    />
  );
}
