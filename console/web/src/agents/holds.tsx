// Whether a sum holds, and what is said beside it.
import { Mark } from '../ui/mark.tsx';

export function Holds(props: { holds: boolean; says: string[] }) {
  return (
    <>
      <span class={`holds ${props.holds ? 'ok' : 'fault'}`}>
        <Mark of={props.holds ? 'ok' : 'fault'} />
        {props.holds ? 'holds' : 'does not hold'}
      </span>
      {props.says.map((text) => (
        <small key={text} class={props.holds ? 'muted' : 'fault'}>
          {text}
        </small>
      ))}
    </>
  );
}
