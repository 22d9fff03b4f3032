// Deleting the trace for good: a button that opens a question, and what follows from the answer.
import { useState } from 'preact/hooks';
import type { ApiError } from '../api.ts';
import { go, refresh } from '../state.ts';
import { Dialog } from '../ui/dialog.tsx';
import { deleteTrace } from './api.ts';

export function DeleteButton(props: { id: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button class="button small" onClick={() => setOpen(true)} title="Delete this trace for good">
        Delete…
      </button>
      {open && <Question id={props.id} close={() => setOpen(false)} />}
    </>
  );
}

// To a list that is read anew: the one that was read before has the trace in it.
function leave(): void {
  go({ page: 'traces' });
  refresh();
}

function Question(props: { id: string; close: () => void }) {
  const { id, close } = props;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const really = () => {
    setBusy(true);
    setError('');
    deleteTrace(id)
      .then(leave, (cause: ApiError) => setError(cause.message))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title="Delete this trace?" close={close}>
      <p class="mono">{id}</p>
      <p>
        Its documents go, and its share of the map and of every group, for everybody who looks at this server. Nothing brings them back.
        What arrives of the trace later begins it anew.
      </p>
      {error !== '' && (
        <p class="fault" role="alert">
          {error}
        </p>
      )}
      <div class="steps">
        <button class="button primary" disabled={busy} onClick={really}>
          Delete for good
        </button>
        <button class="button" onClick={close}>
          Keep it
        </button>
      </div>
    </Dialog>
  );
}
