// A button that copies a text and says that it did.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

export function CopyButton(props: { text: () => string; label: string; class?: string; children?: ComponentChildren }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => setDone(await copyText(props.text()));
  return (
    <button class={props.class ?? 'button quiet icon'} aria-label={props.label} title={done ? 'Copied' : props.label} onClick={copy}>
      {done ? <Icon name="check" /> : (props.children ?? <Icon name="link" />)}
      <span class="unseen" role="status">
        {done ? 'Copied' : ''}
      </span>
    </button>
  );
}

/** Copies; the clipboard needs https or this very machine, so there is an older way for other addresses. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard && isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => copyBySelection(text),
    );
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}
