package memory

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/storetest"
)

// callDocuments is how many documents the X-Ray daemon sends at once.
const callDocuments = 50

// benchCall makes the n-th call: documents of about 2 kB, four to a trace.
func benchCall(b testing.TB, n int) []roentgen.Stored {
	docs := make([]roentgen.Stored, callDocuments)
	for i := range docs {
		k := n*callDocuments + i
		start := roentgen.At(storetest.Now()) + roentgen.Time(k)*1e6
		docs[i] = storetest.Document{
			Trace: k / 4, ID: k % 4, Parent: k%4 - 1, Start: start, End: start + 25e6, Received: start + 26e6,
			Keep: roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.1},
			More: `,"http":{"request":{"method":"POST","url":"http://localhost/complaints"},"response":{"status":200}},"annotations":{"language":"hi","pages":3}` +
				`,"subsegments":[{"id":"00000000000000aa","name":"SELECT","start_time":1,"end_time":2,"sql":{"database_type":"sqlite"}}]` + padding(1500),
		}.Stored(b)
	}
	return docs
}

func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 8} {
		b.Run(fmt.Sprintf("disk/writers=%d", writers), func(b *testing.B) {
			s, _, err := Open(vfs.OS{}, b.TempDir(), Options{MaxBytes: 4 << 30, Now: storetest.Now})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			benchAppend(b, s, writers)
			b.ReportMetric(float64(s.log.Stats().Syncs)/float64(b.N), "fsyncs/call")
		})
	}
	b.Run("memory/writers=1", func(b *testing.B) { benchAppend(b, New(Options{Now: storetest.Now}), 1) })
}

// benchAppend appends b.N calls that were made beforehand.
func benchAppend(b *testing.B, s *Store, writers int) {
	calls := make([][]roentgen.Stored, b.N)
	var bytes int64
	for n := range calls {
		calls[n] = benchCall(b, n)
		bytes += size(calls[n])
	}
	var next atomic.Int64
	var work sync.WaitGroup
	b.SetBytes(bytes / int64(b.N))
	b.ReportAllocs()
	b.ResetTimer()
	for range writers {
		work.Go(func() {
			for n := next.Add(1) - 1; n < int64(b.N); n = next.Add(1) - 1 {
				if _, err := s.Append(context.Background(), calls[n]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N*callDocuments)/b.Elapsed().Seconds(), "docs/s")
}

// benchTraces is how many traces the reading benchmarks have, of four
// documents each.
const benchTraces = 160_000

func fullStore(b testing.TB, s *Store) {
	for n := range benchTraces * 4 / callDocuments {
		if _, err := s.Append(context.Background(), benchCall(b, n)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	s := New(Options{Now: storetest.Now, MaxBytes: -1})
	fullStore(b, s)
	reportMemory(b, s)
	b.Run("trace", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			for _, err := range s.Traces(context.Background(), []roentgen.TraceID{storetest.TraceID(n * 7919 % benchTraces)}) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	for _, after := range []string{"cold", "warm"} {
		b.Run("page of 1000/"+after, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if after == "cold" {
					b.StopTimer()
					s.forgetPartials()
					b.StartTimer()
				}
				readPage(b, s, 1000)
			}
		})
	}
}

// forgetPartials makes the next reads work them out again.
func (s *Store) forgetPartials() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.mu.traces {
		t.partial.Store(nil)
	}
}

func readPage(b testing.TB, s *Store, n int) {
	for _, err := range s.Partials(context.Background(), roentgen.Window{From: math.MinInt64, To: math.MaxInt64}) {
		if err != nil {
			b.Fatal(err)
		}
		if n--; n == 0 {
			return
		}
	}
	b.Fatal("the page is not full")
}

func reportMemory(b *testing.B, s *Store) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	stats, err := s.Stats(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d documents of %d bytes: %.2f bytes of heap per byte of document",
		stats.Documents, stats.Bytes/int64(stats.Documents), float64(m.HeapAlloc)/float64(stats.Bytes))
}

func BenchmarkOpen(b *testing.B) {
	dir, opt := b.TempDir(), Options{Now: storetest.Now}
	s, _, err := Open(vfs.OS{}, dir, opt)
	if err != nil {
		b.Fatal(err)
	}
	for n := range 2000 {
		if _, err := s.Append(context.Background(), benchCall(b, n)); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(statsOf(b, s).Bytes)
	mustClose(b, s)
	for b.Loop() {
		s, found, err := Open(vfs.OS{}, dir, opt)
		if err != nil || found.Documents != 2000*callDocuments {
			b.Fatal(found, err)
		}
		mustClose(b, s)
	}
}
