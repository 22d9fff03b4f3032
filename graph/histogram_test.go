package graph

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// draw returns n durations of at most as many different values, from
// nanoseconds to weeks.
func draw(r *rand.Rand, n, values int) []time.Duration {
	pool := make([]time.Duration, values)
	for i := range pool {
		pool[i] = time.Duration(r.Int64N(1 << (1 + r.IntN(51))))
	}
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = pool[r.IntN(values)]
	}
	return out
}

func histogramOf(all ...time.Duration) *Histogram {
	h := &Histogram{}
	for _, d := range all {
		h.Add(d)
	}
	return h
}

func TestAFewDurationsStandAsTheyAre(t *testing.T) {
	h := histogramOf(3, 1, 2*time.Hour, 1, -5, 200*24*time.Hour, time.Second+1, time.Second)
	want := []Entry{{0, 1}, {1, 2}, {3, 1}, {time.Second, 1}, {time.Second + 1, 1}, {2 * time.Hour, 1}, {100 * 24 * time.Hour, 1}}
	if got := h.Entries(); !reflect.DeepEqual(got, want) || h.Count() != 8 {
		t.Errorf("entries %v, want %v", got, want)
	}
	if got := (&Histogram{}).Entries(); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

// TestWhatStandsForADurationIsNear holds every value of a coarse histogram
// against the durations that it stands for, which are in the same order.
func TestWhatStandsForADurationIsNear(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		all := draw(r, 3000, 1500)
		h, total := histogramOf(all...), 0
		slices.Sort(all)
		for _, e := range h.Entries() {
			for _, d := range all[total : total+int(e.Count)] {
				if off := (e.Value - d).Abs(); off > d/128 {
					t.Fatalf("%d stands for %d", e.Value, d)
				}
			}
			total += int(e.Count)
		}
		if total != len(all) || !h.coarse {
			t.Fatalf("%d of %d durations are counted; coarse: %v", total, len(all), h.coarse)
		}
	}
}

func TestEqualDurationsStayExactInBuckets(t *testing.T) {
	h := histogramOf(draw(rand.New(rand.NewPCG(2, 2)), 300, 300)...)
	h.coarse, h.bins = true, nil
	for range 1000 {
		h.Add(1234567891)
	}
	if got := h.Entries(); len(got) != 1 || got[0] != (Entry{1234567891, 1000}) {
		t.Errorf("entries %v", got)
	}
}

// TestTheOrderDoesNotMatter adds the same durations one by one and in parts
// that are merged, each time in another order.
func TestTheOrderDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for round := range 300 {
		all := draw(r, 1+r.IntN(400), 1+r.IntN(200))
		want := histogramOf(all...)
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if got := mergedInParts(r, all); !reflect.DeepEqual(got, want) {
			t.Fatalf("round %d:\n got  %v\n want %v", round, got, want)
		}
	}
}

func mergedInParts(r *rand.Rand, all []time.Duration) *Histogram {
	if len(all) < 4 || r.IntN(5) == 0 {
		return histogramOf(all...)
	}
	cut := 1 + r.IntN(len(all)-1)
	left, right := mergedInParts(r, all[:cut]), mergedInParts(r, all[cut:])
	before := slices.Clone(right.bins)
	left.Merge(right)
	if !slices.Equal(before, right.bins) {
		panic("merging changed its argument")
	}
	return left
}

func TestSubUndoesAdd(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for round := range 300 {
		stay, leave := draw(r, 1+r.IntN(200), 1+r.IntN(99)), draw(r, r.IntN(200), 1+r.IntN(200))
		want, got := histogramOf(stay...), histogramOf(append(slices.Clone(leave), stay...)...)
		r.Shuffle(len(leave), func(i, j int) { leave[i], leave[j] = leave[j], leave[i] })
		for _, d := range leave {
			got.Sub(d)
		}
		if got.coarse {
			want.coarsen()
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("round %d:\n got  %v\n want %v", round, got, want)
		}
	}
	h := histogramOf(5)
	if h.Sub(5); !reflect.DeepEqual(h, &Histogram{}) {
		t.Errorf("an emptied histogram: %v", h)
	}
}

func TestQuantiles(t *testing.T) {
	h := histogramOf(10, 20, 20, 30)
	for q, want := range map[float64]time.Duration{-1: 10, 0: 10, 0.25: 10, 0.26: 20, 0.5: 20, 0.75: 20, 0.76: 30, 1: 30, 2: 30} {
		if got := h.Quantile(q); got != want {
			t.Errorf("quantile %v is %d, want %d", q, got, want)
		}
	}
	if got := (&Histogram{}).Quantile(0.5); got != 0 {
		t.Errorf("of nothing: %d", got)
	}
}

func TestEveryBucketBeginsWhereItSays(t *testing.T) {
	last := bucketOf(longest)
	if last>>bucketBits >= pages {
		t.Fatalf("bucket %d has no page", last)
	}
	for bucket := range last + 1 {
		least := leastOf(bucket)
		if bucketOf(least) != bucket || bucket > 0 && bucketOf(least-1) != bucket-1 {
			t.Fatalf("bucket %d begins at %d, which is in %d behind %d", bucket, least, bucketOf(least), bucketOf(least-1))
		}
	}
}

// Of the longest durations, 46 bits stand above the least of their bucket's.
func TestManyOfTheLongestAreNotTurnedRound(t *testing.T) {
	var s bins
	for _, d := range []time.Duration{longest - 1, longest/2 + 1, 1<<53 - 1, 1 << 46, 37 * time.Minute, 36 * time.Minute} {
		s = nil
		s.count(d, 10_000_000)
		h := Histogram{bins: s, coarse: true}
		if got := h.Entries()[0]; got.Value > d || d-got.Value > 1024 || got.Count != 10_000_000 {
			t.Errorf("%d stands for %d", got.Value, d)
		}
	}
}
