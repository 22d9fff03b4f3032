// Asks the worker for layouts and remembers them: the same nodes and edges get the same places for
// as long as the page stands, and new ones are placed around those that were drawn before.
import { ApiError } from '../api.ts';
import type { Layout, LayoutInput, Point } from './layout.ts';
import type { LayoutAnswer, LayoutQuestion } from './layout.worker.ts';

const remembered = 30; // layouts

export class Layouts {
  readonly #known = new Map<string, Layout>();
  #before: Record<string, Point> = {};
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, { done: (l: Layout) => void; failed: (e: Error) => void }>();
  #last = 0;

  /** The layout of a topology, if it was laid out already. */
  known(text: string): Layout | undefined {
    return this.#known.get(text);
  }

  /** Lays out what the text names. The input is made with the places of nodes drawn before. */
  async ask(text: string, input: (before: Record<string, Point>) => LayoutInput): Promise<Layout> {
    const layout = this.#known.get(text) ?? (await this.#lay(input(this.#before)));
    this.#known.delete(text);
    this.#known.set(text, layout);
    for (const oldest of this.#known.keys()) if (this.#known.size > remembered) this.#known.delete(oldest);
    this.#before = { ...this.#before, ...layout.nodes };
    return layout;
  }

  /** Forgets all places, so that the next layout is the tidiest. */
  forget(): void {
    this.#known.clear();
    this.#before = {};
  }

  #lay(input: LayoutInput): Promise<Layout> {
    const id = ++this.#last;
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed });
      const question: LayoutQuestion = { id, input };
      this.#start().postMessage(question);
    });
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = (this.#worker = new Worker('layout.worker.js', { type: 'module' }));
    worker.onmessage = (event: MessageEvent<LayoutAnswer>) => this.#settle(event.data);
    worker.onerror = () => this.#fail('The part of the console that draws maps did not load. Reload the page, or use the list.');
    return worker;
  }

  #settle(answer: LayoutAnswer) {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.layout) waiting?.done(answer.layout);
    else waiting?.failed(new ApiError(0, 'Layout', `Placing the nodes: ${answer.error}`));
  }

  #fail(message: string) {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { failed } of this.#waiting.values()) failed(new ApiError(0, 'Layout', message));
    this.#waiting.clear();
  }
}
