// The agents and their ledgers: whether every document that came in has ended somewhere, and where.
import { count, age, fullTime } from '../lib/format.ts';
import { Slot } from '../slot.ts';
import { asked, place, setParams, utc } from '../state.ts';
import { Empty, Failed, Loading } from '../ui/empty.tsx';
import { useKeys } from '../ui/keys.ts';
import { Mark } from '../ui/mark.tsx';
import { fetchAgents, type AgentsJSON } from './api.ts';
import { Detail } from './detail.tsx';
import { Holds } from './holds.tsx';
import { bySpeaking, causes, doorsSum, ofWord, readAgent, remarks, sentences, type Row } from './model.ts';
import { SumTable } from './sum.tsx';
import '../ui/sheet.css';
import './agents.css';

const slot = new Slot<AgentsJSON>();

/** The agent whose details are open; "" for none. */
const choose = (id: string) => setParams({ agent: id === place.peek().params.agent ? undefined : id }, true);

export function AgentsPage() {
  const answer = slot.ask(`agents ${asked.value}`, fetchAgents);
  const json = answer.value;
  const rows = bySpeaking((json?.agents ?? []).map(readAgent));
  const at = rows.findIndex((row) => row.id === place.value.params.agent);
  const move = (to: number) => setParams({ agent: rows[Math.max(0, Math.min(rows.length - 1, to))]?.id }, true);
  useKeys([
    { keys: 'j', does: 'next agent', run: () => move(at + 1) },
    { keys: 'k', does: 'agent before', run: () => move(at - 1) },
    { keys: 'Escape', does: 'close the details', run: () => setParams({ agent: undefined }, true) },
  ]);
  if (answer.error && !json) return <Failed what="The agents could not be asked for" error={answer.error} retry={() => slot.again()} />;
  if (!json) return <Loading on label="Reading the ledger" />;
  return (
    <div class={`agents-page ${at >= 0 ? 'split' : ''}`}>
      <div class="sheet">
        {answer.error && (
          <p class="sheet-trouble fault" role="alert">{`What is shown is from before: ${answer.error.message}`}</p>
        )}
        <Verdict json={json} rows={rows} />
        {rows.length === 0 ? <None /> : <AgentTable rows={rows} chosen={rows[at]?.id ?? ''} />}
        <Doors json={json} />
      </div>
      {rows[at] && <Detail key={rows[at]!.id} row={rows[at]!} close={() => setParams({ agent: undefined }, true)} />}
    </div>
  );
}

function Verdict(props: { json: AgentsJSON; rows: Row[] }) {
  const { json, rows } = props;
  const silent = rows.filter((row) => row.silent).length;
  const wrong = rows.filter((row) => !row.holds).length + (json.server.balanced ? 0 : 1);
  return (
    <div class="sheet-head">
      <div>
        <p class="verdict" role="status" data-testid="verdict">
          <Mark of={json.balanced ? 'ok' : 'fault'} />
          {json.balanced ? 'Every sum holds' : `${wrong === 1 ? 'A sum does' : `${wrong} sums do`} not hold`}
          <span class="muted">
            {`${rows.length === 1 ? '1 agent' : `${count(rows.length)} agents`}${silent > 0 ? `, ${count(silent)} silent` : ''}`}
          </span>
        </p>
        <p class="muted">
          Every document that came in has been stored, dropped by a policy, lost with a cause, or waits. What has no name is a mistake, and shows here.{' '}
          <code>docs/ledger.md</code> says more, and <code>roentgen ledger</code> shows the same in a terminal.
        </p>
        {(json.damage ?? []).map((text) => (
          <p key={text} class="fault">
            {text}
          </p>
        ))}
      </div>
    </div>
  );
}

function None() {
  return (
    <Empty title="No agent has sent anything yet">
      <p>
        Start <code>roentgen agent --upstream URL</code> on the hosts of your services. It takes the place of the X-Ray daemon and its flags. An agent
        within this server stands behind its daemon port, unless that is off.
      </p>
    </Empty>
  );
}

const heads = ['Agent', 'Version', 'Last seen', 'Received', 'Stored', 'Waiting', 'Dropped', 'Lost', 'Sum'];

function AgentTable(props: { rows: Row[]; chosen: string }) {
  return (
    <table class="plain stacked agents" role="table" aria-label="Agents" data-testid="agents">
      <thead role="rowgroup">
        <tr role="row">
          {heads.map((head, i) => (
            <th key={head} role="columnheader" scope="col" class={i > 2 && i < 8 ? 'number' : ''}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {props.rows.map((row) => (
          <AgentLine key={row.id} row={row} chosen={row.id === props.chosen} />
        ))}
      </tbody>
    </table>
  );
}

function AgentLine(props: { row: Row; chosen: boolean }) {
  const { row } = props;
  const { sum } = row;
  const of = (word: string) => (sum ? count(ofWord(sum, word)) : '–');
  return (
    <tr role="row" class={props.chosen ? 'chosen' : ''} data-agent={row.id}>
      <th role="rowheader" scope="row">
        <button class="agent-name" aria-expanded={props.chosen} onClick={() => choose(row.id)}>
          {row.host}
        </button>{' '}
        <span class="faint mono">{row.id.slice(0, 6)}</span>
      </th>
      <td role="cell" data-label="Version">
        {row.version}
      </td>
      <td role="cell" data-label="Last seen" title={fullTime(row.lastSeen, utc.value)}>
        {row.silent ? <strong>{`silent, ${age(row.lastSeen, row.now)}`}</strong> : age(row.lastSeen, row.now)}
      </td>
      <td role="cell" class="number" data-label="Received">
        {sum ? count(sum.received) : '–'}
      </td>
      <td role="cell" class="number" data-label="Stored">
        {of('stored')}
      </td>
      <td role="cell" class="number" data-label="Waiting" title={sum && causes(sum, 'waiting', count)}>
        {of('waiting')}
      </td>
      <Why sum={sum} word="dropped" label="Dropped" />
      <Why sum={sum} word="lost" label="Lost" />
      <td role="cell" data-label="Sum" class="agent-sum">
        <Holds holds={row.holds} says={row.says} />
        {row.statement && remarks(row.statement).length > 0 && <small class="muted">remarks in the details</small>}
      </td>
    </tr>
  );
}

/** How many, and by what policy or cause. */
function Why(props: { sum: Row['sum']; word: string; label: string }) {
  const { sum } = props;
  const n = sum ? ofWord(sum, props.word) : 0;
  return (
    <td role="cell" class="number" data-label={props.label}>
      {sum ? count(n) : '–'}
      {sum && n > 0 && <small class="muted">{causes(sum, props.word, count)}</small>}
    </td>
  );
}

function Doors(props: { json: AgentsJSON }) {
  const { server } = props.json;
  return (
    <section class="sheet-section doors" data-testid="doors">
      <h2>The server’s own doors</h2>
      <p class="muted">Since it started: its daemon port, PutTraceSegments, OpenTelemetry, and the batches of agents.</p>
      <p class="agent-sum">
        <Holds holds={server.balanced} says={sentences(server.explain)} />
      </p>
      <SumTable label="At the server’s doors" sum={doorsSum(server)} />
    </section>
  );
}
