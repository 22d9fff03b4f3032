// A strip of time on which a stretch is drawn with the pointer, to zoom there.
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { View } from './view.ts';

interface Props {
  /** The time that the strip shows. */
  view: View;
  class: string;
  title: string;
  children: ComponentChildren;
  /** A stretch was drawn. */
  drawn: (view: View) => void;
  /** A moment was clicked. */
  clicked?: (moment: number) => void;
}

/** Pixels below which a movement is a click. */
const slack = 4;

export function Brush(props: Props) {
  const [drawing, setDrawing] = useState<{ from: number; to: number }>();
  const begin = useRef<number | undefined>(undefined);
  const x = (e: PointerEvent) => {
    const box = (e.currentTarget as Element).getBoundingClientRect();
    return { share: Math.min(Math.max((e.clientX - box.left) / box.width, 0), 1), slack: slack / box.width };
  };
  const moment = (share: number) => props.view.from + share * (props.view.to - props.view.from);
  const down = (e: PointerEvent) => {
    if (e.button !== 0) return;
    (e.currentTarget as Element).setPointerCapture(e.pointerId);
    begin.current = x(e).share;
    e.preventDefault();
  };
  const move = (e: PointerEvent) => {
    if (begin.current === undefined) return;
    const at = x(e);
    if (drawing !== undefined || Math.abs(at.share - begin.current) > at.slack)
      setDrawing({ from: Math.min(begin.current, at.share), to: Math.max(begin.current, at.share) });
  };
  const up = (e: PointerEvent) => {
    if (begin.current === undefined) return;
    begin.current = undefined;
    setDrawing(undefined);
    if (drawing !== undefined && drawing.to > drawing.from) props.drawn({ from: moment(drawing.from), to: moment(drawing.to) });
    else if (drawing === undefined) props.clicked?.(moment(x(e).share));
  };
  const cancel = () => {
    begin.current = undefined;
    setDrawing(undefined);
  };
  return (
    <div
      class={`trace-brush ${props.class}`}
      title={props.title}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={cancel}
    >
      {props.children}
      {drawing && <div class="trace-drawing" style={{ left: `${drawing.from * 100}%`, width: `${(drawing.to - drawing.from) * 100}%` }} />}
    </div>
  );
}
