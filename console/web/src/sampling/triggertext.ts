// Triggers: what agents say of theirs, and the same as the text of a triggers file.
import type { TriggerStatement } from '../agents/api.ts';

/** What stands in an agent where nobody gave it a file. */
export const defaultTriggers = `version: 1
triggers:
  - name: error
    when: error
    quota: 1000/s
  - name: fault
    when: fault
    quota: 1000/s
  - name: throttle
    when: throttle
    quota: 1000/s
`;

/** The trigger that agents have by themselves: a called service said on its answer that it failed. No file names it. */
export const told = 'told';

/** The file that these triggers may come from. Bursts are not stated, so they are the usual ones. */
export function triggersText(triggers: readonly TriggerStatement[]): string {
  const own = triggers.filter((t) => t.name !== told);
  if (own.length === 0) return 'version: 1\ntriggers: []\n';
  const lines = own.flatMap((t) => [`  - name: ${t.name}`, `    when: ${scalar(t.when)}`, `    quota: ${quotaText(t.quota)}`]);
  return ['version: 1', 'triggers:', ...lines, ''].join('\n');
}

/** A condition as YAML: in quotes where it would mean something else without. */
function scalar(text: string): string {
  return /^[a-z0-9 .]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}

/** 100/s, 10/m, 1/h: by the unit in which it is a whole number. */
export function quotaText(perSecond: number): string {
  for (const [unit, seconds] of [
    ['s', 1],
    ['m', 60],
    ['h', 3600],
  ] as const) {
    const n = perSecond * seconds;
    if (Math.abs(n - Math.round(n)) < 1e-6 * Math.max(1, n) && Math.round(n) > 0) return `${Math.round(n)}/${unit}`;
  }
  return `${perSecond}/s`;
}
