// What the signs of the map mean.
import type { ComponentChildren } from 'preact';
import { Mark } from '../ui/mark.tsx';
import { outcomeMeans, outcomeNames } from './words.ts';
import { strokes } from './node.tsx';
import { outcomes } from './stats.ts';

export function Legend() {
  return (
    <details class="map-legend">
      <summary>Legend</summary>
      <dl>
        {outcomes.map((o) => (
          <div key={o}>
            <dt>
              <svg width="34" height="14" viewBox="0 0 34 14" aria-hidden="true">
                <path class={`ring ${o}`} d="M1 7h32" stroke-width={strokes[o].width} stroke-dasharray={strokes[o].dashes} />
              </svg>
            </dt>
            <dd>
              <Mark of={o} /> {`${outcomeNames[o]}: ${outcomeMeans[o]}`}
            </dd>
          </div>
        ))}
        <Line label="an edge is as wide as it is busy">
          <path class="edge-line" d="M1 7h32" stroke-width="4" />
        </Line>
        <Line label="events from a queue, nobody waits" dashed>
          <path class="edge-line" d="M1 7h32" stroke-width="2" />
        </Line>
        <Line label="known from its callers only">
          <rect class="node-card dashed" x="2" y="1.5" width="30" height="11" rx="3" />
        </Line>
      </dl>
      <p class="faint">
        Agents count every request, kept or not; ≈ stands before a figure that is estimated from the traces that were kept. The panel says how each is
        known. A node’s are as it saw them, an edge’s as the caller did, network included.
      </p>
    </details>
  );
}

function Line(props: { label: string; dashed?: boolean; children: ComponentChildren }) {
  return (
    <div>
      <dt>
        <svg width="34" height="14" viewBox="0 0 34 14" aria-hidden="true" class={props.dashed ? 'edge link' : 'edge'}>
          {props.children}
        </svg>
      </dt>
      <dd>{props.label}</dd>
    </div>
  );
}
