package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

// history is Rollups and, beside them, the traces that are in them.
type history struct {
	*Rollups
	rows    map[*Tally]*roentgen.Rows
	members map[*Tally][]Member
}

func newHistory() *history {
	return &history{NewRollups(), map[*Tally]*roentgen.Rows{}, map[*Tally][]Member{}}
}

func (h *history) add(rows *roentgen.Rows, members ...Member) *Tally {
	t := h.Add(rows, members...)
	h.rows[t], h.members[t] = rows, members
	return t
}

// addMember has one group join later.
func (h *history) addMember(rows *roentgen.Rows, members []Member) {
	if len(members) == 0 {
		h.add(rows)
		return
	}
	t := h.add(rows, members[1:]...)
	h.Join(t, members[0])
	h.members[t] = members
}

func (h *history) remove(t *Tally) {
	h.Remove(t)
	delete(h.rows, t)
	delete(h.members, t)
}

// any returns a trace, nil where there is none.
func (h *history) any() *Tally {
	for t := range h.rows {
		return t
	}
	return nil
}

// check compares the graph of a window with the plain one.
func (h *history) check(t *testing.T, w window, version uint64) {
	t.Helper()
	var in []*roentgen.Rows
	old := false
	for tally, rows := range h.rows {
		start := rows.Summary.Start
		for _, m := range append([]Member{{Version: math.MaxUint64}}, h.members[tally]...) {
			if m.Group == w.group && start >= w.from && start < w.to {
				in = append(in, rows)
				old = old || m.Version < version
			}
		}
	}
	want := plainGraph(in)
	want.OldGroups = old
	if got := h.Graph(w.from, w.to, w.group, version); !same(got, want) {
		t.Fatalf("window %v to %v, group %q, %d traces:\n got  %v\n want %v", w.from.Time(), w.to.Time(), w.group, len(in), got, want)
	}
}

func same(a, b *Graph) bool { return reflect.DeepEqual(a, b) }

// crowded draws starts of which most are in three minutes around a midnight.
func crowded(r *rand.Rand) func() roentgen.Time {
	return func() roentgen.Time {
		day := roentgen.Time(24 * time.Hour)
		switch r.IntN(10) {
		case 0:
			return noon + roentgen.Time(r.Int64N(int64(3*day)))
		case 1:
			return noon + day/2 + roentgen.Time(r.Int64N(int64(2*time.Hour)))
		}
		return noon + day/2 - roentgen.Time(time.Minute) + roentgen.Time(r.Int64N(int64(3*time.Minute)))
	}
}

// window draws bounds that are now and then those of seconds, minutes, hours
// and days.
func drawWindow(r *rand.Rand, group string) window {
	edge := func() roentgen.Time {
		at := crowded(r)()
		if r.IntN(3) > 0 {
			at = floor(at, []time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour}[r.IntN(4)])
		}
		return at
	}
	from, to := edge(), edge()
	if r.IntN(4) > 0 {
		from, to = min(from, to), max(from, to)
	}
	return window{from, to, group}
}

func TestRollupsGiveWhatTheTracesGive(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			r := &randomRows{random, 9, crowded(random), false}
			h := newHistory()
			for round := range 36 {
				grow := round%20 < 14
				for range 60 {
					if t := h.any(); t != nil && (!grow || random.IntN(3) == 0) {
						h.remove(t)
					}
					if grow {
						h.addMember(r.draw(), r.members())
					}
				}
				h.checkSome(t, random)
			}
			for len(h.rows) > 0 {
				h.remove(h.any())
			}
			h.wantEmpty(t)
		})
	}
}

// members draws those of two groups.
func (r *randomRows) members() (out []Member) {
	for n := range 2 {
		if r.IntN(3) == 0 {
			out = append(out, Member{fmt.Sprint("group-", n), uint64(r.IntN(3))})
		}
	}
	return out
}

func (h *history) checkSome(t *testing.T, r *rand.Rand) {
	t.Helper()
	for _, group := range []string{"", "group-0", "group-1", "group-2"} {
		h.check(t, window{math.MinInt64, math.MaxInt64, group}, 1)
		for range 3 {
			h.check(t, drawWindow(r, group), uint64(r.IntN(3)))
		}
	}
}

// wantEmpty wants that nothing is left of what was.
func (h *history) wantEmpty(t *testing.T) {
	t.Helper()
	if len(h.top.children)+len(h.top.lanes) > 0 {
		t.Errorf("%d days and %d lanes are left", len(h.top.children), len(h.top.lanes))
	}
	if n := len(h.services.numbers) + len(h.pairs.numbers) + len(h.names.numbers); n > 0 {
		t.Errorf("%d names have a number", n)
	}
}

func TestAForgottenGroupHasNoMembers(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	r := &randomRows{random, 5, crowded(random), false}
	h := newHistory()
	for range 800 {
		h.add(r.draw(), Member{"gone", 1}, Member{"group-0", 1})
	}
	h.check(t, window{math.MinInt64, math.MaxInt64, "gone"}, 2)
	h.Forget("gone")
	for tally := range h.members {
		h.members[tally] = h.members[tally][1:]
	}
	h.check(t, window{math.MinInt64, math.MaxInt64, "gone"}, 2)
	h.checkSome(t, random)
	for len(h.rows) > 0 {
		h.remove(h.any())
	}
	h.wantEmpty(t)
}

// The sum of a minute comes when there are many traces and goes when there are
// few, and idle hours have none.
func TestSumsAreKeptWhereManyTracesAre(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	r := &randomRows{random, 5, func() roentgen.Time { return noon }, false}
	h := newHistory()
	hold := func(traces int, want bool) {
		for len(h.rows) < traces {
			h.add(r.draw())
		}
		for len(h.rows) > traces {
			h.remove(h.any())
		}
		h.check(t, window{noon, noon + 1, ""}, 0)
		minute := h.top.children[0].children[0].children[0].children[0]
		if got := minute.lane("").cell != nil; got != want {
			t.Errorf("%d traces: a sum is kept: %v", traces, got)
		}
	}
	hold(cellTraces-1, false)
	hold(cellTraces, true)
	hold(cellTraces/2, true)
	hold(cellTraces/2-1, false)
	hold(cellTraces-1, false)
	hold(5*cellTraces, true)
}

func TestTheEndsOfTimeAreTimesLikeOthers(t *testing.T) {
	for _, start := range []roentgen.Time{math.MinInt64, math.MinInt64 + 5, -1, 0, math.MaxInt64 - 1} {
		random := rand.New(rand.NewPCG(7, 7))
		r := &randomRows{random, 5, func() roentgen.Time { return start }, false}
		h := newHistory()
		for range 2 * exactTraces {
			h.add(r.draw())
		}
		g := h.Graph(start, start+1, "", 0)
		if want := h.Graph(math.MinInt64, math.MaxInt64, "", 0); len(g.Nodes) == 0 || !same(g, want) {
			t.Errorf("at %d:\n got  %v\n want %v", start, g, want)
		}
		if g := h.Graph(start+1, math.MaxInt64, "", 0); len(g.Nodes) > 0 {
			t.Errorf("behind %d: %v", start, g)
		}
	}
}

func TestOfCountsTracesOnceEach(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	r := &randomRows{random, 6, crowded(random), false}
	for _, n := range []int{0, 1, 2, exactTraces, exactTraces + 1, 3 * exactTraces} {
		all := make([]*roentgen.Rows, n)
		for i := range all {
			all[i] = r.draw()
		}
		if got, want := Of(all...), plainGraph(all); !same(got, want) {
			t.Errorf("%d traces:\n got  %v\n want %v", n, got, want)
		}
	}
}

// calledRows is a client that called one service.
func calledRows(name string, start roentgen.Time, took time.Duration) *roentgen.Rows {
	rows := &roentgen.Rows{Summary: &roentgen.Summary{Start: start}, Nodes: []roentgen.NodeRow{
		{ServiceID: roentgen.ServiceID{Name: name}}, {ServiceID: roentgen.ServiceID{Name: "client"}},
	}}
	e, d := roentgen.EdgeRow{Source: &rows.Nodes[1], Destination: &rows.Nodes[0]}, roentgen.Seconds(took, true)
	rows.Edges = []roentgen.EdgeRow{e}
	rows.Segments = []roentgen.SegmentRow{{Node: &rows.Nodes[0], Start: start, Duration: d}}
	rows.Calls = []roentgen.CallRow{{EdgeRow: e, Start: start, Duration: d}}
	return rows
}

// An end_time in milliseconds makes a segment as long as segments can be. A
// thousand of them are longer together than a Duration.
func TestWildClocksDoNotTurnTotalsRound(t *testing.T) {
	r := NewRollups()
	const wild = 3000
	var all []*Tally
	for n := range roentgen.Time(wild) {
		all = append(all, r.Add(calledRows("x", noon+n, longest)))
	}
	total := func() time.Duration {
		return r.Graph(math.MinInt64, math.MaxInt64, "", 0).Nodes[1].Stats.Total
	}
	if got := total(); got != math.MaxInt64 {
		t.Errorf("the total of %d times 100 days is %v", wild, got)
	}
	r.Add(calledRows("x", noon, 1234567890))
	for n, tally := range all {
		r.Remove(tally)
		if left := wild - n - 1; left == 1000 || left == 300 || left == 0 {
			if got, want := total(), time.Duration(left)*longest+1234567890; got != want {
				t.Errorf("the total of %d times 100 days and a second is %v, want %v", left, got, want)
			}
		}
	}
}

// A node of which little was counted takes little: names that are made up by
// the request would else fill the memory of whoever looks at the map.
func TestAGraphOfManyNamesTakesLittleMemory(t *testing.T) {
	const names, perName = 5000, 8 << 10
	r := NewRollups()
	for n := range names {
		r.Add(calledRows(fmt.Sprint("order-", n), noon+roentgen.Time(n)*1e6, time.Duration(n+1)*time.Millisecond))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g := r.Graph(noon, noon+roentgen.Time(time.Hour), "", 0)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; len(g.Nodes) != names+1 || took > names*perName {
		t.Errorf("%d nodes took %d bytes, %d each", len(g.Nodes), took, took/names)
	}
}
