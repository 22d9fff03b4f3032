package block

import (
	"context"
	"testing"

	"github.com/roentgen/roentgen"
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
