// Which rows of a long list are drawn.

export interface Slice {
  /** The first row drawn. */
  from: number;
  /** The row after the last one drawn. */
  to: number;
}

/**
 * The rows to draw for a scroller: those that are seen, and as many above and below, so that a fast
 * hand meets rows and not blanks. from is a multiple of step, so that small moves draw nothing anew.
 * Sizes are in pixels.
 */
export function visibleSlice(scrollTop: number, height: number, rowHeight: number, count: number, step = 8): Slice {
  const seen = Math.ceil(height / rowHeight) + 1;
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const from = Math.max(0, Math.floor((first - seen) / step) * step);
  return { from: Math.min(from, Math.max(0, count)), to: Math.min(count, first + 2 * seen + step) };
}

/** The scroll position that brings a row into view, moving as little as may be. */
export function scrollTo(row: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}
