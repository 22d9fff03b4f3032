package index

import (
	"encoding/binary"
	"testing"

	"github.com/roentgen/roentgen"
)

// idOf returns a trace id of this block's.
func idOf(block, n int) (id roentgen.TraceID) {
	binary.LittleEndian.PutUint32(id[:], uint32(block+1))
	binary.LittleEndian.PutUint64(id[8:], uint64(n)*0x9e3779b97f4a7c15)
	return id
}

func summaryWith(lines, block, n int) *Summary {
	s := &Summary{ids: make(bloom, lines*bloomBlock)}
	for i := range n {
		s.ids.add(uint64(KeyOf(idOf(block, i))))
	}
	return s
}

// TestASieveSaysWhatTheFiltersSay asks for ids that one block has and for ids
// that none has.
func TestASieveSaysWhatTheFiltersSay(t *testing.T) {
	const lines, each = 4, 120
	v := NewSieve(lines)
	var all []*Summary
	for slot := range SieveSlots {
		s := summaryWith(lines, slot, each)
		v.Add(slot, s)
		all = append(all, s)
		for i := range each {
			if v.May(KeyOf(idOf(slot, i)))>>slot&1 == 0 {
				t.Fatalf("slot %d does not know its trace %d", slot, i)
			}
		}
	}
	for block := range 2 * SieveSlots { // the second half is of no block
		for i := range each {
			key := KeyOf(idOf(block, i))
			may := v.May(key)
			for slot, s := range all {
				if s.HasKey(key) != (may>>slot&1 == 1) {
					t.Fatalf("slot %d, block %d, trace %d: the sieve says %064b", slot, block, i, may)
				}
			}
		}
	}
}

func TestFiltersOfIDsHaveLinesThatSievesTake(t *testing.T) {
	for _, c := range []struct{ entries, lines int }{{0, 0}, {1, 1}, {21, 1}, {22, 2}, {2000, 128}, {10_922, 512}} {
		if got := idBloomSize(c.entries) / bloomBlock; got != c.lines {
			t.Errorf("%d ids get %d lines, want %d", c.entries, got, c.lines)
		}
	}
	if n := (&Summary{ids: make(bloom, 1024*bloomBlock)}).SieveLines(); n != 0 {
		t.Errorf("a sieve of %d lines; filters so large are asked one by one", n)
	}
}

func TestASieveAllocatesNothingWhenAsked(t *testing.T) {
	v := NewSieve(1)
	v.Add(63, summaryWith(1, 1, 10))
	key := KeyOf(idOf(1, 5))
	if n := testing.AllocsPerRun(100, func() {
		if v.May(key)>>63 != 1 {
			t.Error("the trace is not found")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkNewTraceInManyBlocks looks for a trace that none of 4,096 blocks has.
func BenchmarkNewTraceInManyBlocks(b *testing.B) {
	const blocks, lines, each = 4096, 128, 2000
	all := make([]*Summary, blocks)
	var sieves []*Sieve
	for i := range all {
		all[i] = summaryWith(lines, i, each)
		if i%SieveSlots == 0 {
			sieves = append(sieves, NewSieve(lines))
		}
		sieves[i/SieveSlots].Add(i%SieveSlots, all[i])
	}
	b.Run("one filter after the other", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			id := idOf(blocks+1, i)
			for _, s := range all {
				s.HasTrace(id)
			}
		}
	})
	b.Run("sieves", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			key := KeyOf(idOf(blocks+1, i))
			for _, v := range sieves {
				v.May(key)
			}
		}
	})
}
