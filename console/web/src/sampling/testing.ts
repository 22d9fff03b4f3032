// Rules and answers for tests.
import type { Rule, Simulation } from './api.ts';

export function rule(name: string, patch: Partial<Rule> = {}): Rule {
  return {
    RuleName: name,
    Priority: 100,
    FixedRate: 0.05,
    ReservoirSize: 1,
    ServiceName: '*',
    ServiceType: '*',
    Host: '*',
    HTTPMethod: '*',
    URLPath: '*',
    ResourceARN: '*',
    Version: 1,
    Attributes: {},
    ...patch,
  };
}

export function simulation(patch: Partial<Simulation> = {}): Simulation {
  return {
    StartTime: 0,
    EndTime: 3600,
    Complete: true,
    TracesLookedAt: 200,
    Unweighted: 0,
    Traces: 1000,
    FailingTraces: 50,
    KeptTraces: 150,
    KeptFailingTraces: 50,
    KeptByRules: 110,
    KeptByTriggers: 40,
    KeptTracesPerMonth: 108_000,
    DollarsPerMonthOnXRay: 0.04,
    Rules: [{ RuleName: 'Default', Requests: 1000, Failing: 50, KeptFromReservoir: 60, KeptByRate: 50 }],
    Triggers: [{ Name: 'error', When: 'error', Matched: 50, Kept: 50, OverQuota: 0, KeptByItAlone: 40 }],
    ...patch,
  };
}
