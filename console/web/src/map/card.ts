// What is written on a card, which is what it is called by those who hear the page, and what is said of it besides.
import { percent } from '../lib/format.ts';
import { shortName, typeName } from './kind.ts';
import { shorten, textWidth } from './measure.ts';
import type { MapNode } from './model.ts';
import { worst, type Outcome } from './stats.ts';
import { failing, quantileText, rateOf } from './words.ts';

export interface Card {
  name: string;
  type: string;
  rate: string;
  p50: string; // a duration; "" where nothing happened
  p99: string;
  badge: { text: string; outcome: Exclude<Outcome, 'ok'> } | undefined;
  more: string; // what does not fit
}

/** The texts of a card that leaves so many pixels for them. */
export function cardOf(n: MapNode, room: number): Card {
  const silent = n.stats.total === 0;
  const w = worst(n.stats);
  const often = silent ? 'no traffic' : rateOf(n);
  const client = n.kind === 'client';
  const card = {
    name: client ? 'Clients' : shorten(shortName(n.name, n.kind), room, (s) => textWidth(s, 12, 600)),
    type: client ? '' : shorten(typeName(n.type), room - textWidth(often, 11) - 8, (s) => textWidth(s, 11)),
    rate: often,
    p50: client ? '' : quantileText(n.times, 0.5),
    p99: client ? '' : quantileText(n.times, 0.99),
    badge: w && { text: percent(w.share), outcome: w.outcome },
  };
  const besides = [client ? `of ${n.name}` : card.name !== n.name && n.name, failing(n.stats), n.rates.source !== 'kept' && n.rates.source];
  return { ...card, more: besides.filter(Boolean).join(', ') };
}
