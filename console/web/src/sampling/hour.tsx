// What a rule did in the last hour: small bars of requests, the recorded ones strong, and the figures.
import { count, percent } from '../lib/format.ts';
import type { Hour } from './model.ts';

const step = 5;
const height = 26;

export function HourBars(props: { hour: Hour | undefined }) {
  const { hour } = props;
  if (!hour || hour.requests === 0) return <p class="hour faint">nothing reported in the last hour</p>;
  const most = Math.max(...hour.bars.map((bar) => bar.requests));
  const tall = (n: number) => (n === 0 ? 0 : Math.max(1, (n / most) * height));
  const borrowed = hour.borrowed > 0 ? `, ${count(hour.borrowed)} borrowed` : '';
  return (
    <div class="hour">
      <svg width={hour.bars.length * step} height={height} aria-hidden="true">
        {hour.bars.map((bar, i) => (
          <g key={i}>
            <rect class="hour-requests" x={i * step} width={step - 1} y={height - tall(bar.requests)} height={tall(bar.requests)} />
            <rect class="hour-sampled" x={i * step} width={step - 1} y={height - tall(bar.sampled)} height={tall(bar.sampled)} />
          </g>
        ))}
      </svg>
      <p class="muted" title="In the last hour, as SDKs reported it. Borrowed: recorded before the client had a share of the reservoir.">
        <span class="unseen">In the last hour </span>
        {`${count(hour.sampled)} of ${count(hour.requests)} sampled (${percent(hour.sampled / hour.requests)})${borrowed}`}
      </p>
    </div>
  );
}
