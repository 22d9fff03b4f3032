// A JSON value as a tree that opens where it is clicked.
import { useState } from 'preact/hooks';
import { isObject, scalar } from './document.ts';
import { Exact, type Json } from './json.ts';

/** Members shown at once; a list of thousands must not stop the page. */
const portion = 100;

/** Levels that are open at first. */
const openLevels = 2;

export function JsonTree(props: { value: Json }) {
  return (
    <div class="trace-json mono">
      <Members value={props.value} level={0} />
    </div>
  );
}

function Members(props: { value: Json; level: number }) {
  const [shown, setShown] = useState(portion);
  const { value, level } = props;
  if (!isObject(value) && !Array.isArray(value)) return <Leaf value={value} />;
  const entries: [string, Json][] = Array.isArray(value) ? value.map((v, i) => [String(i), v]) : Object.entries(value);
  return (
    <ul>
      {entries.slice(0, shown).map(([key, v]) => (
        <Member key={key} name={key} value={v} level={level} />
      ))}
      {entries.length > shown && (
        <li>
          <button class="trace-jump" onClick={() => setShown(shown + portion * 10)}>{`${entries.length - shown} more`}</button>
        </li>
      )}
    </ul>
  );
}

function Member(props: { name: string; value: Json; level: number }) {
  const { name, value, level } = props;
  const size = Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : undefined;
  const [open, setOpen] = useState(level < openLevels && (size ?? 0) <= 20);
  if (size === undefined || size === 0)
    return (
      <li>
        <span class="trace-json-key">{name}</span>{' '}
        {size === 0 ? <span class="faint">{Array.isArray(value) ? '[]' : '{}'}</span> : <Leaf value={value} />}
      </li>
    );
  return (
    <li>
      <button class="trace-json-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span class={`trace-fold ${open ? '' : 'shut'}`} aria-hidden="true" />
        <span class="trace-json-key">{name}</span>
        {!open && <span class="faint">{Array.isArray(value) ? `[${size}]` : `{${size}}`}</span>}
      </button>
      {open && <Members value={value} level={level + 1} />}
    </li>
  );
}

function Leaf(props: { value: Json }) {
  const { value } = props;
  const kind = value === null ? 'null' : value instanceof Exact ? 'number' : typeof value;
  return <span class={`trace-json-${kind}`}>{typeof value === 'string' ? value || '""' : scalar(value)}</span>;
}
