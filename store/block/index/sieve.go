package index

import (
	"math/bits"
	"sync/atomic"

	"github.com/roentgen/roentgen"
)

// SieveSlots is how many blocks a Sieve asks at once.
const SieveSlots = 64

// maxSieveLines bounds what a Sieve takes: 4 KiB of memory for each line of its filters. Blocks with larger filters are
// few, because much is in each, and are asked one by one.
const maxSieveLines = 512

// Key is what filters know a trace by. One that is looked for in many blocks is made into its key once.
type Key uint64

// KeyOf returns the key of a trace.
func KeyOf(id roentgen.TraceID) Key { return Key(hashID(id)) }

// SieveLines returns how large a Sieve has to be that takes this summary; 0: none does.
func (s *Summary) SieveLines() int {
	lines := len(s.ids) / bloomBlock
	if lines == 0 || lines > maxSieveLines {
		return 0
	}
	return lines
}

// Sieve is the filters of trace ids of up to 64 blocks, laid across: where one filter has a bit, it has the bits of all
// of them side by side. So a trace is looked for in 64 blocks with eight words of memory or fewer. One goroutine at a
// time changes it; any number may ask meanwhile.
type Sieve struct {
	lines int
	bits  []uint64 // by line, word of the line and bit of the word; in each the slots
}

// NewSieve returns a Sieve for filters of so many lines.
func NewSieve(lines int) *Sieve {
	return &Sieve{lines: lines, bits: make([]uint64, lines*bloomBlock*8)}
}

// Add puts the filter of s, which has as many lines as the Sieve, into a slot that had none before.
func (v *Sieve) Add(slot int, s *Summary) {
	for at, set := range s.ids {
		for ; set != 0; set &= set - 1 {
			atomic.OrUint64(&v.bits[at*8+bits.TrailingZeros8(set)], 1<<slot)
		}
	}
}

// May returns the slots that may have a trace, a bit for each: wrongly so now and then, and without one that has it
// never.
func (v *Sieve) May(key Key) uint64 {
	line, _ := bits.Mul64(uint64(key), uint64(v.lines))
	spread := scatter(uint64(key))
	here := v.bits[line*bloomBlock*8:][:bloomBlock*8]
	slots := ^uint64(0)
	for word := range uint64(8) {
		slots &= atomic.LoadUint64(&here[word*64+spread>>(6*word)&63])
		if slots == 0 {
			break
		}
	}
	return slots
}
