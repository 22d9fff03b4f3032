// Empty, loading and failed: what a page shows instead of data. Each says the next step.
import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api.ts';

/** Nothing to show: a title, why, and what to do (buttons go into a <div class="steps">). */
export function Empty(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty" role="status">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

/** The thin running bar; put it where the data will change. */
export function Loading(props: { on: boolean; label?: string }) {
  return props.on ? <div class="loading" role="progressbar" aria-label={props.label ?? 'Loading'} /> : <div class="loading idle" />;
}

/** A question that failed, with what the server said and a way to ask again. */
export function Failed(props: { what: string; error: ApiError; retry: () => void }) {
  const { error } = props;
  return (
    <div class="empty" role="alert">
      <h2>{props.what}</h2>
      <p>{error.message}</p>
      {error.type && error.status > 0 ? <p class="faint mono">{`${error.status} ${error.type}`}</p> : null}
      <div class="steps">
        <button class="button" onClick={props.retry}>
          Try again
        </button>
      </div>
    </div>
  );
}
