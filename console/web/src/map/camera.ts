// How one looks at the map. Until the user moves it, all is shown, whatever the size of the frame;
// then it stays, and stands in the URL.
import { computed, signal } from '@preact/signals';
import { place, setParams } from '../state.ts';
import type { Bounds, Size } from './geometry.ts';
import type { Point } from './layout.ts';
import { fit, fitAround, pan, readView, reveal, viewText, zoom, type View } from './viewport.ts';

const settleAfter = 250; // ms without movement until the URL is written

export class Camera {
  readonly #view = signal<View>({ x: 0, y: 0, k: 1 });
  #frame: Size = { width: 1, height: 1 };
  #content: Bounds = { x: 0, y: 0, width: 1, height: 1 };
  #moved = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** For the transform of the drawing. */
  readonly transform = computed(() => {
    const { x, y, k } = this.#view.value;
    return `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${k.toFixed(4)})`;
  });
  /** True where letters would be too small to read. */
  readonly far = computed(() => this.#view.value.k < 0.42);
  readonly scale = computed(() => this.#view.value.k);

  /**
   * Says what there is to see, through which frame, and where the chosen node is; call it when one of them changes. A
   * chosen node is to be read: with it the map is not made smaller than can be, even if it does not fit.
   */
  resize(frame: Size, content: Bounds, chosen?: Point): void {
    this.#frame = frame;
    this.#content = content;
    const at = readView(place.peek().params.at, frame);
    if (at && !this.#moved) {
      this.#moved = true;
      this.#view.value = at;
    }
    if (!this.#moved) this.#view.value = chosen ? fitAround(content, frame, chosen) : fit(content, frame);
  }

  fit(): void {
    this.#moved = false;
    this.#view.value = fit(this.#content, this.#frame);
    clearTimeout(this.#timer);
    setParams({ at: undefined }, true);
  }

  /** Around a point of the frame; its middle when left out. */
  zoom(factor: number, on?: Point): void {
    this.#move(zoom(this.#view.peek(), factor, on ?? { x: this.#frame.width / 2, y: this.#frame.height / 2 }));
  }

  /** By pixels of the frame. */
  pan(dx: number, dy: number): void {
    this.#move(pan(this.#view.peek(), dx, dy));
  }

  /** Brings a node into the frame if it isn't. */
  reveal(p: Point, keep: Size): void {
    const now = this.#view.peek();
    const next = reveal(now, p, this.#frame, keep);
    if (next.x !== now.x || next.y !== now.y) this.#move(next);
  }

  #move(view: View): void {
    this.#moved = true;
    this.#view.value = view;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (place.peek().page === 'map') setParams({ at: viewText(view, this.#frame) }, true);
    }, settleAfter);
  }

  /** Forgets the place; the next frame shows all, or what the URL says. */
  close(): void {
    clearTimeout(this.#timer);
    this.#moved = false;
  }
}
