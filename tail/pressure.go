package tail

import (
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
)

// SetPressure sets the share of traces, 0 to 1, that are shed: whole, and the same on every agent with the same share.
// Traces that are kept already, and those that were asked for, are not.
func (t *Tail) SetPressure(level float64) {
	if !(level > 0) {
		t.pressure.Store(0)
		return
	}
	// Above 1-2^-64 the product would be 2^64, which is no uint64.
	share := level * math.MaxUint64
	if share >= math.MaxUint64 {
		t.pressure.Store(math.MaxUint64)
		return
	}
	t.pressure.Store(uint64(share))
}

// sheds says whether the trace is among those that are shed. Its position is the hash of its id, so that shares nest:
// what is shed at a tenth is shed at a half.
func (t *Tail) sheds(id roentgen.TraceID) bool {
	below := t.pressure.Load()
	return below != 0 && xxhash.Sum64(id[:]) < below
}
