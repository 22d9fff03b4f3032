// Cards, lines and rows are drawn again only when something about them changed: moving the pointer over
// a map of hundreds, or scrolling by one row, must not draw them all.
import { Component, type ComponentChild, type FunctionComponent } from 'preact';

/** A component that keeps its drawing while all of its properties stay the same. */
export function memo<P extends object>(draw: (props: P) => ComponentChild): FunctionComponent<P> {
  class Kept extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const now = this.props as P;
      return (Object.keys(next) as (keyof P)[]).some((key) => next[key] !== now[key]);
    }
    override render(props: P) {
      return draw(props);
    }
  }
  return Kept as unknown as FunctionComponent<P>;
}
