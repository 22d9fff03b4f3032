package memory

import (
	"context"
	"fmt"
	"iter"

	"github.com/roentgen/roentgen"
)

// Traces yields the traces of ids, each as it is when the loop comes to it.
func (s *Store) Traces(ctx context.Context, ids []roentgen.TraceID) iter.Seq2[*roentgen.Trace, error] {
	return func(yield func(*roentgen.Trace, error) bool) {
		seen := make(map[roentgen.TraceID]bool, len(ids))
		for _, id := range ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			t, err := s.trace(ctx, id)
			if err != nil {
				yield(nil, fmt.Errorf("read trace %s: %w", id, err))
				return
			}
			if t != nil && !yield(t, nil) {
				return
			}
		}
	}
}

// trace returns the trace, nil where there is none.
func (s *Store) trace(ctx context.Context, id roentgen.TraceID) (*roentgen.Trace, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return nil, errClosed
	}
	t := s.mu.traces[id]
	if t == nil || len(t.entities) == 0 {
		return nil, nil
	}
	return t.whole(), nil
}

// Partials yields the partials of a window. It looks for the next place anew
// each time, instead of reading ahead: a trace that moves between two places
// which the loop has not reached is then yielded once, where it is.
func (s *Store) Partials(ctx context.Context, w roentgen.Window) iter.Seq2[roentgen.Partial, error] {
	return func(yield func(roentgen.Partial, error) bool) {
		for c := newCursor(w); !c.ended; {
			p, err := s.next(ctx, &c)
			if err != nil {
				yield(roentgen.Partial{}, fmt.Errorf("read partials: %w", err))
				return
			}
			if !c.ended && !yield(p, nil) {
				return
			}
		}
	}
}

// cursor is where a loop over a window has come to.
type cursor struct {
	window roentgen.Window
	at     roentgen.Place
	behind bool // at was reached already
	ended  bool
}

func newCursor(w roentgen.Window) cursor {
	if w.To <= w.From {
		return cursor{ended: true}
	}
	c := cursor{window: w, at: roentgen.Place{At: w.To - 1}}
	if w.After != nil && !c.at.Behind(*w.After) {
		c.at, c.behind = *w.After, true
	}
	return c
}

// next moves c to the next place and returns what stands there.
func (s *Store) next(ctx context.Context, c *cursor) (roentgen.Partial, error) {
	if err := ctx.Err(); err != nil {
		return roentgen.Partial{}, err
	}
	if c.window.Clock >= clocks {
		return roentgen.Partial{}, roentgen.Invalidf("there is no clock %d", c.window.Clock)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return roentgen.Partial{}, errClosed
	}
	p, ok := s.mu.orders[c.window.Clock].from(c.at, c.behind)
	if !ok || p.At < c.window.From {
		c.ended = true
		return roentgen.Partial{}, nil
	}
	c.at, c.behind = p.Place, true
	return p.trace.summary(), nil
}
