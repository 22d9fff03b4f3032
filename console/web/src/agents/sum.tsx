// A sum: what came in by which door, and what became of it, as bars with numbers.
import { count, percent } from '../lib/format.ts';
import { words, type Part, type Sum } from './model.ts';

const whole = (n: number) => n.toLocaleString('en-US');

export function SumTable(props: { label: string; sum: Sum }) {
  const { sum } = props;
  return (
    <div class="sum">
      <p>
        <strong>{`${whole(sum.received)} received`}</strong>
        <span class="muted">{sum.doors.length > 0 && `: ${sum.doors.map(([door, n]) => `${count(n)} by ${doorName(door)}`).join(', ')}`}</span>
      </p>
      {sum.received > 0 && (
        <table class="plain" aria-label={props.label}>
          <tbody>
            {sum.parts.map((part) => (
              <Line key={`${part.word} ${part.of}`} part={part} received={sum.received} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Line(props: { part: Part; received: number }) {
  const { part } = props;
  const share = part.n / props.received;
  return (
    <tr>
      <th scope="row">
        {part.word} <span class="faint">{part.of}</span>
      </th>
      <td class="sum-share">
        <span class={`share ${part.kind}`} title={percent(share)}>
          <i style={{ width: `${part.n > 0 ? Math.min(100, Math.max(1.5, share * 100)) : 0}%` }} />
        </span>
      </td>
      <td class="number">{whole(part.n)}</td>
    </tr>
  );
}

const doors: Record<string, string> = {
  udp: 'UDP',
  tcp: 'the stream door',
  otlp_grpc: 'OTLP/gRPC',
  otlp_http: 'OTLP/HTTP',
  again: 'reading the spool again',
  api: 'PutTraceSegments',
  agent: 'batches of agents',
};

const doorName = (door: string): string => doors[door] ?? words(door);
