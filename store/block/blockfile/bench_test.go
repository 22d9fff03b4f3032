package blockfile

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// benchTraces is how many traces the blocks of the benchmarks hold.
const benchTraces = 3000

func benchFile(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "00000007.blk")
	if _, err := Write(vfs.OS{}, path, aMeta, each(made(b, benchTraces)), Options{}); err != nil {
		b.Fatal(err)
	}
	return path
}

func BenchmarkWrite(b *testing.B) {
	traces := made(b, benchTraces)
	dir := b.TempDir()
	var info Info
	for i := 0; b.Loop(); i++ {
		var err error
		if info, err = Write(vfs.OS{}, filepath.Join(dir, fmt.Sprint(i)), aMeta, each(traces), Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchTraces, "ns/trace")
	b.ReportMetric(float64(info.Bytes)/benchTraces, "bytes/trace")
}

func BenchmarkOpen(b *testing.B) {
	path, cache := benchFile(b), NewCache(1<<20)
	b.ReportAllocs()
	for b.Loop() {
		f, err := Open(vfs.OS{}, path, cache)
		if err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkKept says how many bytes an open block keeps in memory.
func BenchmarkKept(b *testing.B) {
	path, cache := benchFile(b), NewCache(1<<20)
	const blocks = 200
	for b.Loop() {
		open := make([]*File, blocks)
		before := heap()
		for i := range open {
			f, err := Open(vfs.OS{}, path, cache)
			if err != nil {
				b.Fatal(err)
			}
			open[i] = f
		}
		b.ReportMetric(float64(heap()-before)/blocks, "bytes/block")
		for _, f := range open {
			if err := f.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkTrace reads one trace of which the block's index and dictionary are
// in memory, and one of which nothing is.
func BenchmarkTrace(b *testing.B) {
	path := benchFile(b)
	for name, bytes := range map[string]int64{"warm": 64 << 20, "cold": 0} {
		b.Run(name, func(b *testing.B) {
			f, err := Open(vfs.OS{}, path, NewCache(bytes))
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			id := func() (row int) {
				x, err := f.Index()
				if err != nil {
					b.Fatal(err)
				}
				row, _ = x.Find(x.ID(benchTraces / 2))
				return row
			}
			for b.Loop() {
				if _, err := f.Trace(id()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAll(b *testing.B) {
	f, err := Open(vfs.OS{}, benchFile(b), NewCache(64<<20))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for b.Loop() {
		for _, err := range f.All() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchTraces, "ns/trace")
}
