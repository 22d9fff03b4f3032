// Colours of services: given in order of first appearance, so that the first service of a page has
// the same colour on every page of the visit. Values are CSS, and follow the theme by themselves.

/** How many colours theme.css has; the next service begins again at the first. */
export const serviceColourCount = 10;

/** Hands out colours and remembers them. */
export class ServiceColours {
  readonly #index = new Map<string, number>();

  /** A CSS colour such as "var(--service-3)". */
  of(service: string): string {
    return `var(--service-${this.indexOf(service)})`;
  }

  /** 0 to serviceColourCount - 1, for class names and legends. */
  indexOf(service: string): number {
    let index = this.#index.get(service);
    if (index === undefined) this.#index.set(service, (index = this.#index.size % serviceColourCount));
    return index;
  }
}

/** The colours of this visit, shared by list, trace and map. Keyed by service name. */
export const serviceColours = new ServiceColours();

/**
 * The red, green and blue behind a CSS colour, for canvas, which knows no variables:
 * computedColour("var(--fault)", canvas) is "rgb(193, 39, 45)". Ask again after a change of theme.
 */
export function computedColour(css: string, within: HTMLElement): string {
  const probe = document.createElement('span');
  probe.style.color = css;
  probe.hidden = true;
  (within.parentElement ?? document.body).append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
