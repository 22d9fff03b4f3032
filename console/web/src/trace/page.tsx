// The page of one trace: what happened, when, and for how long each part was waited for.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Empty, Failed, Loading } from '../ui/empty.tsx';
import { Slot } from '../slot.ts';
import { asked, go, link, place } from '../state.ts';
import { fetchTrace } from './api.ts';
import { Detail } from './detail.tsx';
import type { TraceReply, TracesReply } from './document.ts';
import { Header } from './header.tsx';
import { useTraceKeys } from './keys.ts';
import { Minimap } from './minimap.tsx';
import { RawTrace } from './raw.tsx';
import { Split, useSide } from './split.tsx';
import { TraceState } from './state.ts';
import { Toolbar } from './toolbar.tsx';
import { TraceMap } from './tracemap.tsx';
import { focusTree, Waterfall } from './waterfall.tsx';
import './trace.css';

/** Shows the trace that the URL names. Mount it anew for another trace. */
export function TracePage() {
  const slot = useMemo(() => new Slot<TracesReply>(), []);
  const { id, raw } = place.value;
  const answer = slot.ask(`${id} ${asked.value}`, (abort) => fetchTrace(id, abort));
  const reply = answer.value?.Traces[0];
  return (
    <section class="trace-page" aria-busy={answer.loading}>
      <Loading on={answer.loading} label="Loading the trace" />
      {answer.error !== undefined && reply === undefined && (
        <Failed what="The trace could not be loaded" error={answer.error} retry={() => slot.again()} />
      )}
      {answer.error === undefined && answer.value !== undefined && reply === undefined && <Unknown id={id} retry={() => slot.again()} />}
      {reply !== undefined && (raw ? <RawTrace reply={reply} /> : <Loaded reply={reply} failed={answer.error !== undefined} />)}
    </section>
  );
}

function Loaded(props: { reply: TraceReply; failed: boolean }) {
  const state = useMemo(() => new TraceState(props.reply), []);
  useEffect(() => state.follow(), [state]);
  useEffect(() => {
    state.reply.value = props.reply;
  }, [state, props.reply]);
  const searchBox = useRef<HTMLInputElement>(null);
  useTraceKeys(state, searchBox);
  const side = useSide();
  const selected = state.selected.value;
  useFocus(selected !== undefined);
  if (state.trace.value.spans.length === 0) return <Nothing state={state} />;
  return (
    <>
      <Header state={state} stale={props.failed} />
      <Toolbar state={state} searchBox={searchBox} />
      {state.mapped.value && <TraceMap state={state} />}
      <Split
        side={side}
        label="Details"
        first={
          <div class="trace-main">
            <Minimap state={state} />
            <Waterfall state={state} />
          </div>
        }
        second={selected && <Detail state={state} span={selected} side={side} />}
      />
    </>
  );
}

/** When the details go, and what had the focus with them, the waterfall takes it. */
function useFocus(details: boolean): void {
  const before = useRef(details);
  useEffect(() => {
    if (before.current && !details && document.activeElement === document.body) focusTree();
    before.current = details;
  }, [details]);
}

function Unknown(props: { id: string; retry: () => void }) {
  return (
    <Empty title="No trace with this id is stored">
      <p class="mono">{props.id}</p>
      <p>
        It may have come in seconds ago and not be readable yet, have been left out by sampling, be older than what is kept here, or have
        been sent to another server.
      </p>
      <div class="steps">
        <button class="button primary" onClick={props.retry}>
          Look again
        </button>
        <button class="button" onClick={() => go({ page: 'traces' })}>
          All traces
        </button>
      </div>
    </Empty>
  );
}

function Nothing(props: { state: TraceState }) {
  const { unreadable, id } = props.state.trace.value;
  return (
    <Empty title="Nothing of this trace can be shown">
      <p>
        {unreadable.length === 0
          ? 'The trace is stored without any documents.'
          : `Its ${unreadable.length} documents are not segments with a start. The raw data shows them as they are.`}
      </p>
      <div class="steps">
        <a class="button" href={link({ page: 'trace', id, raw: true })}>
          Raw data
        </a>
      </div>
    </Empty>
  );
}
