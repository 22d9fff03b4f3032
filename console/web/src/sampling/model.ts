// Sampling rules as plain data: what a rule matches in words, what is wrong with one that is being written, what it did.
import type { Rule, Summary } from './api.ts';

export const isDefault = (name: string): boolean => name === 'Default';

/** One of the patterns that a request is held against. */
export interface PatternField {
  key: 'ServiceName' | 'ServiceType' | 'Host' | 'HTTPMethod' | 'URLPath' | 'ResourceARN';
  label: string;
  /** In characters. */
  max: number;
  explain: string;
}

export const patternFields: readonly PatternField[] = [
  { key: 'ServiceName', label: 'Service', max: 64, explain: 'the name that the service gives its segments' },
  { key: 'ServiceType', label: 'Service type', max: 64, explain: 'its origin, such as AWS::ECS::Container' },
  { key: 'Host', label: 'Host', max: 64, explain: 'from the Host header' },
  { key: 'HTTPMethod', label: 'Method', max: 10, explain: 'such as GET' },
  { key: 'URLPath', label: 'URL path', max: 128, explain: 'without host and query' },
  { key: 'ResourceARN', label: 'Resource ARN', max: 500, explain: 'of the AWS resource that runs the service' },
];

const maxAttributes = 5;
const maxAttribute = 32;

/** What of a rule narrows it, in words; none: it matches every request. */
export function matches(rule: Rule): { what: string; pattern: string }[] {
  const out = patternFields.filter((f) => rule[f.key] !== '*').map((f) => ({ what: f.label.toLowerCase(), pattern: rule[f.key] }));
  const attributes = Object.entries(rule.Attributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [...out, ...attributes.map(([key, value]) => ({ what: key, pattern: value }))];
}

/** The rule that takes every request before this one is tried; undefined: this one has its turn. */
export function shadow(rules: readonly Rule[], rule: Rule): Rule | undefined {
  const before = inOrder(rules);
  return before.slice(0, Math.max(0, before.findIndex((r) => r.RuleName === rule.RuleName))).find((r) => matches(r).length === 0);
}

/** Why SDKs of X-Ray's pass over a rule; undefined: they do not. */
export function passedOver(rule: Rule): string | undefined {
  const asks = [Object.keys(rule.Attributes ?? {}).length > 0 && 'attributes', rule.ResourceARN !== '*' && 'a resource'].filter((word) => word !== false);
  return asks.length === 0 ? undefined : `It asks for ${asks.join(' and ')}: X-Ray’s SDKs and Roentgen’s pass over it, OpenTelemetry’s do not.`;
}

/** 2,000,000,000/s: in full, for it is what was set. */
export const reservoirText = (n: number): string => `${String(n).replace(/\B(?=(\d{3})+$)/g, ',')}/s`;

/** 5 %, 0.05 %, 12.5 %: exact, unlike shares that were measured. */
export const rateText = (share: number): string => `${toPercent(share)} %`;

const toPercent = (share: number): string => String(Number((share * 100).toPrecision(10)));

/** The order in which rules are tried: by priority, then by name. */
export const inOrder = (rules: readonly Rule[]): Rule[] =>
  [...rules].sort((a, b) => a.Priority - b.Priority || (a.RuleName < b.RuleName ? -1 : a.RuleName > b.RuleName ? 1 : 0));

/** A rule while it is written: every field as its text. */
export interface Form extends Record<PatternField['key'], string> {
  RuleName: string;
  Priority: string;
  /** In per cent. */
  Rate: string;
  Reservoir: string;
  Attributes: [string, string][];
  /** In per cent; empty: none. */
  Boost: string;
  Cooldown: string;
}

export type FormField = Exclude<keyof Form, 'Attributes'> | 'Attributes';

export function formOf(rule: Rule): Form {
  const { SamplingRateBoost: boost } = rule;
  const patterns = Object.fromEntries(patternFields.map((f) => [f.key, rule[f.key]])) as Record<PatternField['key'], string>;
  return {
    ...patterns,
    RuleName: rule.RuleName,
    Priority: String(rule.Priority),
    Rate: toPercent(rule.FixedRate),
    Reservoir: String(rule.ReservoirSize),
    Attributes: Object.entries(rule.Attributes ?? {}),
    Boost: boost && boost.MaxRate > 0 ? toPercent(boost.MaxRate) : '',
    Cooldown: String(boost?.CooldownWindowMinutes ?? 10),
  };
}

/** A rule to begin with: after all others but Default, one request a second and one in twenty. */
export function newForm(rules: readonly Rule[]): Form {
  const last = Math.max(0, ...rules.filter((r) => !isDefault(r.RuleName)).map((r) => r.Priority));
  return formOf({
    RuleName: '',
    Priority: Math.min(9999, last + 100),
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
  });
}

/** The rule that a form without complaints describes. before is the rule that it changes, if there is one. */
export function ruleOf(form: Form, before?: Rule): Rule {
  const patterns = Object.fromEntries(patternFields.map((f) => [f.key, form[f.key].trim()])) as Record<PatternField['key'], string>;
  const rule: Rule = {
    ...patterns,
    RuleName: form.RuleName.trim(),
    Priority: Number(form.Priority),
    FixedRate: toShare(form.Rate),
    ReservoirSize: Number(form.Reservoir),
    Version: 1,
    Attributes: Object.fromEntries(form.Attributes.map(([key, value]) => [key.trim(), value.trim()]).filter(([key]) => key !== '')),
  };
  // A boost can be changed and not be taken back: at 0 it does nothing.
  if (form.Boost.trim() !== '' || before?.SamplingRateBoost)
    rule.SamplingRateBoost = { MaxRate: toShare(form.Boost || '0'), CooldownWindowMinutes: Number(form.Cooldown) };
  return rule;
}

const toShare = (percent: string): number => Number((Number(percent) / 100).toPrecision(10));

/** What is wrong, by field; empty: nothing. The server has the last word. */
export function complaints(form: Form, others: readonly string[]): Partial<Record<FormField, string>> {
  const out: Partial<Record<FormField, string>> = {};
  const say = (field: FormField, text: string | undefined) => text && (out[field] = text);
  if (!isDefault(form.RuleName)) {
    say('RuleName', nameComplaint(form.RuleName.trim(), others));
    say('Priority', wholeNumber(form.Priority, 1, 9999));
    for (const f of patternFields) say(f.key, lengthComplaint(form[f.key].trim(), f.max));
    say('Attributes', attributesComplaint(form.Attributes));
    if (form.Boost.trim() !== '') {
      say('Boost', percentComplaint(form.Boost));
      say('Cooldown', wholeNumber(form.Cooldown, 0, 1e9));
    }
  }
  say('Rate', percentComplaint(form.Rate));
  say('Reservoir', wholeNumber(form.Reservoir, 0, 1e9));
  return out;
}

function nameComplaint(name: string, others: readonly string[]): string | undefined {
  if (name === '' || length(name) > 32) return 'Give a name of 1 to 32 characters.';
  if (others.includes(name)) return 'There is a rule of this name.';
  return undefined;
}

const length = (text: string): number => [...text].length;

function lengthComplaint(text: string, max: number): string | undefined {
  return text === '' || length(text) > max ? `Give 1 to ${max} characters; * matches everything.` : undefined;
}

function wholeNumber(text: string, least: number, most: number): string | undefined {
  const n = Number(text);
  if (text.trim() !== '' && Number.isInteger(n) && n >= least && n <= most) return undefined;
  return most >= 1e9 ? `Give a whole number, ${least} or more.` : `Give a whole number from ${least} to ${most}.`;
}

function percentComplaint(text: string): string | undefined {
  const n = Number(text);
  return text.trim() !== '' && n >= 0 && n <= 100 ? undefined : 'Give a number from 0 to 100.';
}

function attributesComplaint(attributes: readonly [string, string][]): string | undefined {
  const used = attributes.filter(([key, value]) => key.trim() !== '' || value.trim() !== '');
  if (used.length > maxAttributes) return `At most ${maxAttributes} attributes.`;
  const fits = (text: string) => text.trim() !== '' && length(text.trim()) <= maxAttribute;
  if (used.some(([key, value]) => !fits(key) || !fits(value))) return `Keys and values have 1 to ${maxAttribute} characters.`;
  if (new Set(used.map(([key]) => key.trim())).size < used.length) return 'A key stands twice.';
  return undefined;
}

/** What a rule did in the last hour, as far as SDKs reported. */
export interface Hour {
  requests: number;
  sampled: number;
  borrowed: number;
  /** From the oldest to the newest. */
  bars: { requests: number; sampled: number }[];
}

const hourBars = 30;

/** The last hour of each rule that has reports. now is in epoch seconds. */
export function hourOf(summaries: readonly Summary[], now: number): Map<string, Hour> {
  const out = new Map<string, Hour>();
  for (const s of summaries) {
    const bar = Math.floor((s.Timestamp - (now - 3600)) / (3600 / hourBars));
    // Reports are stamped with the clocks of the clients.
    const at = Math.min(hourBars - 1, bar);
    if (at < 0) continue;
    let hour = out.get(s.RuleName);
    if (!hour) {
      hour = { requests: 0, sampled: 0, borrowed: 0, bars: Array.from({ length: hourBars }, () => ({ requests: 0, sampled: 0 })) };
      out.set(s.RuleName, hour);
    }
    hour.requests += s.RequestCount;
    hour.sampled += s.SampledCount;
    hour.borrowed += s.BorrowCount;
    hour.bars[at]!.requests += s.RequestCount;
    hour.bars[at]!.sampled += s.SampledCount;
  }
  return out;
}
