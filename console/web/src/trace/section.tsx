// A part of the details of a span, under a heading that opens and shuts it.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { recall, remember } from '../lib/storage.ts';

/** Whether it is open is remembered for all spans. */
export function Section(props: { title: string; count?: number; shut?: boolean; tools?: ComponentChildren; children: ComponentChildren }) {
  const key = `trace.section.${props.title}`;
  const [open, setOpen] = useState(() => (recall(key) ?? (props.shut ? 'shut' : 'open')) === 'open');
  const flip = () => {
    remember(key, open ? 'shut' : 'open');
    setOpen(!open);
  };
  return (
    <section class="trace-section">
      <div class="trace-section-head">
        <h3>
          <button aria-expanded={open} onClick={flip}>
            <span class={`trace-fold ${open ? '' : 'shut'}`} aria-hidden="true" />
            {props.title}
            {props.count !== undefined && <span class="faint">{props.count}</span>}
          </button>
        </h3>
        {open && props.tools}
      </div>
      {open && <div class="trace-section-body">{props.children}</div>}
    </section>
  );
}
