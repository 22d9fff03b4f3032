package memory

import (
	"github.com/google/btree"

	"github.com/roentgen/roentgen"
)

// clocks is how many clocks there are, and so how many orders.
const clocks = 3

// order holds the traces that have one clock, newest first, as a Window wants
// them.
type order struct{ tree *btree.BTreeG[spot] }

// spot is a trace at its place in an order.
type spot struct {
	roentgen.Place
	trace *trace
}

// degree is that of the tree: 32 to 64 places in a node.
const degree = 32

func newOrder() order {
	return order{btree.NewG(degree, func(a, b spot) bool { return b.Behind(a.Place) })}
}

func (o order) len() int { return o.tree.Len() }

// last returns the time at the end of the order, 0 where it is empty.
func (o order) last() roentgen.Time {
	p, _ := o.tree.Max()
	return p.At
}

// oldest returns what stands at the end of the order.
func (o order) oldest() (spot, bool) { return o.tree.Max() }

// from returns the first place that is not before at, or, when behind is set,
// the first one behind it.
func (o order) from(at roentgen.Place, behind bool) (found spot, ok bool) {
	o.each(at, behind, func(p spot) bool {
		found, ok = p, true
		return false
	})
	return found, ok
}

// each calls fn for that place and those after it, until fn returns false.
func (o order) each(at roentgen.Place, behind bool, fn func(spot) bool) {
	o.tree.AscendGreaterOrEqual(spot{Place: at}, func(p spot) bool {
		return behind && p.Place == at || fn(p)
	})
}

// move puts t where its documents now say, or takes it out.
func (o order) move(t *trace, was, is *roentgen.Place) {
	if was != nil {
		o.tree.Delete(spot{Place: *was})
	}
	if is != nil {
		o.tree.ReplaceOrInsert(spot{*is, t})
	}
}

// arrange puts t in its place in every order.
func (s *Store) arrangeLocked(t *trace) {
	for c, is := range t.clocks() {
		was := t.places[c]
		if was == nil && is == nil || was != nil && is != nil && *was == *is {
			continue
		}
		s.mu.orders[c].move(t, was, is)
		t.places[c] = is
	}
}

// clocks reads the clocks off the documents, as Summary.At would.
func (t *trace) clocks() (at [clocks]*roentgen.Place) {
	if len(t.entities) == 0 {
		return at
	}
	if !t.times.known {
		t.times = t.readTimes()
	}
	at[roentgen.ClockStart] = &roentgen.Place{At: t.times.start, Trace: t.id}
	at[roentgen.ClockUpdated] = &roentgen.Place{At: t.times.updated, Trace: t.id}
	if t.times.end != 0 {
		at[roentgen.ClockEnd] = &roentgen.Place{At: t.times.end, Trace: t.id}
	}
	return at
}

// times are what the clocks of a trace show. They follow what is added, so that
// a trace of many documents that come one by one is not read through for each.
type times struct {
	start, updated, end roentgen.Time
	known               bool // false: they have to be read off the documents
}

func (t *trace) readTimes() times {
	w := times{start: t.entities[0].stands().first(), known: true}
	for _, e := range t.entities {
		w.start, w.end = min(w.start, e.stands().first()), max(w.end, e.stands().last())
		for _, h := range e.copies {
			w.updated = max(w.updated, h.stored.Received)
		}
	}
	return w
}

// add takes h in, in place of what stood for its entity, nil where nothing did.
func (w *times) add(h, stood *held) {
	w.updated = max(w.updated, h.stored.Received)
	if stood != nil && (stood.first() < h.first() && stood.first() == w.start || stood.last() > h.last() && stood.last() == w.end) {
		w.known = false
	}
	w.start, w.end = min(w.start, h.first()), max(w.end, h.last())
}

// first and last are the times that count for the trace's clocks.
func (h *held) first() roentgen.Time { return h.row.Parts[0].Start }
func (h *held) last() roentgen.Time  { return h.row.Parts[0].Last }
