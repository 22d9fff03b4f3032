package graph

import (
	"bytes"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

// FuzzParseBundle wants that what is not refused can be read, all of it.
func FuzzParseBundle(f *testing.F) {
	for seed, n := range []int{0, 1, 3, 40, 300} {
		random := rand.New(rand.NewPCG(uint64(seed), 3))
		r, b := &randomRows{random, 4, crowded(random), true}, NewBundler()
		b.least = 5
		for range n {
			b.Add(r.draw(), r.members()...)
		}
		f.Add(b.Encode(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := ParseBundle(b)
		if err != nil {
			return
		}
		if x.Size() > 1000+40*len(b) {
			t.Errorf("%d bytes take %d", len(b), x.Size())
		}
		all := window{math.MinInt64, math.MaxInt64, ""}
		r := rowReader{}
		r.open(x, nil)
		rows, _ := r.pick(all)
		r.each(rows, nil, func(*Tally) {})
		board := NewBoard(1 << 20)
		board.Put(1, math.MinInt64, math.MaxInt64, func() (*Bundle, error) { return x, nil })
		for _, w := range append([]window{all, {noon, noon + 1e9, ""}}, window{all.from, all.to, x.groups[len(x.groups)-1]}) {
			if _, err := board.Graph(w.from, w.to, w.group, 0, nil); err != nil {
				t.Errorf("%v: %v", w, err)
			}
			board.Kill(1, 0)
		}
	})
}

// TestABrokenBundleIsRefused flips and cuts a bundle everywhere. Not all of its
// bits can be known to be wrong, durations for instance: that is what the
// checksums of the block are for.
func TestABrokenBundleIsRefused(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 3))
	r, b := &randomRows{random, 4, crowded(random), true}, NewBundler()
	b.least = 8
	for range 25 {
		b.Add(r.draw(), r.members()...)
	}
	whole := b.Encode(nil)
	for n := range whole {
		if _, err := ParseBundle(whole[:n]); err == nil {
			t.Errorf("%d bytes of %d are taken for a bundle", n, len(whole))
		}
	}
	if _, err := ParseBundle(append(bytes.Clone(whole), 0)); err == nil {
		t.Error("a byte too many is taken")
	}
	refused := 0
	for n := range whole {
		flipped := bytes.Clone(whole)
		flipped[n] ^= 1 << random.IntN(8)
		x, err := ParseBundle(flipped)
		if err != nil {
			refused++
			continue
		}
		read := rowReader{}
		read.open(x, nil)
		rows, _ := read.pick(window{math.MinInt64, math.MaxInt64, ""})
		read.each(rows, nil, func(*Tally) {})
	}
	if refused == 0 {
		t.Error("no flipped bit was found")
	}
}

// What a few bytes claim to hold is not taken on trust.
func TestABundleThatLiesAboutItsSizeTakesNoMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	lie := append([]byte{bundleVersion}, 0xff, 0xff, 0xff, 0xff, 0x7f)
	for n := range 8 {
		b := append(bytes.Repeat([]byte{0}, n), lie[1:]...)
		if _, err := ParseBundle(append([]byte{bundleVersion}, b...)); err == nil {
			t.Errorf("%d: it is taken", n)
		}
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("it took %d bytes", took)
	}
}

func TestABundleOfANewerVersionIsNamed(t *testing.T) {
	if _, err := ParseBundle([]byte{bundleVersion + 1}); err == nil || !bytes.Contains([]byte(err.Error()), []byte("version 3")) {
		t.Error(err)
	}
}

func TestAnEmptyBundle(t *testing.T) {
	x, err := ParseBundle(NewBundler().Encode(nil))
	if err != nil || x.Len() != 0 {
		t.Fatal(err)
	}
	b := NewBoard(1000)
	b.Put(1, noon, noon, func() (*Bundle, error) { return x, nil })
	if g, err := b.Graph(noon, noon+1, "", 0, nil); err != nil || !same(g, &Graph{}) {
		t.Error(g, err)
	}
}
