package block

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/storetest"
)

// BenchmarkFlushOfOneTrace is what a block costs that holds next to nothing.
func BenchmarkFlushOfOneTrace(b *testing.B) {
	s, _, err := Open(vfs.NewFault(1), dataDir, testOptions())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	r := storetest.NewRandom(1)
	for b.Loop() {
		d := r.Document()
		if _, err := s.Append(context.Background(), []roentgen.Stored{d.Stored(b)}); err != nil {
			b.Fatal(err)
		}
		if err := s.Flush(context.Background()); err != nil {
			b.Fatal(err)
		}
		if len(s.set()) > 20 {
			if err := s.Compact(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkRareValueInManyBlocks asks for the one trace in 2,000 blocks of 100
// traces that has a value, where each trace has one of its own.
func BenchmarkRareValueInManyBlocks(b *testing.B) {
	const blocks, traces = 2000, 100
	ctx := context.Background()
	s, _, err := Open(vfs.NewFault(1), dataDir, testOptions())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	docs := make([]roentgen.Stored, traces)
	first := roentgen.At(storetest.Now().Add(-time.Hour))
	for block := range blocks {
		for i := range docs {
			n := block*traces + i
			start := first + roentgen.Time(n)*15e6
			docs[i] = storetest.Document{Trace: n, ID: n, Parent: -1, Start: start, End: start + 7e6, Received: start + 2e9,
				More: fmt.Sprintf(`,"annotations":{"session":"s%d"}`, n)}.Stored(b)
		}
		if _, err := s.Append(ctx, docs); err != nil {
			b.Fatal(err)
		}
		if err := s.Flush(ctx); err != nil {
			b.Fatal(err)
		}
	}
	e, err := filter.Parse(fmt.Sprintf(`annotation.session = "s%d"`, blocks/2*traces+7))
	if err != nil {
		b.Fatal(err)
	}
	m, err := e.Matcher(nil)
	if err != nil {
		b.Fatal(err)
	}
	w := roentgen.Window{From: first, To: roentgen.At(storetest.Now())}
	b.ReportAllocs()
	for b.Loop() {
		found := 0
		for f, err := range s.Find(ctx, w, m) {
			if err != nil {
				b.Fatal(err)
			}
			if f.Trace != nil {
				found++
			}
		}
		if found != 1 {
			b.Fatalf("%d traces have the value", found)
		}
	}
}
