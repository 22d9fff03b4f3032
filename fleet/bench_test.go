package fleet

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// BenchmarkCommit is a hundred agents that send at once, each batch with 20
// notices and every fourth with a statement of 2 kB, on a real disk.
func BenchmarkCommit(b *testing.B) {
	f, err := Open(vfs.OS{}, b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	statement := fmt.Appendf(nil, `{"host":%q}`, strings.Repeat("web ", 500))
	var seqs [100]atomic.Uint64
	var turn atomic.Int64
	b.SetParallelism(50)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := int(turn.Add(1))
			seq := seqs[n%100].Add(1)
			said := statement
			if seq%4 != 0 {
				said = nil
			}
			mustCommit(b, f, n%100, 1, seq, 500, notices(20*n, 20*n+20), said)
		}
	})
}

// BenchmarkPage reads a page behind a cursor among four million notices.
func BenchmarkPage(b *testing.B) {
	var h held
	h.next = 1
	for i := range 4_000 {
		h.add(name(i%100), notices(1000*i, 1000*i+1000), start.Add(time.Duration(i)*time.Second))
	}
	b.ReportAllocs()
	for b.Loop() {
		if p := h.page(name(3), 3_900_000, 8192); len(p.Notices) != 8192 {
			b.Fatal(len(p.Notices))
		}
	}
}

// BenchmarkOpen reads back a book of a hundred agents and a million notices.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	f, err := Open(vfs.OS{}, dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 2000 {
		mustCommit(b, f, i%100, 1, uint64(i/100+1), 500, notices(500*i, 500*i+500), nil)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f, err := Open(vfs.OS{}, dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
