package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

// shopRows are of three services that call nine other things: twelve segments,
// nine of them inferred, and twelve calls between thirteen nodes.
func shopRows(r *rand.Rand, start roentgen.Time) *roentgen.Rows {
	rows := &roentgen.Rows{Summary: &roentgen.Summary{Start: start}, Nodes: make([]roentgen.NodeRow, 13)}
	for i := range rows.Nodes {
		rows.Nodes[i] = roentgen.NodeRow{ServiceID: roentgen.ServiceID{Name: fmt.Sprint("service-", i), Type: "remote"}, Inferred: i > 3, Root: i == 1}
	}
	for i := range 12 {
		took := roentgen.Seconds(time.Duration(1e6*math.Exp(4+r.NormFloat64())), true)
		node := &rows.Nodes[i+1]
		e := roentgen.EdgeRow{Source: &rows.Nodes[max(0, i/4)], Destination: node}
		rows.Edges = append(rows.Edges, e)
		rows.Segments = append(rows.Segments, roentgen.SegmentRow{Node: node, Start: start, Duration: took, Last: start + 5e9})
		rows.Calls = append(rows.Calls, roentgen.CallRow{EdgeRow: e, Start: start, Duration: took})
	}
	return rows
}

// hourOfTraces is how many traces begin within the hour of the benchmarks.
const hourOfTraces = 160_000

func fullHour() (*Rollups, []*Tally) {
	r, random := NewRollups(), rand.New(rand.NewPCG(1, 1))
	all := make([]*Tally, hourOfTraces)
	for n := range all {
		all[n] = r.Add(shopRows(random, noon+roentgen.Time(random.Int64N(int64(time.Hour)))))
	}
	return r, all
}

func BenchmarkWindow(b *testing.B) {
	r, _ := fullHour()
	for _, w := range []struct {
		name     string
		from, to time.Duration
	}{
		{"the hour", 0, time.Hour},
		{"59 minutes", 0, 59 * time.Minute},
		{"from and to within a minute", 30 * time.Second, time.Hour - 30*time.Second},
		{"one minute", 7 * time.Minute, 8 * time.Minute},
		{"6 seconds", 7*time.Minute + 20*time.Second, 7*time.Minute + 26*time.Second},
	} {
		b.Run(w.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g := r.Graph(noon+roentgen.Time(w.from), noon+roentgen.Time(w.to), "", 0)
				if len(g.Nodes) != 13 {
					b.Fatal(len(g.Nodes))
				}
			}
		})
	}
}

// BenchmarkChange takes traces out and adds them anew.
func BenchmarkChange(b *testing.B) {
	r, _ := fullHour()
	for _, within := range []time.Duration{time.Minute, time.Hour} {
		b.Run("within "+within.String(), func(b *testing.B) {
			random := rand.New(rand.NewPCG(2, 2))
			rows, all := make([]*roentgen.Rows, 4096), make([]*Tally, 4096)
			for i := range rows {
				rows[i] = shopRows(random, noon+roentgen.Time(random.Int64N(int64(within))))
				all[i] = r.Add(rows[i])
			}
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				i := n % len(all)
				r.Remove(all[i])
				all[i] = r.Add(rows[i])
			}
		})
	}
}

// BenchmarkMemory says what a trace costs beside its documents.
func BenchmarkMemory(b *testing.B) {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		before := heap()
		r, all := fullHour()
		b.ReportMetric(float64(heap()-before)/hourOfTraces, "B/trace")
		runtime.KeepAlive(r)
		runtime.KeepAlive(all)
	}
}
