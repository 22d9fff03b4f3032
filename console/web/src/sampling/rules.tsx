// The sampling rules in the order in which they are tried, and what each did in the last hour.
import type { ComponentChildren } from 'preact';
import { Slot } from '../slot.ts';
import { asked, place, setParams } from '../state.ts';
import { Failed, Loading } from '../ui/empty.tsx';
import { useKeys } from '../ui/keys.ts';
import { createRule, samplingRules, statistics, updateRule, type Rule, type Summary } from './api.ts';
import { DeleteRule } from './delete.tsx';
import { Editor } from './editor.tsx';
import { HourBars } from './hour.tsx';
import { hourOf, isDefault, matches, passedOver, rateText, reservoirText, shadow, type Hour } from './model.ts';

const rules = new Slot<Rule[]>();
const reports = new Slot<Summary[]>();

/** In the URL, for a rule that is not there yet; no name begins with a space. */
const unborn = ' new';

const edit = (name: string | undefined) => setParams({ rule: name }, true);

export function RulesView() {
  const answer = rules.ask(`rules ${asked.value}`, samplingRules);
  const told = reports.ask(`reports ${asked.value}`, statistics);
  const list = answer.value;
  const name = place.value.params.rule;
  useKeys([{ keys: 'n', does: 'new rule', run: () => edit(unborn) }]);
  if (answer.error && !list) return <Failed what="The sampling rules could not be read" error={answer.error} retry={() => rules.again()} />;
  if (!list) return <Loading on label="Reading the sampling rules" />;
  const hours = hourOf(told.value ?? [], asked.value / 1000);
  const edited = list.find((rule) => rule.RuleName === name);
  const done = () => {
    edit(undefined);
    rules.again();
  };
  return (
    <>
      <div class="sheet-head">
        <p class="muted">
          An SDK holds a request that no caller has decided about against the rules, from the top down; the first that matches decides. Its reservoir
          is recorded in each second, shared out over all clients, and of the rest its rate. SDKs ask every ten seconds or so, so that a change takes a
          moment.
        </p>
        <button class="button primary" data-testid="new-rule" title="New rule (n)" onClick={() => edit(unborn)}>
          New rule
        </button>
      </div>
      {answer.error && <Trouble what="The rules are from before" message={answer.error.message} />}
      {told.error && <Trouble what="What the rules did could not be read" message={told.error.message} />}
      <ol class="rules" aria-label="Sampling rules in the order in which they are tried" data-testid="rules">
        {list.map((rule) => (
          <RuleLine key={rule.RuleName} rule={rule} rules={list} hour={hours.get(rule.RuleName)}>
            <button class="button small" onClick={() => edit(rule.RuleName)} aria-label={`Edit ${rule.RuleName}`}>
              Edit
            </button>
            {!isDefault(rule.RuleName) && <DeleteRule name={rule.RuleName} done={() => rules.again()} />}
          </RuleLine>
        ))}
      </ol>
      {list.length === 1 && (
        <p class="muted">
          There is Default alone, which every request matches. Make a rule to record more of one service or path than of the others, or try it in the
          simulator first.
        </p>
      )}
      {hours.size === 0 && told.value && (
        <p class="muted" data-testid="no-reports">
          No SDK has reported what it sampled within the last hour, or since this server started. SDKs do where they sample by central rules: point AWS_XRAY_DAEMON_ADDRESS at an
          agent or at this server, and keep local rules out of their configuration.
        </p>
      )}
      {name === unborn && (
        <Editor rules={list} save={createRule} done={done} close={() => edit(undefined)} />
      )}
      {edited && <Editor key={name} before={edited} rules={list} save={updateRule} done={done} close={() => edit(undefined)} />}
      {name !== undefined && name !== unborn && !edited && !answer.loading && (
        <Trouble what={`There is no rule ${name}`} message="It may have been deleted." />
      )}
    </>
  );
}

export function Trouble(props: { what: string; message: string }) {
  return <p class="sheet-trouble fault" role="alert">{`${props.what}: ${props.message}`}</p>;
}

/** One rule, with what can be done about it. */
export function RuleLine(props: { rule: Rule; rules: readonly Rule[]; hour?: Hour | undefined; compact?: boolean; children: ComponentChildren }) {
  const { rule } = props;
  const before = shadow(props.rules, rule);
  const unknown = passedOver(rule);
  return (
    <li class={`rule ${props.compact ? 'compact' : ''}`} data-rule={rule.RuleName}>
      <span class="rule-priority number muted">
        <span class="unseen">Priority </span>
        {rule.Priority}
      </span>
      <div class="rule-name">
        <h2>{rule.RuleName}</h2>
        <Patterns rule={rule} />
        {before && <p class="muted" data-testid="shadowed">{`never tried: ${before.RuleName} takes every request before it`}</p>}
        {!before && unknown && <p class="muted">{unknown}</p>}
      </div>
      <dl class="figures">
        <div>
          <dt>Reservoir</dt>
          <dd>{reservoirText(rule.ReservoirSize)}</dd>
        </div>
        <div>
          <dt>Rate</dt>
          <dd>{rateText(rule.FixedRate)}</dd>
        </div>
        {rule.SamplingRateBoost && rule.SamplingRateBoost.MaxRate > rule.FixedRate && (
          <div>
            <dt>Boost</dt>
            <dd>{`to ${rateText(rule.SamplingRateBoost.MaxRate)}`}</dd>
          </div>
        )}
      </dl>
      {!props.compact && <HourBars hour={props.hour} />}
      <div class="rule-actions">{props.children}</div>
    </li>
  );
}

function Patterns(props: { rule: Rule }) {
  const list = matches(props.rule);
  if (list.length === 0) return <p class="muted">every request</p>;
  return (
    <ul class="patterns">
      {list.map(({ what, pattern }) => (
        <li key={what}>
          <span class="faint">{what}</span> <code>{pattern}</code>
        </li>
      ))}
    </ul>
  );
}
