// The signs of outcomes, one for all pages: each has a shape of its own, so that colour is never all there is.
import './mark.css';

/** unknown: the root has not arrived; open: nothing is wrong so far. */
export type Sign = 'unknown' | 'open' | 'ok' | 'error' | 'throttle' | 'fault';

const paths: Record<Sign, string> = {
  unknown: 'M4 8h8',
  open: 'M8 3.2a4.8 4.8 0 1 1-4.8 4.8',
  ok: 'M3.5 8.5l3 3 6-7',
  error: 'M8 4v5M8 11.6v.3',
  throttle: 'M4.5 6h7M4.5 10h7',
  fault: 'M4.8 4.8l6.4 6.4M11.2 4.8l-6.4 6.4',
};

/** The path of a sign in a square of 16, for drawings that have others around it. */
export const signPath = (of: Sign): string => paths[of];

/** The sign in its colour. With a label it is read out; without one a word stands beside it. */
export function Mark(props: { of: Sign; label?: string | undefined }) {
  const { of, label } = props;
  return (
    <svg
      class={`mark ${of}`}
      width="14"
      height="14"
      viewBox="0 0 16 16"
      {...(label === undefined ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': label })}
      fill="none"
      stroke="currentColor"
      stroke-width="1.9"
      stroke-linecap="round"
    >
      {label !== undefined && <title>{label}</title>}
      {(of === 'error' || of === 'throttle' || of === 'fault') && <circle class="mark-wash" cx="8" cy="8" r="7.4" stroke="none" />}
      <path d={paths[of]} />
    </svg>
  );
}
