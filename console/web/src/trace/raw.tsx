// The trace as the server has it: one JSON text, of which only the lines on screen are drawn.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { download } from '../lib/download.ts';
import { bytes, count } from '../lib/format.ts';
import { go, link } from '../state.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import type { TraceReply } from './document.ts';
import { linesWith, pieces, traceText } from './rawtext.ts';

const lineHeight = 19;

export function RawTrace(props: { reply: TraceReply }) {
  const { reply } = props;
  const text = useMemo(() => traceText(reply), [reply]);
  const lines = useMemo(() => text.split('\n'), [text]);
  const [search, setSearch] = useState('');
  const found = useMemo(() => linesWith(lines, search), [lines, search]);
  const [at, setAt] = useState(0);
  const box = useRef<HTMLInputElement>(null);
  useRawKeys(box, () => go({ page: 'trace', id: reply.Id }));
  const step = (by: number) => found.length > 0 && setAt((at + by + found.length) % found.length);
  const onKey = (e: KeyboardEvent) => {
    if (e.key === 'Enter') step(e.shiftKey ? -1 : 1);
    else if (e.key === 'Escape') box.current?.blur();
    else return;
    e.preventDefault();
  };
  return (
    <div class="trace-raw">
      <header class="trace-toolbar">
        <a class="button quiet small" href={link({ page: 'trace', id: reply.Id })}>
          ← Trace
        </a>
        <h1 class="mono">{reply.Id}</h1>
        <span class="faint">{`${count(lines.length)} lines, ${bytes(text.length)}`}</span>
        <div class="grow" />
        <div class="trace-search" role="search">
          <Icon name="search" />
          <input
            ref={box}
            class="input"
            type="text"
            value={search}
            placeholder="Find in the text"
            aria-label="Find in the text"
            spellcheck={false}
            autocomplete="off"
            onKeyDown={onKey}
            onInput={(e) => {
              setSearch(e.currentTarget.value);
              setAt(0);
            }}
          />
          {search.trim() !== '' && (
            <span class="trace-found" role="status">
              {found.length === 0 ? 'no match' : `${at + 1} of ${found.length}`}
            </span>
          )}
        </div>
        <CopyButton text={() => text} label="Copy the JSON" class="button small">
          Copy
        </CopyButton>
        <button class="button small" onClick={() => download(`${reply.Id}.json`, 'application/json', text)}>
          Download
        </button>
      </header>
      <Lines lines={lines} marked={found[at]} found={found} />
    </div>
  );
}

function useRawKeys(box: { current: HTMLInputElement | null }, leave: () => void): void {
  const focus = () => box.current?.focus();
  useKeys([
    { keys: '/', does: 'search in the text', run: focus, group: 'Raw data' },
    { keys: 'Escape', does: 'back to the trace', run: leave, group: 'Raw data' },
  ]);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.key !== 'f' || !(e.ctrlKey || e.metaKey) || e.shiftKey || e.altKey || document.activeElement === box.current) return;
      e.preventDefault();
      focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function Lines(props: { lines: string[]; found: number[]; marked: number | undefined }) {
  const { lines, marked } = props;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const watch = new ResizeObserver(() => box.current && setHeight(box.current.clientHeight));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (marked !== undefined && box.current) box.current.scrollTop = Math.max(0, marked * lineHeight - height / 2);
  }, [marked]);
  const first = Math.max(0, Math.floor(top / lineHeight) - 20);
  const last = Math.min(lines.length, Math.ceil((top + height) / lineHeight) + 20);
  const digits = String(lines.length).length;
  return (
    <div
      class="trace-lines-box mono"
      ref={box}
      tabIndex={0}
      role="document"
      aria-label="JSON of the trace"
      data-testid="trace-raw"
      onScroll={(e) => setTop(e.currentTarget.scrollTop)}
    >
      <div style={{ height: `${lines.length * lineHeight}px` }}>
        <pre style={{ transform: `translateY(${first * lineHeight}px)` }}>
          {lines.slice(first, last).map((line, i) => (
            <div key={first + i} class={`trace-line ${first + i === marked ? 'marked' : ''}`}>
              <span class="trace-line-number" style={{ width: `${digits + 1}ch` }} aria-hidden="true">
                {first + i + 1}
              </span>
              {pieces(line).map((p, n) =>
                p.kind === 'plain' ? (
                  p.text
                ) : (
                  <span key={n} class={`trace-json-${p.kind}`}>
                    {p.text}
                  </span>
                ),
              )}
              {'\n'}
            </div>
          ))}
        </pre>
      </div>
    </div>
  );
}
