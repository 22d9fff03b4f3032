package memory

import (
	"context"
	"fmt"
	"iter"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/store"
)

// findBatch is how many traces are passed over while writers wait, and between
// two looks at the context.
const findBatch = 64

// newsAfter is how many are passed over before the loop says so.
const newsAfter = 1024

// Find goes through the window as Partials does, and passes over what the
// summaries alone exclude.
func (s *Store) Find(ctx context.Context, w roentgen.Window, m *filter.Matcher) iter.Seq2[store.Found, error] {
	return func(yield func(store.Found, error) bool) {
		c, sift, passed := newCursor(w), newSieve(m, s.opt.Graph), 0
		for !c.ended {
			found, err := s.sift(ctx, &c, sift)
			if err != nil {
				yield(store.Found{}, fmt.Errorf("find traces: %w", err))
				return
			}
			passed += found.Passed
			if found.Trace == nil && passed < newsAfter && (!c.ended || passed == 0) {
				continue
			}
			found.Passed, passed = passed, 0
			if !yield(found, nil) {
				return
			}
		}
	}
}

// sift moves c to the next trace that is let through, or over a batch of those
// that are not.
func (s *Store) sift(ctx context.Context, c *cursor, sift sieve) (found store.Found, err error) {
	if err := ctx.Err(); err != nil {
		return found, err
	}
	if c.window.Clock >= clocks {
		return found, roentgen.Invalidf("there is no clock %d", c.window.Clock)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return found, errClosed
	}
	for t := range s.aheadLocked(c) {
		partial := t.summary()
		if sift.passes(&partial) {
			found.Trace, found.Partial = t.whole(), partial
			break
		}
		if found.Passed++; found.Passed == findBatch {
			break
		}
	}
	found.Place = c.at
	return found, nil
}

// aheadLocked yields what stands behind the cursor, which goes along. At the
// end of the window the cursor has ended.
func (s *Store) aheadLocked(c *cursor) iter.Seq[*trace] {
	return func(yield func(*trace) bool) {
		stopped := false
		s.mu.orders[c.window.Clock].each(c.at, c.behind, func(p spot) bool {
			if p.At < c.window.From {
				return false
			}
			c.at, c.behind = p.Place, true
			stopped = !yield(p.trace)
			return !stopped
		})
		c.ended = !stopped
	}
}

// sieve is what of a matcher the summary alone decides: conditions that are all
// necessary.
type sieve struct {
	fold       graph.Options
	conditions []*filter.Matcher
}

func newSieve(m *filter.Matcher, fold graph.Options) sieve {
	s := sieve{fold: fold}
	if m == nil {
		return s
	}
	for _, one := range m.Conditions() {
		if needs := one.Needs(); needs.SummaryOnly() {
			s.conditions = append(s.conditions, one)
		}
	}
	return s
}

// passes reports whether the trace may match.
func (s sieve) passes(p *roentgen.Partial) bool {
	if len(s.conditions) == 0 {
		return true
	}
	summary := p.Summary()
	rows := roentgen.Rows{Summary: s.fold.Searchable(&summary)}
	for _, one := range s.conditions {
		if !one.Match(&rows) {
			return false
		}
	}
	return true
}
