package block

import (
	"github.com/google/btree"

	"github.com/roentgen/roentgen"
)

// clocks is how many clocks there are, and so how many orders.
const clocks = 3

// order holds the traces of a shard that have one clock, newest first, as a
// Window wants them.
type order struct{ tree *btree.BTreeG[spot] }

// spot is a trace at its place in an order.
type spot struct {
	roentgen.Place
	trace *trace
}

// spotAt is where a trace stands in an order, if it does.
type spotAt struct {
	at roentgen.Time
	in bool
}

// degree is that of the tree: 32 to 64 places in a node.
const degree = 32

func newOrder() order {
	return order{btree.NewG(degree, func(a, b spot) bool { return b.Behind(a.Place) })}
}

// from returns the first place that is not before at, or, when behind is set,
// the first one behind it.
func (o order) from(at roentgen.Place, behind bool) (found spot, ok bool) {
	o.tree.AscendGreaterOrEqual(spot{Place: at}, func(p spot) bool {
		if behind && p.Place == at {
			return true
		}
		found, ok = p, true
		return false
	})
	return found, ok
}

// stray notes that t may have to move in an order. Nobody looks at most traces
// before a flush takes them, so that they move when somebody does.
func (h *head) stray(t *trace) {
	if !t.astray {
		t.astray = true
		h.strays = append(h.strays, t)
	}
}

// arrange puts every trace in its place in every order.
func (h *head) arrange() {
	for _, t := range h.strays {
		t.astray = false
		h.place(t)
	}
	clear(h.strays)
	h.strays = h.strays[:0]
}

// place puts t in its place in every order; it has none when it was dropped.
func (h *head) place(t *trace) {
	for c, is := range t.clocks() {
		was := t.places[c]
		if was == is {
			continue
		}
		if was.in {
			h.orders[c].tree.Delete(spot{Place: roentgen.Place{At: was.at, Trace: t.id}})
		}
		if is.in {
			h.orders[c].tree.ReplaceOrInsert(spot{roentgen.Place{At: is.at, Trace: t.id}, t})
		}
		t.places[c] = is
	}
}

// inOrder calls fn while every trace is in its place and none can move.
func (sh *shard) inOrder(fn func(*[clocks]order)) {
	sh.mu.RLock()
	if len(sh.mu.strays) == 0 {
		defer sh.mu.RUnlock()
		fn(&sh.mu.orders)
		return
	}
	sh.mu.RUnlock()
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.mu.arrange()
	fn(&sh.mu.orders)
}

// clocks reads the clocks off the documents, as Summary.At would.
func (t *trace) clocks() (at [clocks]spotAt) {
	if len(t.entities) == 0 {
		return at
	}
	show := t.clock()
	at[roentgen.ClockStart] = spotAt{show.start, true}
	at[roentgen.ClockUpdated] = spotAt{show.updated, true}
	if show.end != 0 {
		at[roentgen.ClockEnd] = spotAt{show.end, true}
	}
	return at
}
