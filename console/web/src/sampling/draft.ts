// What is tried in the simulator. It outlives the page, so that one can look at the rules meanwhile.
import { signal } from '@preact/signals';
import type { Window } from '../lib/timerange.ts';
import type { Rule, Simulation } from './api.ts';
import { inOrder } from './model.ts';

/** undefined: the rules that hold now. */
export const draftRules = signal<Rule[] | undefined>(undefined);

/** undefined: the triggers of now. */
export const draftTriggers = signal<string | undefined>(undefined);

/** A run that somebody asked for; the answer goes with it. */
export interface Run {
  number: number;
  window: Window;
  rules: Rule[];
  triggers: string;
  presentTriggers: string;
}

export const run = signal<Run | undefined>(undefined);

/** Both answers of a run. */
export interface Compared {
  run: Run;
  now: Simulation;
  then: Simulation;
}

/** The rules with one put in, in the place of that of the same name. */
export const putRule = (rules: readonly Rule[], rule: Rule): Rule[] => inOrder([...rules.filter((r) => r.RuleName !== rule.RuleName), rule]);

export const takeRule = (rules: readonly Rule[], name: string): Rule[] => rules.filter((r) => r.RuleName !== name);

/** True when something was changed since the run. */
export const outdated = (of: Run, rules: readonly Rule[], triggers: string, w: Window): boolean =>
  of.triggers !== triggers || of.window.from !== w.from || of.window.to !== w.to || JSON.stringify(of.rules) !== JSON.stringify(rules);
