package memory

import (
	"context"
	"iter"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store"
)

// Traces implements store.Reader.
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
				yield(nil, err)
				return
			}
			if t != nil && !yield(t, nil) {
				return
			}
		}
	}
}

// trace copies one trace out, nil when there is none.
func (s *Store) trace(ctx context.Context, id roentgen.TraceID) (*roentgen.Trace, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return nil, errClosed
	}
	e := s.mu.traces[id]
	if e == nil || len(e.docs) == 0 {
		return nil, nil
	}
	t := &roentgen.Trace{ID: id, LimitExceeded: e.limited, Documents: make([]roentgen.Stored, 0, len(e.docs))}
	for _, d := range e.docs {
		t.Documents = append(t.Documents, d.Stored)
	}
	for _, p := range e.partial.Parts {
		t.Revision += len(p.Documents)
	}
	return t, nil
}

// chunk is how many partials are copied out under the lock at once.
const chunk = 256

// Partials implements store.Reader. The lock is not held while the caller
// looks at what it was given.
func (s *Store) Partials(ctx context.Context, w store.Window) iter.Seq2[roentgen.Partial, error] {
	return func(yield func(roentgen.Partial, error) bool) {
		after := w.After
		for {
			found, last, err := s.partials(ctx, w, after)
			if err != nil {
				yield(roentgen.Partial{}, err)
				return
			}
			for _, p := range found {
				if !yield(p, nil) {
					return
				}
			}
			if len(found) < chunk {
				return
			}
			after = &last
		}
	}
}

// partials copies out the next chunk and the place of its last trace.
func (s *Store) partials(ctx context.Context, w store.Window, after *store.Place) (found []roentgen.Partial, last store.Place, err error) {
	if err := ctx.Err(); err != nil {
		return nil, last, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return nil, last, errClosed
	}
	from := place{Place: roentgen.Place{At: w.To - 1}} // the zero id comes first of its time
	if after != nil && after.Behind(from.Place) {
		from.Place = *after
	}
	s.mu.order[w.Clock].AscendGreaterOrEqual(from, func(p place) bool {
		if p.At < w.From || len(found) == chunk {
			return false
		}
		if after == nil || p.Behind(*after) {
			found, last = append(found, p.entry.partial), p.Place
		}
		return true
	})
	return found, last, nil
}

// Stats implements store.Reader.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	if err := ctx.Err(); err != nil {
		return store.Stats{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return store.Stats{}, errClosed
	}
	out := s.mu.stats
	out.Traces = s.mu.order[roentgen.ClockStart].Len()
	if oldest, ok := s.mu.order[roentgen.ClockStart].Max(); ok { // the order is newest first
		out.Oldest = oldest.At
	}
	if s.log != nil {
		for _, f := range s.log.Files() {
			out.DiskBytes += f.Bytes
		}
	}
	return out, nil
}
