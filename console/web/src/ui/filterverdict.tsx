// What the server says about the filter: where it is wrong and what to do, how it was understood, and
// what was perhaps meant instead.
import type { FilterCheck, Offer } from './filterapi.ts';
import { draft, replaceAndRun } from './filterdraft.ts';

/** unfinished: the user is still writing at the place of the error, which is no news to him. */
export function Verdict(props: { check: FilterCheck | undefined; unfinished: boolean }) {
  const { check } = props;
  const offers = check?.offers ?? [];
  const normal = check && !check.error && differs(check.normal, draft.value) ? check.normal : '';
  return (
    <div id="filter-verdict" class="filter-verdict" aria-live="polite">
      {check?.error && <Complaint error={check.error} unfinished={props.unfinished} />}
      {normal && (
        <span class="muted" data-testid="filter-normal">
          understood as <code>{normal}</code>
        </span>
      )}
      {offers.map((offer) => (
        <OfferChip key={offer.expression} offer={offer} />
      ))}
    </div>
  );
}

function Complaint(props: { error: NonNullable<FilterCheck['error']>; unfinished: boolean }) {
  const { message, hint } = props.error;
  return (
    <span class={`filter-complaint ${props.unfinished ? 'unfinished' : ''}`} data-testid="filter-error">
      <strong class="fault">{message}</strong>
      {hint && <span class="muted">{hint}</span>}
    </span>
  );
}

function OfferChip(props: { offer: Offer }) {
  const { expression, label, why } = props.offer;
  return (
    <span class="filter-offer" data-testid="filter-offer">
      <span class="muted">Did you mean</span>
      <button class="chip" title={expression} onPointerDown={(event) => event.preventDefault()} onClick={() => void take(expression)}>
        <code class="ellipsis">{label || expression}</code>
      </button>
      <span class="faint ellipsis" title={why}>
        {why}
      </span>
    </span>
  );
}

// The page below shows what was taken; the box is done with.
async function take(expression: string): Promise<void> {
  if ((await replaceAndRun(expression)) && document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

// White space and the case of AND and OR are no news to the one who wrote them.
function differs(normal: string, text: string): boolean {
  const plain = (s: string) => s.replace(/\s+/g, '').toLowerCase();
  return plain(normal) !== plain(text);
}
