// Our own drawings of kinds, 16 by 16, with the pen of the shell's icons.
import { Drawing } from '../ui/icon.tsx';
import type { Kind } from './kind.ts';

const kinds: Record<Kind, string> = {
  client: 'M8 2.6a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4M2.9 13.6c.5-2.7 2.6-4 5.1-4s4.6 1.3 5.1 4',
  service: 'M8 1.9 13.3 5v6L8 14.1 2.7 11V5ZM2.7 5 8 8l5.3-3M8 8v6',
  function: 'M4.6 2.8h1.6c.7 0 1 .3 1.3 1l3.4 8.4c.2.7.6 1 1.2 1M7.9 6.2 4.2 13.2',
  balancer: 'M1.8 8h5M6.8 8l3.4-4.6h3.6M6.8 8h7M6.8 8l3.4 4.6h3.6',
  database: 'M2.9 4c0-1.1 2.3-2 5.1-2s5.1.9 5.1 2-2.3 2-5.1 2-5.1-.9-5.1-2v8c0 1.1 2.3 2 5.1 2s5.1-.9 5.1-2V4M2.9 8c0 1.1 2.3 2 5.1 2s5.1-.9 5.1-2',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.7h11M6.5 3v10',
  queue: 'M1.8 5h9.4v6H1.8zM5 5v6M8.1 5v6M11.2 8h3M12.8 6.5 14.3 8l-1.5 1.5',
  topic:
    'M8 7a1 1 0 1 1 0 2 1 1 0 0 1 0-2M5.2 10.8a4 4 0 0 1 0-5.6M10.8 5.2a4 4 0 0 1 0 5.6M3.2 12.8a6.8 6.8 0 0 1 0-9.6M12.8 3.2a6.8 6.8 0 0 1 0 9.6',
  bucket: 'M2.6 3.8h10.8l-1.3 8.6c-.1.7-1.8 1.3-4.1 1.3s-4-.6-4.1-1.3ZM2.6 3.8c0-.9 2.4-1.6 5.4-1.6s5.4.7 5.4 1.6-2.4 1.6-5.4 1.6-5.4-.7-5.4-1.6',
  aws: 'M4.7 12.6h6.9a2.7 2.7 0 0 0 .3-5.4A4.2 4.2 0 0 0 3.9 7.9a2.4 2.4 0 0 0 .8 4.7Z',
  remote: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2M2 8h12M8 2c2 1.7 2.6 3.8 2.6 6S10 12.3 8 14M8 2C6 3.7 5.4 5.8 5.4 8S6 12.3 8 14',
};

/** The path of a kind, for drawings within the map. */
export const kindPath = (kind: Kind): string => kinds[kind];

/** A kind beside its name. */
export function KindIcon(props: { kind: Kind; size?: number }) {
  return <Drawing class="kind-icon" path={kinds[props.kind]} pen="1.3" size={props.size ?? 16} />;
}
