// The sign of a failure in the waterfall, where most went well and says nothing.
import { Mark } from '../ui/mark.tsx';

const means = { fault: 'Fault', error: 'Error', throttle: 'Throttled' };

/** Nothing for what went well. It is read out as its word. */
export function FailureMark(props: { of: 'ok' | 'error' | 'throttle' | 'fault' }) {
  return props.of === 'ok' ? null : <Mark of={props.of} label={means[props.of]} />;
}
