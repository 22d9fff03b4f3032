// Signs of outcomes: each has a shape of its own, so that colour is never all there is.

type Outcome = 'ok' | 'error' | 'throttle' | 'fault';

const shapes: Record<Exclude<Outcome, 'ok'>, { path: string; means: string }> = {
  fault: { path: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6', means: 'Fault' },
  error: { path: 'M8 2.2 14.4 13.4H1.6ZM8 6.6v3M8 11.5v.1', means: 'Error' },
  throttle: { path: 'M2.5 2.5h11v11h-11ZM6.2 5.8v4.4M9.8 5.8v4.4', means: 'Throttled' },
};

/** The sign of a failure; nothing for what went well. It is read out as its word. */
export function Mark(props: { of: Outcome; size?: number }) {
  if (props.of === 'ok') return null;
  const { path, means } = shapes[props.of];
  const size = props.size ?? 14;
  return (
    <svg
      class={`trace-mark ${props.of}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      role="img"
      aria-label={means}
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      <title>{means}</title>
      <path d={path} />
    </svg>
  );
}
