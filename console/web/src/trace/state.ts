// What the trace page knows and what the user chose, in one place. The choices that make a screen
// are in the URL: selection, zoom, search and overlays; they follow there a moment later, because
// browsers stop pages that rewrite their address with every movement of the pointer.
import { batch, computed, effect, signal, untracked } from '@preact/signals';
import { place, setParams, type Params } from '../state.ts';
import { recorded } from './cause.ts';
import { estimate } from './clock.ts';
import { criticalPath } from './critical.ts';
import type { TraceReply } from './document.ts';
import { warnings } from './facts.ts';
import { find, prepare } from './find.ts';
import { failed, read, type Span, type Trace } from './model.ts';
import { deeperThan, depthOf, hiders, next, visible } from './rows.ts';
import { place as placeInTime, shares } from './timing.ts';
import { fit, format, isWhole, parse, whole, zoom, type View } from './view.ts';

/** Milliseconds without a change after which the URL follows. */
const settle = 200;

/** Milliseconds without a letter after which what was typed is searched: letters come first. */
const pause = 60;

const nothing: ReadonlySet<string> = new Set();

export class TraceState {
  readonly reply;
  readonly trace = computed(() => read(this.reply.value));
  readonly clocks = computed(() => estimate(this.trace.value));
  readonly causes = computed(() => recorded(this.trace.value));
  readonly failures = computed(() => this.trace.value.spans.filter(failed));

  /** Clocks corrected by what estimate found. */
  readonly corrected = signal(false);
  readonly timing = computed(() => placeInTime(this.trace.value, this.corrected.value ? this.clocks.value.shifts : undefined));
  readonly shares = computed(() => shares(this.trace.value, this.timing.value));
  readonly warnings = computed(() => warnings(this.trace.value, this.clocks.value, this.timing.value));
  readonly critical = signal(false);
  readonly path = computed(() => (this.critical.value ? criticalPath(this.trace.value, this.timing.value) : undefined));

  readonly all = computed<View>(() => whole(this.timing.value.first, this.timing.value.last));
  readonly #chosen = signal<View | undefined>(undefined);
  readonly view = computed<View>(() => (this.#chosen.value === undefined ? this.all.value : fit(this.#chosen.value, this.all.value)));

  /** The map of the trace is shown. */
  readonly mapped = signal(false);

  readonly collapsed = signal<ReadonlySet<string>>(nothing);
  /** What is in the search box, and what of it has been searched; seek sets both. */
  readonly typed = signal('');
  readonly search = signal('');
  #pause: ReturnType<typeof setTimeout> | undefined;
  readonly matches = computed(() => find(this.trace.value, this.search.value));
  readonly matched = computed<ReadonlySet<Span>>(() => new Set(this.matches.value));
  /** Rows that do not match are hidden while there is a search. */
  readonly only = signal(false);
  readonly rows = computed(() =>
    visible(this.trace.value, this.collapsed.value, this.only.value && this.search.value.trim() !== '' ? this.matched.value : undefined),
  );
  /** Where each listed span stands, for scrolling to it. */
  readonly positions = computed(() => new Map(this.rows.value.map((s, i) => [s, i])));

  readonly #key = signal('');
  readonly selected = computed(() => this.trace.value.byKey.get(this.#key.value));
  /** Counts selections made elsewhere than by clicking a row, which have to be scrolled to. */
  readonly revealed = signal(0);

  constructor(reply: TraceReply) {
    this.reply = signal(reply);
    this.#read(place.peek().params);
    if (this.#key.peek() !== '') this.#open(this.selected.peek());
  }

  /** Keeps this and the URL together until the returned function is called. */
  follow(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let written = JSON.stringify(this.#params());
    const write = effect(() => {
      const params = this.#params();
      clearTimeout(timer);
      if (JSON.stringify(params) === written) return;
      timer = setTimeout(() => {
        written = JSON.stringify(params);
        setParams(params, true);
      }, settle);
    });
    const readBack = effect(() => {
      const { params } = place.value;
      const now = JSON.stringify(
        pick(
          params,
          untracked(() => this.#params()),
        ),
      );
      if (now === written) return;
      written = now;
      this.#read(params);
    });
    const read = effect(() => prepareInPieces(this.trace.value));
    return () => {
      clearTimeout(timer);
      clearTimeout(this.#pause);
      write();
      readBack();
      read();
    };
  }

  #params(): Record<string, string | undefined> {
    const view = this.#chosen.value;
    return {
      segment: this.#key.value || undefined,
      zoom: view === undefined ? undefined : format(view),
      find: this.search.value || undefined,
      only: this.only.value ? '1' : undefined,
      critical: this.critical.value ? '1' : undefined,
      clocks: this.corrected.value ? 'corrected' : undefined,
      map: this.mapped.value ? '1' : undefined,
    };
  }

  #read(params: Params): void {
    batch(() => {
      this.#key.value = (params.segment ?? '').toLowerCase();
      this.#chosen.value = parse(params.zoom);
      this.seek(params.find ?? '');
      this.only.value = params.only === '1';
      this.critical.value = params.critical === '1';
      this.corrected.value = params.clocks === 'corrected';
      this.mapped.value = params.map === '1';
    });
  }

  /** Searches for text: at once, or when nothing more has been typed for a moment. */
  seek(text: string, typing = false): void {
    clearTimeout(this.#pause);
    this.typed.value = text;
    if (typing) this.#pause = setTimeout(() => (this.search.value = text), pause);
    else this.search.value = text;
  }

  /** Shows a part of the time; all of it is no zoom. */
  show(view: View): void {
    const all = this.all.peek();
    this.#chosen.value = isWhole(view, all) ? undefined : fit(view, all);
  }

  showAll(): void {
    this.#chosen.value = undefined;
  }

  /** Shows the time of a span with some air around it. */
  showSpan(span: Span): void {
    const t = this.timing.peek();
    const own = whole(t.from[span.index]!, t.to[span.index]!);
    this.show(zoom(own, this.all.peek(), 1.2));
  }

  /** Selects a span, as by a click on its row. */
  select(span: Span | undefined): void {
    this.#key.value = span?.key ?? '';
  }

  /** Selects a span that may be hidden or far away: its callers are opened, and the list scrolls to it. */
  reveal(span: Span | undefined): void {
    if (span === undefined) return;
    batch(() => {
      if (!this.positions.peek().has(span)) this.only.value = false;
      this.#open(span);
      this.select(span);
      this.revealed.value++;
    });
  }

  #open(span: Span | undefined): void {
    if (span === undefined) return;
    const shut = hiders(span, this.collapsed.peek());
    if (shut.length > 0) this.collapsed.value = without(this.collapsed.peek(), shut);
    this.revealed.value++;
  }

  /** Moves the selection by a number of rows. */
  move(by: number): void {
    const rows = this.rows.peek();
    const selected = this.selected.peek();
    const at = selected === undefined ? undefined : this.positions.peek().get(selected);
    const start = at ?? (by > 0 ? -1 : rows.length);
    this.reveal(rows[Math.min(Math.max(start + by, 0), rows.length - 1)]);
  }

  /** Goes to the next (1) or previous (-1) of a list in order, from the selection on. */
  step(list: Span[], by: 1 | -1): void {
    this.reveal(next(list, this.selected.peek(), by));
  }

  toggle(span: Span): void {
    if (span.children.length === 0) return;
    const now = this.collapsed.peek();
    if (now.has(span.key)) this.collapsed.value = without(now, [span.key]);
    else this.collapsed.value = new Set(now).add(span.key);
  }

  collapse(span: Span, shut: boolean): void {
    if (this.collapsed.peek().has(span.key) !== shut) this.toggle(span);
  }

  /** Shows one level less. */
  collapseLevel(): void {
    const depth = depthOf(this.rows.peek());
    this.collapsed.value = deeperThan(this.trace.peek(), Math.max(0, depth - 1));
    this.#follow();
  }

  /** Shows one level more. */
  expandLevel(): void {
    const trace = this.trace.peek();
    const depth = depthOf(this.rows.peek());
    this.collapsed.value = deeperThan(trace, depth + 1);
  }

  expandAll(): void {
    this.collapsed.value = nothing;
  }

  collapseAll(): void {
    this.collapsed.value = deeperThan(this.trace.peek(), 0);
    this.#follow();
  }

  /** When the selected row has vanished below a collapsed one, that one is selected. */
  #follow(): void {
    let at = this.selected.peek();
    while (at !== undefined && !this.positions.peek().has(at)) at = at.parent;
    if (at !== this.selected.peek()) this.reveal(at);
  }
}

/** Prepares the search while nothing else happens; the returned function calls it off. */
function prepareInPieces(trace: Trace): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const go = (from: number) => {
    timer = setTimeout(() => {
      const next = prepare(trace, from);
      if (next !== undefined) go(next);
    }, 10);
  };
  go(0);
  return () => clearTimeout(timer);
}

function without(set: ReadonlySet<string>, keys: string[]): ReadonlySet<string> {
  const out = new Set(set);
  for (const key of keys) out.delete(key);
  return out;
}

function pick(params: Params, like: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.keys(like).map((key) => [key, params[key] || undefined]));
}
