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

// arrange puts t in its place in every order.
func (h *head) arrange(t *trace) {
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

// clocks reads the clocks off the documents, as Summary.At would.
func (t *trace) clocks() (at [clocks]spotAt) {
	if len(t.entities) == 0 {
		return at
	}
	if !t.times.known {
		t.times = t.readTimes()
	}
	at[roentgen.ClockStart] = spotAt{t.times.start, true}
	at[roentgen.ClockUpdated] = spotAt{t.times.updated, true}
	if t.times.end != 0 {
		at[roentgen.ClockEnd] = spotAt{t.times.end, true}
	}
	return at
}
