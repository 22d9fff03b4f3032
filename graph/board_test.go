package graph

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

// boardHistory is a board, the head beside it, and all living traces.
type boardHistory struct {
	*Board
	r       *randomRows
	head    *history
	blocks  map[uint64]bundled
	dead    map[uint64]map[int]bool
	next    uint64
	largest int // how many traces a block has
	loads   int
}

func newBoardHistory(random *rand.Rand, maxBytes int64) *boardHistory {
	return &boardHistory{
		Board: NewBoard(maxBytes), r: &randomRows{random, 9, crowded(random), true}, head: newHistory(),
		largest: 600, blocks: map[uint64]bundled{}, dead: map[uint64]map[int]bool{},
	}
}

func (h *boardHistory) put(x bundled) (id uint64, from, to roentgen.Time, load func() (*Bundle, error)) {
	id = h.next
	h.next++
	h.blocks[id], h.dead[id] = x, map[int]bool{}
	from, to = math.MaxInt64, math.MinInt64
	for _, rows := range x.rows {
		from, to = min(from, rows.Summary.Start), max(to, rows.Summary.Start)
	}
	return id, from, to, func() (*Bundle, error) { h.loads++; return x.Bundle, nil }
}

func (h *boardHistory) drop(id uint64) {
	delete(h.blocks, id)
	delete(h.dead, id)
}

func (h *boardHistory) any() (uint64, bool) {
	ids := make([]uint64, 0, len(h.blocks))
	for id := range h.blocks {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return 0, false
	}
	slices.Sort(ids)
	return ids[h.r.IntN(len(ids))], true
}

// step does one thing that happens to a store.
func (h *boardHistory) step(t *testing.T) {
	id, ok := h.any()
	switch what := h.r.IntN(10); {
	case what < 3 || !ok:
		if len(h.blocks) < 12 {
			h.Put(h.put(bundle(t, h.r, 1+h.r.IntN([]int{3, 150, h.largest}[h.r.IntN(3)]))))
		}
	case what < 4:
		h.Drop(id)
		h.drop(id)
	case what < 6:
		h.pull(id)
	case what < 7:
		h.compact(t)
	case what < 9:
		h.head.addMember(h.r.draw(), h.r.members())
	default:
		if t := h.head.any(); t != nil {
			h.head.remove(t)
		}
	}
}

// pull takes traces out of a block and into the head.
func (h *boardHistory) pull(id uint64) {
	x := h.blocks[id]
	for range 1 + h.r.IntN(4) {
		row := h.r.IntN(len(x.rows))
		h.Kill(id, row)
		if !h.dead[id][row] {
			h.head.addMember(x.rows[row], x.members[row])
		}
		h.dead[id][row] = true
	}
}

// compact writes some blocks anew as one.
func (h *boardHistory) compact(t *testing.T) {
	b, out := NewBundler(), bundled{}
	b.least = 1 + h.r.IntN(100)
	var gone []uint64
	for range 1 + h.r.IntN(3) {
		if id, ok := h.any(); ok && !slices.Contains(gone, id) {
			gone = append(gone, id)
		}
	}
	for _, id := range gone {
		for row, rows := range h.blocks[id].rows {
			if !h.dead[id][row] {
				b.Add(rows, h.blocks[id].members[row]...)
				out.rows, out.members = append(out.rows, rows), append(out.members, h.blocks[id].members[row])
			}
		}
		h.drop(id)
	}
	var err error
	if out.Bundle, err = ParseBundle(b.Encode(nil)); err != nil {
		t.Fatal(err)
	}
	if len(out.rows) == 0 {
		for _, id := range gone {
			h.Drop(id)
		}
		return
	}
	id, from, to, load := h.put(out)
	h.Replace(gone, id, from, to, load)
}

// living returns all traces that live.
func (h *boardHistory) living() *history {
	all := newHistory()
	for tally, rows := range h.head.rows {
		all.add(rows, h.head.members[tally]...)
	}
	for id, x := range h.blocks {
		for row, rows := range x.rows {
			if !h.dead[id][row] {
				all.add(rows, x.members[row]...)
			}
		}
	}
	return all
}

// check compares the graph of a window with that of all living traces.
func (h *boardHistory) check(t *testing.T, all *history, w window, version uint64) {
	t.Helper()
	want := all.Graph(w.from, w.to, w.group, version)
	got, err := h.Graph(w.from, w.to, w.group, version, h.head.Rollups)
	if err != nil || !same(got, want) {
		t.Fatalf("window %v to %v, group %q, %d traces: %v\n got  %v\n want %v", w.from.Time(), w.to.Time(), w.group, len(all.rows), err, got, want)
	}
}

func TestABoardGivesWhatTheTracesGive(t *testing.T) { testBoard(t, 3, 600) }

func testBoard(t *testing.T, seeds uint64, largest int) {
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 11))
			h := newBoardHistory(random, []int64{0, 300_000, 100_000_000}[seed%3])
			h.largest = largest
			h.dense = []float64{100, 300, 2}[seed%3]
			for range 60 {
				h.step(t)
				if random.IntN(4) > 0 {
					continue
				}
				all := h.living()
				for _, group := range []string{"", "group-0", "group-1"} {
					h.check(t, all, window{math.MinInt64, math.MaxInt64, group}, 1)
					h.check(t, all, drawWindow(random, group), uint64(random.IntN(3)))
				}
			}
			h.wantBounded(t)
		})
	}
}

func (h *boardHistory) wantBounded(t *testing.T) {
	t.Helper()
	bytes := int64(0)
	for at := h.used.Front(); at != nil; at = at.Next() {
		bytes += at.Value.(*kept).size
	}
	if bytes != h.bytes || bytes > h.most || h.used.Len() != len(h.cache) {
		t.Errorf("%d bytes, said to be %d of %d, in %d and %d", bytes, h.bytes, h.most, h.used.Len(), len(h.cache))
	}
}

// minuteBundle has n traces in one minute, and a few of them in a group.
func minuteBundle(t testing.TB, random *rand.Rand, n int) bundled {
	return bundle(t, &randomRows{random, 5, func() roentgen.Time { return noon + roentgen.Time(random.Int64N(int64(time.Minute))) }, true}, n)
}

func TestWhatIsAskedAgainIsNotLoadedAgain(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 11))
	h := newBoardHistory(random, 1<<30)
	ask := func(what string, loads int) {
		t.Helper()
		h.loads = 0
		h.check(t, h.living(), window{noon, noon + roentgen.Time(time.Hour), ""}, 0)
		if h.loads != loads {
			t.Errorf("%s: %d bundles were loaded, want %d", what, h.loads, loads)
		}
	}
	for range 5 {
		h.Put(h.put(minuteBundle(t, random, 300)))
	}
	ask("the first time", 5)
	ask("again", 0)
	h.Put(h.put(minuteBundle(t, random, 300)))
	ask("with a new block", 1)
	for row := range 3 {
		h.Kill(2, row)
		h.dead[2][row] = true
	}
	ask("with dead traces", 1)
	ask("again", 0)
	h.compact(t)
	ask("after a compaction", 0)
	h.Drop(h.next - 1)
	h.drop(h.next - 1)
	ask("after a block is gone", len(h.blocks))
}

func TestALoadThatFailsIsToldWithItsBlock(t *testing.T) {
	b, broken := NewBoard(1<<20), errors.New("the disk is gone")
	b.Put(7, noon, noon+5, func() (*Bundle, error) { return nil, broken })
	if _, err := b.Graph(noon, noon+9, "", 0, nil); !errors.Is(err, broken) || errors.Is(err, ErrChanged) {
		t.Error(err)
	}
	if g, err := b.Graph(noon-9, noon, "", 0, nil); err != nil || len(g.Nodes) > 0 {
		t.Error("what does not begin in the window is not loaded: ", err)
	}
	b.Put(7, noon, noon+5, func() (*Bundle, error) { b.Drop(7); return nil, broken })
	if g, err := b.Graph(noon, noon+9, "", 0, nil); err != nil || len(g.Nodes) > 0 {
		t.Errorf("a block that is gone before it is loaded: %v, %v", g, err)
	}
}

// A question is of the moment when it was asked.
func TestAQuestionDoesNotChange(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 11))
	h := newBoardHistory(random, 1<<30)
	for range 2 {
		h.Put(h.put(minuteBundle(t, random, 300)))
	}
	tally := h.head.add(calledRows("x", noon+5, time.Second))
	want, err := h.Graph(noon, noon+1e10, "", 0, h.head.Rollups)
	if err != nil {
		t.Fatal(err)
	}
	q := h.Ask(noon, noon+1e10, "", 0, h.head.Rollups)
	h.head.remove(tally)
	h.head.add(calledRows("y", noon+5, time.Second))
	h.pull(0)
	h.Drop(1)
	if got, err := q.Graph(); err != nil || !same(got, want) {
		t.Errorf("%v\n got  %v\n want %v", err, got, want)
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 11))
	b, x := NewBoard(1<<20), minuteBundle(t, random, 300)
	load := func() (*Bundle, error) { return x.Bundle, nil }
	var wg sync.WaitGroup
	for n := range uint64(4) {
		wg.Go(func() {
			for i := range 15 {
				b.Put(n, noon, noon+roentgen.Time(time.Minute), load)
				if _, err := b.Graph(noon, noon+roentgen.Time(i)*3e9, "", 0, nil); err != nil {
					t.Error(err)
				}
				b.Replace([]uint64{n}, n+10, noon, noon+roentgen.Time(time.Minute), load)
				b.Kill(n+10, i)
				if i < 14 {
					b.Drop(n + 10)
				}
			}
		})
	}
	wg.Wait()
	all := newHistory()
	for range 4 {
		for row, rows := range x.rows {
			if row != 14 {
				all.add(rows)
			}
		}
	}
	got, err := b.Graph(noon, noon+1e12, "", 0, nil)
	if want := all.Graph(noon, noon+1e12, "", 0); err != nil || !same(got, want) {
		t.Errorf("%v\n got  %v\n want %v", err, got, want)
	}
}
