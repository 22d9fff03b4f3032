// Why a span failed: its exceptions with their causes and stacks.
import { useState } from 'preact/hooks';
import { CopyButton } from '../ui/copy.tsx';
import { causesOf, title, type Frame, type Problem } from './cause.ts';
import type { Span } from './model.ts';
import { Section } from './section.tsx';
import type { TraceState } from './state.ts';

export function Exceptions(props: { state: TraceState; span: Span }) {
  const causes = causesOf(props.span, props.state.causes.value);
  if (causes === undefined) return null;
  const { problems, unknown, workingDirectory, paths } = causes;
  return (
    <Section title="Exceptions" count={problems.length}>
      {problems.map((p, i) => (
        <Chain key={i} state={props.state} first={p} />
      ))}
      {unknown !== undefined && (
        <p class="muted">
          The cause is exception <span class="mono">{unknown}</span>, which is in none of the documents that have arrived.
        </p>
      )}
      {workingDirectory !== undefined && (
        <p class="trace-note">
          In <span class="mono">{workingDirectory}</span>
        </p>
      )}
      {paths.length > 0 && (
        <p class="trace-note">
          Paths <span class="mono">{paths.join(', ')}</span>
        </p>
      )}
    </Section>
  );
}

function Chain(props: { state: TraceState; first: Problem }) {
  const list: Problem[] = [];
  for (let p: Problem | undefined = props.first; p !== undefined; p = p.cause) list.push(p);
  return (
    <div class="trace-chain">
      {list.map((p, i) => (
        <One key={i} state={props.state} problem={p} first={i === 0} />
      ))}
    </div>
  );
}

function One(props: { state: TraceState; problem: Problem; first: boolean }) {
  const { state, problem, first } = props;
  return (
    <article class="trace-exception">
      <h4>
        {!first && <span class="trace-because">caused by </span>}
        <span class="mono">{problem.type || 'Exception'}</span>
        {problem.remote && (
          <span class="trace-tag" title="The callee reported it">
            remote
          </span>
        )}
        <CopyButton text={() => asText(problem)} label="Copy the exception" class="button quiet small">
          Copy
        </CopyButton>
      </h4>
      {problem.message !== '' && <p class="trace-message">{problem.message}</p>}
      {problem.at && (
        <p class="trace-note">
          Recorded in{' '}
          <button class="trace-jump" onClick={() => state.reveal(problem.at)}>
            {problem.at.name}
          </button>
        </p>
      )}
      <Stack frames={problem.frames} truncated={problem.truncated} />
      {problem.skipped > 0 && <p class="trace-note">{`${problem.skipped} exceptions between this and its cause were left out`}</p>}
    </article>
  );
}

/** Frames shown before the rest is asked for. */
const few = 8;

function Stack(props: { frames: Frame[]; truncated: number }) {
  const [open, setOpen] = useState(false);
  const { frames, truncated } = props;
  if (frames.length === 0 && truncated === 0) return null;
  return (
    <ol class="trace-stack">
      {(open ? frames : frames.slice(0, few)).map((f, i) => (
        <li key={i}>
          <span class="trace-frame">{f.label || '(no name)'}</span> <span class="trace-path">{f.path + (f.line && `:${f.line}`)}</span>
        </li>
      ))}
      {frames.length > few && (
        <li>
          <button class="trace-jump" onClick={() => setOpen(!open)}>
            {open ? 'Fewer frames' : `${frames.length - few} more frames`}
          </button>
        </li>
      )}
      {truncated > 0 && <li class="faint">{`${truncated} frames were cut off by the sender`}</li>}
    </ol>
  );
}

/** As a log would have it. */
function asText(problem: Problem): string {
  return [title(problem), ...problem.frames.map((f) => `    at ${f.label} (${f.path}${f.line && `:${f.line}`})`)].join('\n');
}
