// The list of keys, made from the tables that the keyboard itself goes by.
import { Dialog } from './dialog.tsx';
import { keysChanged, listedKeys, type Key } from './keys.ts';

const names: Record<string, string> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Enter: 'enter',
  Escape: 'esc',
  ' ': 'space',
  Home: 'home',
  End: 'end',
  PageUp: 'page up',
  PageDown: 'page down',
};

export function Help(props: { close: () => void; about: string }) {
  keysChanged.value; // lists again when a page registers its keys
  const groups = Map.groupBy(listedKeys(), (key) => key.group ?? 'This page');
  return (
    <Dialog title="Keyboard" close={props.close}>
      <div class="help">
        {[...groups].map(([title, keys]) => (
          <KeyGroup key={title} title={title} keys={keys} />
        ))}
      </div>
      <p class="faint">{props.about}</p>
    </Dialog>
  );
}

function KeyGroup(props: { title: string; keys: Key[] }) {
  // Keys that do the same stand in one line.
  const lines = Map.groupBy(props.keys, (key) => key.does);
  return (
    <section>
      <h2>{props.title}</h2>
      <dl>
        {[...lines].map(([does, keys]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <Chord key={key.keys} keys={key.keys} />
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Chord(props: { keys: string }) {
  const keys = props.keys === ' ' ? [' '] : props.keys.split(' ');
  return (
    <span class="chord">
      {keys.map((key) => (
        <kbd class="key" key={key}>
          {names[key] ?? key}
        </kbd>
      ))}
    </span>
  );
}
