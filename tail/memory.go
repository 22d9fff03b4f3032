package tail

import (
	"time"

	"github.com/roentgen/roentgen"
)

// decision is what was decided about a trace.
type decision struct {
	id          roentgen.TraceID
	probability float32
	reason      roentgen.KeepReason // KeepUnknown: the slot is empty
	open        bool                // its documents may not all have left the ring
}

func (d *decision) keep() roentgen.Keep {
	return roentgen.Keep{Reason: d.reason, Probability: float64(d.probability)}
}

// memory knows the traces that are kept, by their whole id, in two generations: the one that decisions go into, and the
// one before. It belongs to the owner.
type memory struct {
	now, before generation
	max         int // decisions of a generation
}

// generation is a hash table with open addressing and linear probing; nothing is ever taken out of it.
type generation struct {
	began time.Time
	used  int
	slots []decision // a power of two; nil: nothing was decided
}

const minSlots = 1 << 10

// find returns the decision about a trace, nil where there is none. It stands until the next remember.
func (m *memory) find(id roentgen.TraceID, hash uint64) *decision {
	if d := m.now.find(id, hash); d != nil {
		return d
	}
	return m.before.find(id, hash)
}

// remember enters a decision; a newer one about the same trace takes the place of the older.
func (m *memory) remember(d decision, h hasher) {
	if known := m.now.find(d.id, h.hash(&d)); known != nil {
		*known = d
		return
	}
	if m.now.used >= len(m.now.slots)/4*3 {
		m.now.grow(h)
	}
	m.now.enter(d, h.hash(&d))
}

// full says that there is no room for one more.
func (m *memory) full() bool { return m.now.used >= m.max }

// turn makes room: what is in the generation before is forgotten.
func (m *memory) turn(now time.Time) (forgotten int) {
	forgotten = m.before.used
	m.before, m.now = m.now, generation{began: now}
	return forgotten
}

func (m *memory) len() int { return m.now.used + m.before.used }

// open are the decisions of which documents may not all have left the ring.
func (m *memory) open() []decision { return m.now.open(m.before.open(nil)) }

func (g *generation) open(dst []decision) []decision {
	for _, d := range g.slots {
		if d.open {
			dst = append(dst, d)
		}
	}
	return dst
}

func (g *generation) find(id roentgen.TraceID, hash uint64) *decision {
	if g.used == 0 {
		return nil
	}
	for i := hash; ; i++ {
		d := &g.slots[i&uint64(len(g.slots)-1)]
		if d.reason == roentgen.KeepUnknown {
			return nil
		}
		if d.id == id {
			return d
		}
	}
}

func (g *generation) enter(d decision, hash uint64) {
	for i := hash; ; i++ {
		slot := &g.slots[i&uint64(len(g.slots)-1)]
		if slot.reason == roentgen.KeepUnknown {
			*slot = d
			g.used++
			return
		}
	}
}

func (g *generation) grow(h hasher) {
	old := g.slots
	g.slots, g.used = make([]decision, max(minSlots, 2*len(old))), 0
	for _, d := range old {
		if d.reason != roentgen.KeepUnknown {
			g.enter(d, h.hash(&d))
		}
	}
}
