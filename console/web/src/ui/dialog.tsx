// A dialog over the page: the browser's own, which holds the focus and closes on Escape.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { useKeys } from './keys.ts';

export function Dialog(props: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useKeys([], 'dialog');
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  // A click on the backdrop hits the dialog itself, one inside hits a child.
  const onClick = (event: MouseEvent) => event.target === dialog.current && props.close();
  return (
    <dialog ref={dialog} class="dialog" aria-label={props.title} onClose={props.close} onClick={onClick}>
      <div class="dialog-body">
        <header>
          <h1>{props.title}</h1>
          <button class="button quiet icon" aria-label="Close" onClick={props.close}>
            <Icon name="close" />
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}
