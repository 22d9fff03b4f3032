package query_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/query"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/wire"
)

// shelf is a store of a few traces, as plain as can be. It does not hide that
// things happen while it is read: before it looks for the next thing, it calls
// meanwhile.
type shelf struct {
	traces    map[roentgen.TraceID]*held
	now       roentgen.Time // ticks with every document and every look at the clock
	meanwhile func()
	sifts     bool // Find passes over what does not match
	read      int  // traces that Find and Traces gave
	graphs    int  // graphs asked for
	groups    []store.Group
	err       error
}

// held is a trace, with what it says of itself.
type held struct {
	trace   roentgen.Trace
	partial roentgen.Partial
	sum     roentgen.Summary
	rows    *roentgen.Rows // nil: not folded since it changed
}

func (h *held) fold() *roentgen.Rows {
	if h.rows == nil {
		h.rows = graph.Fold(&h.trace, &h.sum, 0, graph.Options{})
	}
	return h.rows
}

// newShelf parses documents and files them by trace.
func newShelf(t *testing.T, docs ...string) *shelf {
	t.Helper()
	s := &shelf{traces: map[roentgen.TraceID]*held{}}
	for _, text := range docs {
		s.put(t, text)
	}
	return s
}

// put files one document.
func (s *shelf) put(t *testing.T, text string) {
	t.Helper()
	s.file(s.stamped(t, text))
}

// stamped is a document at the door, which cannot be read yet.
func (s *shelf) stamped(t *testing.T, text string) roentgen.Stored {
	t.Helper()
	seg, err := wire.ParseDocument([]byte(text), wire.Limits{})
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return roentgen.Stored{Segment: seg, Received: s.clock()}
}

func (s *shelf) file(d roentgen.Stored) {
	seg := d.Segment
	h := s.traces[seg.Trace]
	if h == nil {
		h = &held{trace: roentgen.Trace{ID: seg.Trace}, partial: roentgen.Partial{Trace: seg.Trace}}
		s.traces[seg.Trace] = h
	}
	h.partial = h.partial.Merge(roentgen.NewPartial(d))
	h.sum, h.rows = h.partial.Summary(), nil
	h.trace.Revision++
	i := slices.IndexFunc(h.trace.Documents, func(old roentgen.Stored) bool { return old.Segment.ID == seg.ID })
	switch {
	case i < 0:
		h.trace.Documents = append(slices.Clone(h.trace.Documents), d)
	case seg.Supersedes(h.trace.Documents[i].Segment, d.Received, h.trace.Documents[i].Received):
		h.trace.Documents = slices.Clone(h.trace.Documents)
		h.trace.Documents[i] = d
	}
}

// clock is the server's.
func (s *shelf) clock() roentgen.Time {
	s.now++
	return s.now
}

func (s *shelf) happen() {
	if s.meanwhile != nil {
		s.meanwhile()
	}
}

func (s *shelf) Traces(_ context.Context, ids []roentgen.TraceID) iter.Seq2[*roentgen.Trace, error] {
	return func(yield func(*roentgen.Trace, error) bool) {
		if s.err != nil {
			yield(nil, s.err)
			return
		}
		seen := map[roentgen.TraceID]bool{}
		for _, id := range ids {
			s.happen()
			h := s.traces[id]
			if h == nil || seen[id] {
				continue
			}
			seen[id] = true
			s.read++
			whole := h.trace
			if !yield(&whole, nil) {
				return
			}
		}
	}
}

func (s *shelf) Partials(ctx context.Context, w roentgen.Window) iter.Seq2[roentgen.Partial, error] {
	return func(yield func(roentgen.Partial, error) bool) {
		for f, err := range s.Find(ctx, w, nil) {
			if !yield(f.Partial, err) {
				return
			}
		}
	}
}

// Find looks for the next place anew each time. Of what it passes over it
// brings news after a few.
func (s *shelf) Find(_ context.Context, w roentgen.Window, m *filter.Matcher) iter.Seq2[store.Found, error] {
	return func(yield func(store.Found, error) bool) {
		if s.err != nil {
			yield(store.Found{}, s.err)
			return
		}
		for f := (store.Found{}); ; {
			s.happen()
			h, place := s.next(w)
			if place == nil && f.Passed == 0 {
				return
			}
			if place != nil {
				f.Place, w.After = *place, place
				if s.passesOver(h, w.Clock, m) {
					f.Passed++
				} else {
					whole := h.trace
					f.Trace, f.Partial = &whole, h.partial
					s.read++
				}
			}
			if f.Trace != nil || f.Passed == 5 || place == nil {
				if !yield(f, nil) || place == nil {
					return
				}
				f = store.Found{}
			}
		}
	}
}

// passesOver is exact, but for what ClockEnd forbids.
func (s *shelf) passesOver(h *held, c roentgen.Clock, m *filter.Matcher) bool {
	if !s.sifts || m == nil {
		return false
	}
	needs := m.Needs()
	return !m.Match(h.fold()) && (c != roentgen.ClockEnd || needs.SummaryOnly())
}

func (s *shelf) next(w roentgen.Window) (found *held, best *roentgen.Place) {
	for id, h := range s.traces {
		at, ok := h.sum.At(w.Clock)
		place := roentgen.Place{At: at, Trace: id}
		if !ok || at < w.From || at >= w.To || w.After != nil && !place.Behind(*w.After) || best != nil && place.Behind(*best) {
			continue
		}
		found, best = h, &place
	}
	return found, best
}

func (s *shelf) Graph(_ context.Context, w store.GraphWindow) (*graph.Graph, error) {
	if s.err != nil {
		return nil, s.err
	}
	s.graphs++
	var rows []*roentgen.Rows
	for _, h := range s.traces {
		sum := h.partial.Summary()
		if sum.Start < w.From || sum.Start >= w.To {
			continue
		}
		r := graph.Fold(&h.trace, &sum, s.now, graph.Options{})
		if w.Group == "" || s.member(w.Group, r) {
			rows = append(rows, r)
		}
	}
	return graph.Of(rows...), nil
}

func (s *shelf) member(group string, r *roentgen.Rows) bool {
	return slices.ContainsFunc(s.groups, func(g store.Group) bool { return g.ID == group && g.Match.Match(r) })
}

func (s *shelf) SetGroups(_ context.Context, groups []store.Group) error {
	s.groups = groups
	return s.err
}

func (s *shelf) Stats(context.Context) (store.Stats, error) { return store.Stats{}, nil }

// engine reads from s by its clock.
func (s *shelf) engine(groups *query.Groups, cfg query.Config) *query.Engine {
	cfg.Now = s.clock
	return query.New(s, groups, cfg)
}

func id(n int) string { return fmt.Sprintf("1-5759e988-%024x", n+1) }

func segment(trace, n, start int, more string) string {
	return fmt.Sprintf(`{"trace_id":%q,"id":"%016x","name":"s%d","start_time":%d,"end_time":%d%s}`, id(trace), n, n, start, start+2, more)
}

func traceID(t *testing.T, n int) roentgen.TraceID {
	t.Helper()
	out, err := roentgen.ParseTraceID(id(n))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
