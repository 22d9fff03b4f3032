package api

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/roentgen/roentgen/graph"
)

func TestAShortenedHistogramCountsTheSameAndKeepsItsEnds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 3, 199, 200, 201, 5_000} {
		var list []graph.Entry
		at := time.Duration(0)
		for range n {
			list = append(list, graph.Entry{Value: at, Count: 1 + r.Int64N(9)})
			at += 1 + time.Duration(r.Int64N(int64(at)/2000+10))
		}
		short := shorten(list, 200)
		var want, got int64
		for _, e := range list {
			want += e.Count
		}
		for i, e := range short {
			got += e.Count
			if i > 0 && e.Value <= short[i-1].Value {
				t.Fatalf("of %d entries: %v does not come after %v", n, e.Value, short[i-1].Value)
			}
		}
		if got != want || len(short) > 200 || n <= 200 && len(short) != n {
			t.Errorf("%d entries counting %d become %d counting %d", n, want, len(short), got)
		}
		if n > 0 && (short[0] != list[0] || short[len(short)-1] != list[n-1]) {
			t.Errorf("of %d entries the ends are %v and %v, were %v and %v", n, short[0], short[len(short)-1], list[0], list[n-1])
		}
	}
}

func TestWhatIsJoinedStaysNearWhatItWas(t *testing.T) {
	var h graph.Histogram
	for i := range 100_000 {
		h.Add(time.Duration(1000+i*i) * time.Nanosecond)
	}
	whole, short := h.Entries(), shorten(h.Entries(), maxEntries)
	for _, q := range []float64{0.01, 0.1, 0.5, 0.9, 0.99, 0.999} {
		a, b := quantile(whole, q), quantile(short, q)
		if off := float64(b-a) / float64(a); off < -0.09 || off > 0.09 {
			t.Errorf("quantile %v is %v, was %v", q, b, a)
		}
	}
}

func quantile(list []graph.Entry, q float64) time.Duration {
	var n int64
	for _, e := range list {
		n += e.Count
	}
	rank := int64(q * float64(n))
	for _, e := range list {
		if rank -= e.Count; rank < 0 {
			return e.Value
		}
	}
	return list[len(list)-1].Value
}
