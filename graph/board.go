package graph

import (
	"cmp"
	"container/list"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/roentgen/roentgen"
)

// Board answers what the graph of a window is over the bundles of many blocks.
// It is safe for many goroutines.
//
// Of what it was asked for it keeps subtotals: of the days, hours, minutes, and
// where there are very many traces, seconds that make up the windows. Each
// knows of which bundles, without which dead traces, it is the sum. So a change
// costs nothing when it comes; a subtotal is brought up to date when it is
// needed next: with the bundle that is new, and without the tally of a trace
// that has died meanwhile. What was not used for longest goes when there is too
// much.
type Board struct {
	most  int64 // bytes of subtotals
	dense float64

	// mu is never held while something is loaded or added up.
	mu      sync.Mutex
	byID    map[uint64]*entry
	entries []*entry // in their order
	cache   map[spanKey]*list.Element
	used    list.List // of *kept, the last used first
	bytes   int64     // of what is kept
}

// entry is a bundle on the board. Board.mu guards what changes.
type entry struct {
	id       uint64
	from, to roentgen.Time // of starts; both are in it
	load     func() (*Bundle, error)
	dead     []uint64     // a bit for each row
	kills    []uint32     // dead rows, in the order in which they died
	gone     bool         // dropped
	rows     atomic.Int64 // once it was loaded; 0: nobody knows
	unsure   atomic.Bool  // it does not say for how many requests its traces stand
}

func (e *entry) compare(f *entry) int {
	return cmp.Or(cmp.Compare(e.from, f.from), cmp.Compare(e.id, f.id))
}

// meets reports whether a trace of e may begin in [from, to).
func (e *entry) meets(from, to roentgen.Time) bool { return e.from < to && e.to >= from }

// part is a bundle without the first so many traces that died.
type part struct {
	*entry
	kills int
}

// NewBoard returns a Board without bundles. It keeps subtotals of up to
// maxBytes bytes; besides, an answer holds one bundle at a time.
func NewBoard(maxBytes int64) *Board {
	return &Board{most: maxBytes, dense: denseTraces, byID: map[uint64]*entry{}, cache: map[spanKey]*list.Element{}}
}

// Put adds the bundle of a block, under a number that no other has. All traces
// in it began from from to to, both included. load is called by any goroutine
// that needs the bundle, and not kept waiting for; a cache of bundles belongs
// into it.
func (b *Board) Put(id uint64, from, to roentgen.Time, load func() (*Bundle, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropLocked(id)
	b.putLocked(id, from, to, load)
}

func (b *Board) putLocked(id uint64, from, to roentgen.Time, load func() (*Bundle, error)) *entry {
	e := &entry{id: id, from: from, to: to, load: load}
	i, _ := slices.BinarySearchFunc(b.entries, e, (*entry).compare)
	b.entries = slices.Insert(b.entries, i, e)
	b.byID[id] = e
	return e
}

// Drop takes a bundle off the board.
func (b *Board) Drop(id uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropLocked(id)
}

func (b *Board) dropLocked(id uint64) {
	if e := b.takeLocked(id); e != nil {
		b.forgetLocked(func(k *kept) bool { return k.has(e) })
	}
}

// takeLocked takes an entry off, without a look at what is kept.
func (b *Board) takeLocked(id uint64) *entry {
	e := b.byID[id]
	if e == nil {
		return nil
	}
	e.gone = true
	delete(b.byID, id)
	i, _ := slices.BinarySearchFunc(b.entries, e, (*entry).compare)
	b.entries = slices.Delete(b.entries, i, i+1)
	return e
}

// Replace puts a bundle in the place of others, at one moment: its traces have
// to be those that live in the others, with the same contributions. What is
// kept of them stays, unless they were bundles of version 1.
func (b *Board) Replace(gone []uint64, id uint64, from, to roentgen.Time, load func() (*Bundle, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var old []*entry
	for _, id := range gone {
		if e := b.takeLocked(id); e != nil {
			old = append(old, e)
		}
	}
	b.dropLocked(id)
	e := b.putLocked(id, from, to, load)
	b.forgetLocked(func(k *kept) bool {
		counted := slices.ContainsFunc(old, func(o *entry) bool { return o.unsure.Load() && k.has(o) })
		return counted || !k.replace(old, e)
	})
}

// Kill makes a trace count no more.
func (b *Board) Kill(id uint64, row int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.byID[id]
	if e == nil || row < 0 {
		return
	}
	if more := row/64 + 1 - len(e.dead); more > 0 {
		e.dead = append(e.dead, make([]uint64, more)...)
	}
	if bit := uint64(1) << (row % 64); e.dead[row/64]&bit == 0 {
		e.dead[row/64] |= bit
		e.kills = append(e.kills, uint32(row))
	}
}

// deadOf returns the first so many traces that died.
func (b *Board) deadOf(p part) []uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return p.entry.kills[:p.kills]
}

// Graph returns the graph of the living traces that started in [from, to),
// those in head included: of all, or of the members of a group. It is what
// Rollups.Graph would be with all of them. head may be nil; nobody must change
// it meanwhile.
func (b *Board) Graph(from, to roentgen.Time, group string, version uint64, head *Rollups) (*Graph, error) {
	for tries := 1; ; tries++ {
		g, err := b.Ask(from, to, group, version, head).Graph()
		if !errors.Is(err, ErrChanged) || tries == maxTries {
			return g, err
		}
	}
}

// maxTries is how often a question is asked whose bundles go away before they
// can be loaded.
const maxTries = 5

// ErrChanged says that a bundle could not be loaded any more, because it was
// taken off the board meanwhile. The question has to be asked anew.
var ErrChanged = errors.New("the blocks have changed meanwhile")

// loadPart loads a bundle.
func (b *Board) loadPart(p part) (*Bundle, error) {
	x, err := p.load()
	if err == nil {
		p.rows.Store(int64(x.rows))
		p.unsure.Store(x.version == 1)
		return x, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.gone {
		return nil, fmt.Errorf("load the graph bundle of block %d: %w: %w", p.id, ErrChanged, err)
	}
	return nil, fmt.Errorf("load the graph bundle of block %d: %w", p.id, err)
}
