// Deleting a rule: a button that opens a question, and what follows from the answer.
import { useState } from 'preact/hooks';
import type { ApiError } from '../api.ts';
import { Dialog } from '../ui/dialog.tsx';
import { deleteRule } from './api.ts';

export function DeleteRule(props: { name: string; done: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button class="button small" onClick={() => setOpen(true)} aria-label={`Delete ${props.name}…`}>
        Delete…
      </button>
      {open && <Question {...props} close={() => setOpen(false)} />}
    </>
  );
}

function Question(props: { name: string; done: () => void; close: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const really = () => {
    setBusy(true);
    setError('');
    deleteRule(props.name)
      .then(
        () => {
          props.close();
          props.done();
        },
        (cause: ApiError) => setError(cause.message),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title="Delete this rule?" close={props.close}>
      <p class="mono">{props.name}</p>
      <p>Its requests go to the rules below it, within a minute or so. What was recorded stays.</p>
      {error !== '' && (
        <p class="fault" role="alert">
          {error}
        </p>
      )}
      <div class="steps">
        <button class="button primary" disabled={busy} data-testid="really-delete" onClick={really}>
          Delete
        </button>
        <button class="button" onClick={props.close}>
          Keep it
        </button>
      </div>
    </Dialog>
  );
}
