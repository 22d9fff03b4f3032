package graph

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestASeriesIsReadAsItWasWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := map[string]func() int64{
		"nothing":             func() int64 { return 0 },
		"milliseconds":        func() int64 { return r.Int64N(1000) * 1e6 },
		"negative ones":       func() int64 { return -r.Int64N(1e12) },
		"anything":            func() int64 { return int64(r.Uint64()) },
		"the ends":            func() int64 { return []int64{math.MinInt64, math.MaxInt64}[r.IntN(2)] },
		"many small, one not": func() int64 { return r.Int64N(9) + 1e15*(r.Int64N(300)/299) },
	}
	for what, draw := range draw {
		for _, n := range []int{0, 1, 2, 255, 256, 257, 700} {
			want := make([]int64, n)
			for i := range want {
				want[i] = draw()
			}
			b := append(appendSeries(nil, want), 0xAA)
			c := newCursor(b)
			got := make([]int64, n)
			c.series(n).read(got)
			if c.err != nil || c.left() != 1 || !slices.Equal(got, want) {
				t.Fatalf("%d of %s: %v, %d bytes left, got %v, want %v", n, what, c.err, c.left(), got, want)
			}
		}
	}
}

func TestMillisecondsTakeFewBits(t *testing.T) {
	v := make([]int64, frameRows)
	for i := range v {
		v[i] = int64(i%16) * 1e6
	}
	if b := appendFrame(nil, v); len(b) != 2+frameRows/2 {
		t.Errorf("%d bytes", len(b))
	}
}
