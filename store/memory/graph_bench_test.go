package memory

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/storetest"
)

// shopTrace is a trace of three services and twelve entities: three documents,
// of which each calls the next service and three other things.
func shopTrace(b testing.TB, n int, start roentgen.Time) []roentgen.Stored {
	docs := make([]roentgen.Stored, 3)
	for i := range docs {
		took := roentgen.Time(20+n%17*3+n%5)*1e6 - roentgen.Time(i)*5e6
		docs[i] = storetest.Document{
			Trace: n, ID: i, Parent: -1, Start: start, End: start + took, Received: start + took,
			More: fmt.Sprintf(`,"origin":"AWS::ECS::Container","http":{"request":{"method":"POST","url":"http://shop/orders"},"response":{"status":200}},"annotations":{"language":"hi","pages":%d}`, n%7) + shopCalls(i, start, took) + padding(1200),
		}.Stored(b)
		if i > 0 {
			docs[i].Segment.Parent = callID(i-1, 0)
		}
	}
	return docs
}

// callID is that of a call of a service.
func callID(service, call int) roentgen.SegmentID {
	return storetest.SegmentID(100 + 10*service + call)
}

func shopCalls(service int, start, took roentgen.Time) string {
	calls := ""
	for i := range 3 {
		calls += fmt.Sprintf(`{"id":%q,"name":"callee-%d-%d","namespace":"remote","start_time":%.6f,"end_time":%.6f,"http":{"response":{"status":200}}},`,
			callID(service, i), service, i, start.Seconds(), (start + took - roentgen.Time(i+1)*1e6).Seconds())
	}
	return `,"subsegments":[` + calls[:len(calls)-1] + `]`
}

// shopStart spreads the traces over an hour.
func shopStart(n int) roentgen.Time {
	return roentgen.At(storetest.Now()) + roentgen.Time(n)*roentgen.Time(time.Hour)/benchTraces
}

func BenchmarkGraph(b *testing.B) {
	s := New(Options{Now: storetest.Now, MaxBytes: -1})
	for n := range benchTraces {
		mustAppend(b, s, shopTrace(b, n, shopStart(n))...)
	}
	now := roentgen.At(storetest.Now())
	for _, w := range []struct {
		name     string
		from, to time.Duration
	}{
		{"the hour", 0, time.Hour},
		{"within minutes", 30 * time.Second, time.Hour - 30*time.Second},
		{"5 minutes within minutes", 21*time.Minute + 30*time.Second, 26*time.Minute + 30*time.Second},
	} {
		b.Run(w.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g, err := s.Graph(context.Background(), store.GraphWindow{From: now + roentgen.Time(w.from), To: now + roentgen.Time(w.to)})
				if err != nil || len(g.Nodes) < 8 {
					b.Fatal(len(g.Nodes), err)
				}
			}
		})
	}
	b.Run("while traces arrive", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			b.StopTimer()
			mustAppend(b, s, shopTrace(b, benchTraces+n, now+roentgen.Time(time.Hour)-1)...)
			b.StartTimer()
			if _, err := s.Graph(context.Background(), store.GraphWindow{From: now + 30e9, To: now + roentgen.Time(time.Hour)}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCount is what counting adds to appending: the same documents, with
// as many waiting as there are, and with what Append counts by itself.
func BenchmarkCount(b *testing.B) {
	for _, counting := range []bool{false, true} {
		b.Run(fmt.Sprint("counting=", counting), func(b *testing.B) {
			calls := make([][]roentgen.Stored, b.N)
			for n := range calls {
				for i := range 17 {
					calls[n] = append(calls[n], shopTrace(b, 17*n+i, shopStart(17*n+i))...)
				}
			}
			s := New(Options{Now: storetest.Now, MaxBytes: -1})
			b.ReportAllocs()
			b.ResetTimer()
			for _, docs := range calls {
				if !counting {
					s.mu.dirty = s.mu.dirty[:0]
				}
				mustAppend(b, s, docs...)
			}
			b.ReportMetric(float64(b.N*3*17)/b.Elapsed().Seconds(), "docs/s")
		})
	}
}

// BenchmarkCountMemory says what a counted trace holds beside its documents.
func BenchmarkCountMemory(b *testing.B) {
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for b.Loop() {
		const traces = 20_000
		s := New(Options{Now: storetest.Now, MaxBytes: -1})
		empty := heap()
		for n := range traces {
			docs := shopTrace(b, n, shopStart(n))
			s.mu.dirty = nil
			mustAppend(b, s, docs...)
			s.mu.traces[docs[0].Segment.Trace].dirty = false
		}
		full := heap()
		for _, t := range s.mu.traces {
			s.mu.Lock()
			s.soilLocked(t)
			s.mu.Unlock()
		}
		graphOf(b, s, "")
		b.ReportMetric((full-empty)/traces, "B/trace")
		b.ReportMetric((heap()-full)/traces, "B/counted-trace")
		runtime.KeepAlive(s)
	}
}
