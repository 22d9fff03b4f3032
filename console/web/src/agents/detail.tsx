// One agent, as it speaks of itself.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { age, bytes, count, duration, fullTime, percent } from '../lib/format.ts';
import { link, utc } from '../state.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import type { Counts, Statement } from './api.ts';
import { named, remarks, words, type Row } from './model.ts';
import { Holds } from './holds.tsx';
import { SumTable } from './sum.tsx';

export function Detail(props: { row: Row; close: () => void }) {
  const { row } = props;
  const { statement: s } = row;
  const said = s ? remarks(s) : [];
  const self = useRef<HTMLElement>(null);
  // On a narrow screen it stands below all agents, where nobody would look.
  useEffect(() => {
    if (matchMedia('(max-width: 1100px)').matches) self.current?.scrollIntoView({ block: 'start' });
  }, []);
  return (
    <aside ref={self} class="agent-detail" aria-label={`Agent ${row.host}`} data-testid="agent-detail">
      <header>
        <div class="grow">
          <h2>{row.host}</h2>
          <p class="muted mono ellipsis">
            {row.id}
            <CopyButton text={() => row.id} label="Copy the agent’s id" class="button quiet icon small" />
          </p>
        </div>
        <button class="button quiet icon small" aria-label="Close" title="Close (esc)" onClick={props.close}>
          <Icon name="close" />
        </button>
      </header>
      <section>
        <p class="agent-sum">
          <Holds holds={row.holds} says={row.says} />
        </p>
        {said.length > 0 && (
          <ul class="remarks" aria-label="Remarks">
            {said.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
        {row.sum ? <SumTable label="What became of its documents" sum={row.sum} /> : <p class="muted">It has not said yet what it counted.</p>}
      </section>
      {s && <Stated s={s} now={row.agentNow} />}
      <AtTheServer row={row} />
    </aside>
  );
}

function Stated(props: { s: Statement; now: number }) {
  const { s, now } = props;
  return (
    <>
      <Facts
        title="Waiting"
        facts={[
          ['Ring', s.ring && `${filled(s.ring.bytes, s.ring.capacity)}${s.ring.in_memory ? ', in memory' : ''}`],
          ['Undecided documents', s.ring && count(s.ring.documents)],
          ['Horizon', s.ring && `${duration(s.ring.horizon_seconds)}: so long a trace can still be kept`],
          ['Spool', s.spool && `${filled(s.spool.bytes, s.spool.capacity)}${s.spool.in_memory ? ', in memory' : ''}`],
          ['Oldest in the spool', s.spool?.oldest ? age(s.spool.oldest, now) : undefined],
        ]}
      />
      <Facts
        title="At its doors"
        facts={[
          ['Dropped by the kernel', `${count(s.kernel_drops)} datagrams`],
          ['Receive buffer', s.buffer_bytes === undefined ? undefined : bytes(s.buffer_bytes)],
          ['Redacted', list(s.redacted) || 'nothing'],
        ]}
      />
      <Facts
        title="Sending"
        facts={[
          ['To', s.upstream && (s.upstream.kind === 'inside' ? 'this server, within it' : s.upstream.url || s.upstream.kind)],
          ['Last success', s.upstream?.last_success ? age(s.upstream.last_success, now) : 'none yet'],
          ['Batches', s.upstream && `${count(s.upstream.batches ?? 0)}, ${bytes(s.upstream.bytes ?? 0)}`],
          ['Retries', s.upstream && count(s.upstream.retries)],
          ['Errors', list(s.upstream?.errors) || 'none'],
          ['Kept traces announced', s.notices && count(s.notices.sent)],
          ['Kept traces heard of', s.notices && `${count(s.notices.received)}${s.notices.gaps > 0 ? `, ${count(s.notices.gaps)} gaps` : ''}`],
        ]}
      />
      <Facts
        title="Deciding"
        facts={[
          ['Rules for SDKs', s.rules && (ruleWords[s.rules] ?? s.rules)],
          ['Captured rules', s.capture && s.capture.length > 0 ? s.capture.join(', ') : 'none'],
          [
            'Triggers',
            <a key="triggers" href={link({ page: 'sampling', params: { view: 'triggers' } })}>
              {(s.triggers ?? []).map((t) => t.name).join(', ') || 'none'}
            </a>,
          ],
        ]}
      />
      <Facts
        title="The process"
        facts={[
          ['Started', fullTime(s.started, utc.value).slice(0, 19)],
          ['Memory', s.memory_bytes === undefined ? undefined : bytes(s.memory_bytes)],
          ['CPU', s.cpu_seconds === undefined ? undefined : `${duration(s.cpu_seconds)}${core(s)}`],
        ]}
      />
    </>
  );
}

const ruleWords: Record<string, string> = { central: 'those of the server', default: 'nobody has made any', none: 'none: the server does not answer for them' };

/** 12.3 MB of 512 MB */
const filled = (size: number, capacity: number): string => `${bytes(size)} of ${bytes(capacity)}`;

/** The share of a core since the start. */
function core(s: Statement): string {
  const length = s.at - s.started;
  return length > 0 ? `, ${percent((s.cpu_seconds ?? 0) / length)} of a core since it started` : '';
}

const list = (counts: Counts | null | undefined): string =>
  named(counts)
    .map(([name, n]) => `${count(n)} ${words(name)}`)
    .join(', ');

function AtTheServer(props: { row: Row }) {
  const { server } = props.row;
  return (
    <Facts
      title="What this server counted of it"
      facts={[
        ['Documents', count(server.received)],
        ['Stored', count(server.stored)],
        ['Replaced', count(server.replaced)],
        ['Duplicate', count(server.duplicate)],
        ['Refused', count(server.refused)],
        ['Rejected', count(server.rejected)],
        ['Batches', `${count(server.batches)}${server.repeated > 0 ? `, ${count(server.repeated)} came again` : ''}`],
        ['Batches that have not come', server.missing_batches > 0 ? count(server.missing_batches) : undefined],
        ['Lives of its state', count(server.epochs)],
      ]}
    />
  );
}

function Facts(props: { title: string; facts: [string, ComponentChildren][] }) {
  return (
    <section>
      <h3>{props.title}</h3>
      <dl class="facts">
        {props.facts
          .filter(([, value]) => value !== undefined && value !== false)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}
