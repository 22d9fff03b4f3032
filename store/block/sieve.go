package block

import (
	"iter"
	"math/bits"
	"slices"
	"sync/atomic"

	"github.com/roentgen/roentgen/store/block/index"
)

// sieves are the filters of trace ids of all blocks: every trace that arrives
// is looked for in all of them, and there may be thousands. They are changed by
// one goroutine at a time and asked by any number.
type sieves struct {
	groups atomic.Pointer[[]*sieveGroup] // oldest first; replaced, never changed
	odd    atomic.Pointer[[]*block]      // with filters that no sieve takes; replaced, never changed
}

// sieveGroup is blocks whose filters are equally large.
type sieveGroup struct {
	lines  int
	sieve  *index.Sieve
	blocks [index.SieveSlots]atomic.Pointer[block] // nil: never used, or gone
	used   int                                     // slots that a block was put in; none is used twice
	live   int                                     // of these, those whose block is there
}

// seat is where the filter of a block stands.
type seat struct {
	group *sieveGroup // nil: among the odd ones, or not there
	slot  int
	set   uint64 // number of the change after which the block was last there
}

// may yields the blocks that may have a trace, newest first but for those whose
// filters are of their own kind.
func (v *sieves) may(key index.Key) iter.Seq[*block] {
	return func(yield func(*block) bool) {
		for _, g := range slices.Backward(load(&v.groups)) {
			for slots := g.sieve.May(key); slots != 0; {
				slot := 63 - bits.LeadingZeros64(slots)
				slots &^= 1 << slot
				if b := g.blocks[slot].Load(); b != nil && !yield(b) {
					return
				}
			}
		}
		for _, b := range load(&v.odd) {
			if b.summary.HasKey(key) && !yield(b) {
				return
			}
		}
	}
}

func load[T any](p *atomic.Pointer[[]T]) []T {
	if list := p.Load(); list != nil {
		return *list
	}
	return nil
}

// change makes the sieves those of the blocks in set, newest first, instead of
// those in old.
func (v *sieves) change(old, set []*block) {
	var next uint64
	for _, b := range old {
		next = max(next, b.seat.set)
	}
	next++
	groups, odd := slices.Clone(load(&v.groups)), []*block{}
	for _, b := range slices.Backward(set) {
		seated := b.seat.set != 0
		b.seat.set = next
		switch {
		case b.summary.SieveLines() == 0:
			odd = append(odd, b)
		case !seated:
			groups = seatBlock(groups, b)
		}
	}
	for _, b := range old {
		if b.seat.set != next {
			b.rise()
		}
	}
	slices.Reverse(odd)
	groups = closeUp(groups)
	v.groups.Store(&groups)
	v.odd.Store(&odd)
}

// seatBlock gives b a slot in the newest group of its kind that has one free.
func seatBlock(groups []*sieveGroup, b *block) []*sieveGroup {
	lines := b.summary.SieveLines()
	i := -1
	for at, g := range slices.Backward(groups) {
		if g.lines == lines {
			i = at
			break
		}
	}
	if i < 0 || groups[i].used == index.SieveSlots {
		groups = append(groups, &sieveGroup{lines: lines, sieve: index.NewSieve(lines)})
		i = len(groups) - 1
	}
	g := groups[i]
	g.sieve.Add(g.used, b.summary)
	g.blocks[g.used].Store(b)
	b.seat.group, b.seat.slot = g, g.used
	g.used++
	g.live++
	return groups
}

// rise frees the slot of a block that is gone. Its bits stay: they cost a look
// at an empty slot now and then.
func (b *block) rise() {
	g := b.seat.group
	b.seat.group, b.seat.set = nil, 0
	if g != nil {
		g.blocks[b.seat.slot].Store(nil)
		g.live--
	}
}

// closeUp drops groups without blocks, and moves the last blocks of a group that
// was full into another.
func closeUp(groups []*sieveGroup) []*sieveGroup {
	var moved []*block
	groups = slices.DeleteFunc(groups, func(g *sieveGroup) bool {
		sparse := g.used == index.SieveSlots && g.live <= index.SieveSlots/8
		if sparse {
			for i := range g.blocks {
				if b := g.blocks[i].Load(); b != nil {
					moved = append(moved, b)
				}
			}
		}
		return g.live == 0 || sparse
	})
	for _, b := range moved {
		groups = seatBlock(groups, b)
	}
	return groups
}
