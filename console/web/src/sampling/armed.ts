// The triggers that agents have, and those that a simulation begins with.
import type { AgentJSON, TriggerStatement } from '../agents/api.ts';
import { bySpeaking, readAgent } from '../agents/model.ts';
import { defaultTriggers, triggersText } from './triggertext.ts';

export interface Armed {
  id: string;
  host: string;
  silent: boolean;
  triggers: TriggerStatement[];
  capture: string[];
}

/** The agents that have said what triggers they have, those that speak first. */
export function withTriggers(agents: readonly AgentJSON[]): Armed[] {
  const armed = agents.flatMap((json) => {
    if (!json.statement) return [];
    const { id, host, silent } = readAgent(json);
    return [{ id, host, silent, triggers: json.statement.triggers ?? [], capture: json.statement.capture ?? [] }];
  });
  return bySpeaking(armed);
}

/** What a simulation takes for the triggers of now: those of the first agent that speaks. */
export interface Present {
  text: string;
  /** Whose they are, in words. */
  whose: string;
}

export function presentTriggers(agents: readonly AgentJSON[] | undefined): Present {
  const armed = withTriggers(agents ?? []);
  const speaking = armed.filter((a) => !a.silent);
  const all = speaking.length > 0 ? speaking : armed;
  if (all.length === 0) return { text: defaultTriggers, whose: 'the triggers that an agent has by itself, for no agent speaks' };
  const texts = new Set(all.map((a) => triggersText(a.triggers)));
  const [first] = all;
  const more = all.length > 1 ? (texts.size > 1 ? `; agents differ, and these are those of ${first!.host} ${first!.id.slice(0, 6)}` : `, as all ${all.length} agents have them`) : ` of ${first!.host}`;
  return { text: triggersText(first!.triggers), whose: `the triggers${more}` };
}
