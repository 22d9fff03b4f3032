// The questions of the sampling page: X-Ray's own actions, and the simulator, which X-Ray has not.
import { post } from '../api.ts';
import type { Window } from '../lib/timerange.ts';

/** A rule as X-Ray writes it. FixedRate is a share of one, ReservoirSize is requests a second. */
export interface Rule {
  RuleName: string;
  Priority: number;
  FixedRate: number;
  ReservoirSize: number;
  ServiceName: string;
  ServiceType: string;
  Host: string;
  HTTPMethod: string;
  URLPath: string;
  ResourceARN: string;
  Version: number;
  Attributes: Record<string, string>;
  SamplingRateBoost?: { MaxRate: number; CooldownWindowMinutes: number };
}

/** What SDKs reported of one rule in ten seconds. */
export interface Summary {
  RuleName: string;
  Timestamp: number;
  RequestCount: number;
  BorrowCount: number;
  SampledCount: number;
}

interface RecordJSON {
  SamplingRule: Rule & { RuleARN?: string };
}

/** The rules in the order in which they are tried. */
export async function samplingRules(abort?: AbortSignal): Promise<Rule[]> {
  const json = await post<{ SamplingRuleRecords?: RecordJSON[] }>('GetSamplingRules', {}, abort);
  return (json.SamplingRuleRecords ?? []).map(({ SamplingRule: { RuleARN: _, ...rule } }) => rule);
}

/** The last hour, as far as SDKs reported it. */
export async function statistics(abort?: AbortSignal): Promise<Summary[]> {
  const json = await post<{ SamplingStatisticSummaries?: Summary[] }>('SamplingStatisticSummaries', {}, abort);
  return json.SamplingStatisticSummaries ?? [];
}

export const createRule = (rule: Rule) => post<unknown>('CreateSamplingRule', { SamplingRule: rule });

/** Sends what can change: of Default rate and reservoir alone. */
export function updateRule(rule: Rule): Promise<unknown> {
  const { RuleName, FixedRate, ReservoirSize } = rule;
  const { Version: _, ...all } = rule;
  return post<unknown>('UpdateSamplingRule', { SamplingRuleUpdate: RuleName === 'Default' ? { RuleName, FixedRate, ReservoirSize } : all });
}

export const deleteRule = (name: string) => post<unknown>('DeleteSamplingRule', { RuleName: name });

/** POST /api/sampling/simulate. Numbers of traces are those of all requests, so they need not be whole. */
export interface Simulation {
  StartTime: number;
  EndTime: number;
  Complete: boolean;
  TracesLookedAt: number;
  /** Traces of which nobody said how probably they were kept; each stands for itself. */
  Unweighted: number;
  Traces: number;
  FailingTraces: number;
  KeptTraces: number;
  KeptFailingTraces: number;
  KeptByRules: number;
  KeptByTriggers: number;
  KeptTracesPerMonth: number;
  DollarsPerMonthOnXRay: number;
  Rules: { RuleName: string; Requests: number; Failing: number; KeptFromReservoir: number; KeptByRate: number }[];
  Triggers: { Name: string; When: string; Matched: number; Kept: number; OverQuota: number; KeptByItAlone: number }[];
}

/** What rules and triggers would have kept. Without rules: those that hold now; without triggers: the server's own. */
export function simulate(w: Window, rules: Rule[] | undefined, triggers: string | undefined, abort?: AbortSignal): Promise<Simulation> {
  return post<Simulation>('api/sampling/simulate', { StartTime: w.from, EndTime: w.to, Rules: rules, Triggers: triggers }, abort);
}
