// A panel under the control that opened it. It closes on Escape and when the focus or a click goes elsewhere.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  label: string;
  open: boolean;
  close: () => void;
  /** The control that opens it; gets the focus back. */
  control: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}

export function Popover(props: Props) {
  const anchor = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!props.open) return undefined;
    const outside = (event: Event) => {
      if (!anchor.current?.contains(event.target as Node)) props.close();
    };
    addEventListener('pointerdown', outside);
    addEventListener('focusin', outside);
    return () => {
      removeEventListener('pointerdown', outside);
      removeEventListener('focusin', outside);
    };
  }, [props.open, props.close]);

  // A choice within shuts it, and the focus would be nowhere.
  useEffect(() => {
    if (!props.open) return undefined;
    const control = anchor.current?.querySelector<HTMLElement>('[aria-expanded]');
    return () => {
      if (document.activeElement === document.body) control?.focus();
    };
  }, [props.open]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !props.open) return;
    event.preventDefault();
    props.close();
    anchor.current?.querySelector<HTMLElement>('[aria-expanded]')?.focus();
  };

  return (
    <div class="popover-anchor" ref={anchor} onKeyDown={onKeyDown}>
      {props.control}
      {props.open && (
        <div class={`popover ${props.class ?? ''}`} role="dialog" aria-label={props.label}>
          {props.children}
        </div>
      )}
    </div>
  );
}
