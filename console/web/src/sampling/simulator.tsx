// The simulator: a copy of the rules and a triggers file, tried on what is stored, beside what holds now.
import { useState } from 'preact/hooks';
import { fetchAgents, type AgentsJSON } from '../agents/api.ts';
import { count, percent, time } from '../lib/format.ts';
import { Slot } from '../slot.ts';
import { asked, timeWindow, utc } from '../state.ts';
import { Longer } from '../traces/nothing.tsx';
import { Empty, Failed, Loading } from '../ui/empty.tsx';
import { samplingRules, simulate, type Rule } from './api.ts';
import { presentTriggers, type Present } from './armed.ts';
import { draftRules, draftTriggers, outdated, putRule, run, takeRule, type Compared, type Run } from './draft.ts';
import { Editor } from './editor.tsx';
import { isDefault } from './model.ts';
import { basis, caveats, lines, ruleLines, traces, triggerLines, type Line } from './outcome.ts';
import { RuleLine, Trouble } from './rules.tsx';

const present = new Slot<Rule[]>();
const agents = new Slot<AgentsJSON>();
const compared = new Slot<Compared>();

export function Simulator() {
  const rules = present.ask(`rules ${asked.value}`, samplingRules);
  const fleet = agents.ask(`agents ${asked.value}`, fetchAgents);
  if (rules.error && !rules.value) return <Failed what="The sampling rules could not be read" error={rules.error} retry={() => present.again()} />;
  // Without an answer about agents, their triggers are those that an agent has by itself.
  if (!rules.value || (!fleet.value && !fleet.error)) return <Loading on label="Reading rules and triggers" />;
  return <Bench rules={rules.value} present={presentTriggers(fleet.value?.agents)} />;
}

function Bench(props: { rules: Rule[]; present: Present }) {
  const rules = draftRules.value ?? props.rules;
  const triggers = draftTriggers.value ?? props.present.text;
  const start = () => {
    run.value = { number: (run.peek()?.number ?? 0) + 1, window: timeWindow.peek(), rules, triggers, presentTriggers: props.present.text };
  };
  return (
    <>
      <div class="sheet-head">
        <p class="muted">
          What would other rules and triggers have kept of the requests that began in the time range above? Everything here is a copy: nothing takes
          effect. Stored traces stand for as many requests as they were chosen from.
        </p>
      </div>
      <div class="bench">
        <DraftRules rules={rules} changed={draftRules.value !== undefined} />
        <DraftTriggers text={triggers} present={props.present} changed={draftTriggers.value !== undefined} />
      </div>
      <div class="steps">
        <button class="button primary" data-testid="simulate" onClick={start}>
          Simulate
        </button>
      </div>
      {run.value && <Answer run={run.value} old={outdated(run.value, rules, triggers, timeWindow.value)} again={start} />}
    </>
  );
}

const unborn = Symbol('new');

function DraftRules(props: { rules: Rule[]; changed: boolean }) {
  const { rules } = props;
  const [edited, setEdited] = useState<Rule | typeof unborn>();
  const close = () => setEdited(undefined);
  const save = (rule: Rule) => {
    draftRules.value = putRule(rules, rule);
    return Promise.resolve();
  };
  return (
    <section class="sheet-section" aria-label="Rules to try" data-testid="draft-rules">
      <h2>
        Rules <span class="faint">{props.changed ? 'changed' : 'as they are'}</span>
      </h2>
      <ol class="rules">
        {rules.map((rule) => (
          <RuleLine key={rule.RuleName} rule={rule} rules={rules} compact>
            <button class="button small" onClick={() => setEdited(rule)} aria-label={`Edit ${rule.RuleName}`}>
              Edit
            </button>
            {!isDefault(rule.RuleName) && (
              <button
                class="button small"
                aria-label={`Take out ${rule.RuleName}`}
                onClick={() => (draftRules.value = takeRule(rules, rule.RuleName))}
              >
                Take out
              </button>
            )}
          </RuleLine>
        ))}
      </ol>
      <div class="steps">
        <button class="button small" data-testid="draft-new-rule" onClick={() => setEdited(unborn)}>
          Add a rule
        </button>
        {props.changed && (
          <button class="button small" onClick={() => (draftRules.value = undefined)}>
            As they are
          </button>
        )}
      </div>
      {edited !== undefined && (
        <Editor {...(edited === unborn ? {} : { before: edited })} rules={rules} save={save} done={close} close={close} />
      )}
    </section>
  );
}

function DraftTriggers(props: { text: string; present: Present; changed: boolean }) {
  return (
    <section class="sheet-section">
      <h2>
        <label for="draft-triggers">Triggers</label> <span class="faint">{props.changed ? 'changed' : 'as they are'}</span>
      </h2>
      <textarea
        id="draft-triggers"
        class="input triggers-text"
        data-testid="draft-triggers"
        rows={14}
        spellcheck={false}
        aria-describedby="draft-triggers-note"
        value={props.text}
        onInput={(event) => (draftTriggers.value = event.currentTarget.value)}
      />
      <p id="draft-triggers-note" class="faint">
        {`The text of a triggers file (docs/triggers.md). Held against ${props.present.whose}.`}
      </p>
      {props.changed && (
        <div class="steps">
          <button class="button small" onClick={() => (draftTriggers.value = undefined)}>
            As they are
          </button>
        </div>
      )}
    </section>
  );
}

async function compare(of: Run, abort: AbortSignal): Promise<Compared> {
  const then = await simulate(of.window, of.rules, of.triggers, abort);
  const now = await simulate(of.window, undefined, of.presentTriggers, abort);
  return { run: of, now, then };
}

function Answer(props: { run: Run; old: boolean; again: () => void }) {
  const answer = compared.ask(`run ${props.run.number}`, (abort) => compare(props.run, abort));
  if (answer.error) return <Trouble what="Nothing was simulated" message={answer.error.message} />;
  if (answer.loading || !answer.value) return <Loading on label="Simulating" />;
  const { now, then } = answer.value;
  if (then.TracesLookedAt === 0) {
    return (
      <Empty title="No traces in this time range">
        <p>There is nothing to try rules on. Choose a longer time range, or come back when services have sent something.</p>
        <div class="steps">
          <Longer />
        </div>
      </Empty>
    );
  }
  return (
    <section class="sheet-section outcome" data-testid="simulation" aria-live="polite">
      <h2>{`What would have been kept of ${basis(then)}`}</h2>
      {props.old && (
        <p class="muted" role="status">
          Something was changed since.{' '}
          <button class="button small" onClick={props.again}>
            Simulate again
          </button>
        </p>
      )}
      <Totals lines={lines(now, then)} />
      <ByRule now={now} then={then} />
      <ByTrigger now={now} then={then} />
      <p class="faint">
        {`${count(then.TracesLookedAt)} stored traces were looked at. Reservoirs and quotas are taken to be used by one client and one agent.`}
      </p>
      {caveats(then, (at) => time(at, utc.value)).map((text) => (
        <p key={text} class="muted">
          {text}
        </p>
      ))}
    </section>
  );
}

function Totals(props: { lines: Line[] }) {
  return (
    <table class="plain compared" aria-label="Kept, now and then">
      <thead>
        <tr>
          <td />
          <th scope="col" class="number">
            As it is
          </th>
          <th scope="col" class="number">
            With these
          </th>
        </tr>
      </thead>
      <tbody>
        {props.lines.map((line) => (
          <tr key={line.what} data-line={line.what}>
            <th scope="row">
              {line.what}
              {line.explain && <small class="faint">{line.explain}</small>}
            </th>
            <td class="number">
              {line.now}
              {line.shares && <Share of={line.shares[0]} />}
            </td>
            <td class="number strong">
              {line.then}
              {line.more && <small class="muted">{` ${line.more}`}</small>}
              {line.shares && <Share of={line.shares[1]} strong />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Share(props: { of: number; strong?: boolean }) {
  return (
    <span class={`share ${props.strong ? 'strong' : ''}`}>
      <i style={{ width: `${props.of * 100}%` }} />
    </span>
  );
}

const orNone = (n: number | undefined) => (n === undefined ? '–' : traces(n));

function ByRule(props: Pick<Compared, 'now' | 'then'>) {
  return (
    <Figures
      label="By rule"
      heads={['Rule', 'Requests', 'Failing', 'Kept now', 'Kept with these']}
      rows={ruleLines(props.now, props.then).map((r) => ({
        name: r.name,
        cells: [traces(r.requests), r.requests > 0 ? percent(r.failing / r.requests) : '–', orNone(r.now), orNone(r.then)],
      }))}
    />
  );
}

function ByTrigger(props: Pick<Compared, 'now' | 'then'>) {
  const rows = triggerLines(props.now, props.then);
  if (rows.length === 0) return null;
  return (
    <Figures
      label="By trigger, what no rule would have taken"
      heads={['Trigger', 'Matched', 'Over quota', 'Kept now', 'Kept with these']}
      rows={rows.map((t) => ({ name: t.name, cells: [traces(t.matched), traces(t.overQuota), orNone(t.now), orNone(t.then)] }))}
    />
  );
}

function Figures(props: { label: string; heads: string[]; rows: { name: string; cells: string[] }[] }) {
  return (
    <>
      <h3>{props.label}</h3>
      <table class="plain stacked" role="table" aria-label={props.label}>
        <thead role="rowgroup">
          <tr role="row">
            {props.heads.map((head, i) => (
              <th key={head} role="columnheader" scope="col" class={i > 0 ? 'number' : ''}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {props.rows.map((row) => (
            <tr key={row.name} role="row">
              <th role="rowheader" scope="row">
                {row.name}
              </th>
              {row.cells.map((cell, i) => (
                <td key={i} role="cell" class="number" data-label={props.heads[i + 1]}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
