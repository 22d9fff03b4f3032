package storetest

import (
	"maps"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store"
)

// Model is a store that keeps a list of all distinct documents and works
// everything out from it anew after each change. Its slowness is the point. It is for one
// goroutine at a time.
type Model struct {
	limit  int // bytes of a trace; 0: none
	now    func() time.Time
	traces map[roentgen.TraceID]*modelTrace
	groups []store.Group
}

type modelTrace struct {
	docs    []roentgen.Stored // distinct, in order of arrival
	limited bool
	members map[string]uint64 // by which versions groups admitted it
	// Nil: not worked out since it changed.
	partial *roentgen.Partial
	summary *roentgen.Summary
	rows    *roentgen.Rows
}

// NewModel returns an empty model that refuses documents which carry a trace
// over limit bytes; 0 refuses none.
func NewModel(limit int) *Model {
	return &Model{limit: limit, now: Now, traces: map[roentgen.TraceID]*modelTrace{}}
}

// Append takes a document and returns its outcome.
func (m *Model) Append(d roentgen.Stored) roentgen.Outcome {
	t := m.traces[d.Segment.Trace]
	if t == nil {
		t = &modelTrace{members: map[string]uint64{}}
		m.traces[d.Segment.Trace] = t
	}
	switch {
	case slices.ContainsFunc(t.docs, func(e roentgen.Stored) bool { return sameDocument(d, e) }):
		return roentgen.Duplicate
	case m.limit > 0 && t.bytes()+len(d.Segment.Document) > m.limit:
		t.limited = true
		return roentgen.RefusedTraceTooLarge
	}
	t.docs = append(t.docs, d)
	t.partial, t.summary, t.rows = nil, nil, nil
	if t.stands(d.Segment.ID).Segment != d.Segment {
		return roentgen.Replaced
	}
	return roentgen.StoredNew
}

// Delete forgets a trace and reports whether there was one.
func (m *Model) Delete(id roentgen.TraceID) bool {
	there := m.Trace(id) != nil
	if there {
		delete(m.traces, id)
	}
	return there
}

func sameDocument(a, b roentgen.Stored) bool {
	return a.Segment.ID == b.Segment.ID && a.Segment.Hash == b.Segment.Hash
}

func (t *modelTrace) bytes() (n int) {
	for _, d := range t.docs {
		n += len(d.Segment.Document)
	}
	return n
}

// stands returns the document that stands for an entity.
func (t *modelTrace) stands(id roentgen.SegmentID) (best roentgen.Stored) {
	for _, d := range t.docs {
		if d.Segment.ID == id && (best.Segment == nil || d.Segment.Supersedes(best.Segment, d.Received, best.Received)) {
			best = d
		}
	}
	return best
}

// standing returns those of all entities.
func (t *modelTrace) standing() []roentgen.Stored {
	best := map[roentgen.SegmentID]roentgen.Stored{}
	for _, d := range t.docs {
		best[d.Segment.ID] = t.stands(d.Segment.ID)
	}
	return slices.Collect(maps.Values(best))
}

// IDs returns the traces that exist.
func (m *Model) IDs() (ids []roentgen.TraceID) {
	for id, t := range m.traces {
		if len(t.docs) > 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// Trace returns one trace, nil when it does not exist.
func (m *Model) Trace(id roentgen.TraceID) *roentgen.Trace {
	t := m.traces[id]
	if t == nil || len(t.docs) == 0 {
		return nil
	}
	return &roentgen.Trace{ID: id, Documents: t.standing(), Revision: len(t.docs), LimitExceeded: t.limited}
}

// Partial returns the partial of a trace that exists.
func (m *Model) Partial(id roentgen.TraceID) roentgen.Partial {
	t := m.traces[id]
	if t.partial == nil {
		t.partial = &roentgen.Partial{Trace: id}
		for _, d := range t.docs {
			*t.partial = t.partial.Merge(roentgen.NewPartial(d))
		}
		s := t.partial.Summary()
		t.summary = &s
	}
	return *t.partial
}

// place returns where a trace that exists stands in the order of a clock, if it
// has one.
func (m *Model) place(id roentgen.TraceID, c roentgen.Clock) (roentgen.Place, bool) {
	m.Partial(id)
	at, ok := m.traces[id].summary.At(c)
	return roentgen.Place{At: at, Trace: id}, ok
}

// Partials returns those of a window.
func (m *Model) Partials(w roentgen.Window) (out []roentgen.Partial) {
	var places []roentgen.Place
	for _, id := range m.IDs() {
		p, ok := m.place(id, w.Clock)
		if ok && p.At >= w.From && p.At < w.To && (w.After == nil || p.Behind(*w.After)) {
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b roentgen.Place) int {
		if a.Behind(b) {
			return 1
		}
		return -1
	})
	for _, p := range places {
		out = append(out, m.Partial(p.Trace))
	}
	return out
}

// PlaceOf returns where a partial stands in the order of a clock, if it has
// one.
func PlaceOf(p roentgen.Partial, c roentgen.Clock) (roentgen.Place, bool) {
	s := p.Summary()
	at, ok := s.At(c)
	return roentgen.Place{At: at, Trace: p.Trace}, ok
}

// Stats returns what every backend must count alike.
func (m *Model) Stats() (s store.Stats) {
	for _, id := range m.IDs() {
		s.Traces++
		for _, d := range m.traces[id].standing() {
			s.Documents++
			s.Bytes += int64(len(d.Segment.Document))
		}
		if start, _ := m.place(id, roentgen.ClockStart); s.Traces == 1 || start.At < s.Oldest {
			s.Oldest = start.At
		}
	}
	return s
}
