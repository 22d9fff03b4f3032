// What triggers each agent has and what they did. They stand in a file of the agent, so this page shows and does not change them.
import { Slot } from '../slot.ts';
import { fetchAgents, type AgentsJSON } from '../agents/api.ts';
import { count } from '../lib/format.ts';
import { asked, link } from '../state.ts';
import { Empty, Failed, Loading } from '../ui/empty.tsx';
import { told, quotaText } from './triggertext.ts';
import { withTriggers, type Armed } from './armed.ts';
import { Trouble } from './rules.tsx';

const slot = new Slot<AgentsJSON>();

export function TriggersView() {
  const answer = slot.ask(`agents ${asked.value}`, fetchAgents);
  if (answer.error && !answer.value) return <Failed what="The agents could not be asked for" error={answer.error} retry={() => slot.again()} />;
  if (!answer.value) return <Loading on label="Reading the triggers" />;
  const agents = withTriggers(answer.value.agents);
  const speaking = agents.filter((a) => !a.silent);
  const silent = agents.filter((a) => a.silent);
  return (
    <>
      <div class="sheet-head">
        <p class="muted">
          A trigger decides when a request has ended: of all that were not sampled, the agent keeps those that match, whole, on all hosts. Triggers
          stand in a file of each agent, which <code>roentgen agent --triggers FILE</code> reads, and <code>roentgen serve --triggers FILE</code> for the
          agent within the server. The file is read again when it changes. <code>docs/triggers.md</code> describes it; the simulator shows what another file
          would have kept. Figures are since the agent started.
        </p>
      </div>
      {answer.error && <Trouble what="What is shown is from before" message={answer.error.message} />}
      {agents.length === 0 && <None silent={answer.value.agents.length > 0} />}
      {speaking.map((a) => (
        <OfAgent key={a.id} armed={a} />
      ))}
      {silent.length > 0 && (
        <details class="silent-agents" open={speaking.length === 0} data-testid="silent-agents">
          <summary>{silent.length === 1 ? '1 silent agent, as it said last' : `${count(silent.length)} silent agents, as they said last`}</summary>
          {silent.map((a) => (
            <OfAgent key={a.id} armed={a} />
          ))}
        </details>
      )}
    </>
  );
}

function None(props: { silent: boolean }) {
  return (
    <Empty title={props.silent ? 'No agent has said yet what triggers it has' : 'No agent has sent anything yet'}>
      <p>
        Start <code>roentgen agent --upstream URL</code> where your services run, or let their SDKs send to this server’s daemon port, behind which an
        agent works.
      </p>
    </Empty>
  );
}

function OfAgent(props: { armed: Armed }) {
  const { armed: a } = props;
  return (
    <section class="sheet-section" data-testid="agent-triggers">
      <h2>
        <a class="agent-link" href={link({ page: 'agents', params: { agent: a.id } })}>
          {a.host}
        </a>{' '}
        <span class="faint mono">{a.id.slice(0, 6)}</span>
      </h2>
      {a.triggers.length === 0 ? (
        <p class="muted">No triggers: of what is not sampled this agent keeps nothing.</p>
      ) : (
        <table class="plain stacked" role="table" aria-label={`Triggers of ${a.host}`}>
          <thead role="rowgroup">
            <tr role="row">
              {['Trigger', 'When', 'Quota', 'Matched', 'Kept', 'Over quota', 'Sampled too'].map((title, i) => (
                <th key={title} role="columnheader" scope="col" class={i > 1 ? 'number' : ''}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {a.triggers.map((t) => (
              <tr key={t.name} role="row">
                <th role="rowheader" scope="row">
                  {t.name}
                </th>
                <td role="cell" data-label="When">
                  {t.name === told ? <span class="muted">a called service said on its answer that it failed</span> : <code>{t.when}</code>}
                </td>
                <td role="cell" class="number" data-label="Quota">
                  {quotaText(t.quota)}
                </td>
                <td role="cell" class="number" data-label="Matched" title="Traces that matched">
                  {count(t.matched)}
                </td>
                <td role="cell" class="number" data-label="Kept" title="Traces kept for it">
                  {count(t.kept)}
                </td>
                <td role="cell" class={`number ${t.over_quota > 0 ? 'strong' : ''}`} data-label="Over quota" title="Traces that matched and found no quota">
                  {count(t.over_quota)}
                </td>
                <td role="cell" class="number" data-label="Sampled too" title="Documents that matched in traces which were kept anyway, by a rule for instance">
                  {count(t.sampled_too ?? 0)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {a.capture.length > 0 && (
        <p class="muted">
          {'Captured: old SDKs of the rules '}
          {a.capture.map((name, i) => (
            <>
              {i > 0 && ', '}
              <code key={name}>{name}</code>
            </>
          ))}
          {' send this agent every request, and it decides later.'}
        </p>
      )}
    </section>
  );
}
