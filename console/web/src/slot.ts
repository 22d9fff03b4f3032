// A slot holds the answer to one question and is the only way a view gets data: it asks on every
// render and takes what there is. Same question: the answer, fresh. New question: the old answer,
// marked stale, while the new one is fetched. Nothing yet: nothing.
import { signal, type Signal } from '@preact/signals';
import { aborted, ApiError } from './api.ts';

export interface Answer<T> {
  /** The last answer; of an earlier question when stale. */
  value: T | undefined;
  stale: boolean;
  loading: boolean;
  error: ApiError | undefined;
}

export class Slot<T> {
  readonly #answer: Signal<Answer<T>> = signal({ value: undefined, stale: false, loading: false, error: undefined });
  #question: string | undefined;
  #abort: AbortController | undefined;

  /**
   * Asks the question, which is told from others by its text alone, and subscribes the calling
   * component to the answer. An earlier question still under way is called off.
   */
  ask(question: string, load: (abort: AbortSignal) => Promise<T>): Answer<T> {
    const answer = this.#answer.value;
    if (question === this.#question) return answer;
    this.#question = question;
    // Signals may not change while a component renders.
    queueMicrotask(() => this.#question === question && this.#start(question, load));
    return { ...answer, stale: answer.value !== undefined, loading: true, error: undefined };
  }

  /** Forgets the question, so that the next render asks again. */
  again(): void {
    this.#question = undefined;
    this.#answer.value = { ...this.#answer.peek() };
  }

  #start(question: string, load: (abort: AbortSignal) => Promise<T>): void {
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    const { value } = this.#answer.peek();
    this.#answer.value = { value, stale: value !== undefined, loading: true, error: undefined };
    load(abort.signal).then(
      (fresh) => this.#settle(question, { value: fresh, stale: false, loading: false, error: undefined }),
      (cause) => {
        if (aborted(cause)) return;
        this.#settle(question, { value, stale: value !== undefined, loading: false, error: asApiError(cause) });
      },
    );
  }

  #settle(question: string, answer: Answer<T>): void {
    if (question === this.#question) this.#answer.value = answer;
  }
}

function asApiError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  return new ApiError(0, 'Unexpected', cause instanceof Error ? cause.message : String(cause));
}
