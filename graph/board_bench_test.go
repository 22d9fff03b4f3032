package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/roentgen/roentgen"
)

// blockTraces is how many traces a block has.
const blockTraces = 5000

// shopBlock is a block of traces that began in a window, to the microsecond as
// SDKs write it, the newest first.
func shopBlock(random *rand.Rand, from roentgen.Time, length time.Duration) *Bundler {
	b := NewBundler()
	for n := range blockTraces {
		at := from + roentgen.Time(float64(length)*(blockTraces-float64(n)-random.Float64())/blockTraces)
		b.Add(afirRows(random, floor(at, time.Microsecond)))
	}
	return b
}

// afirRows are of three services that call one another, a database twice and
// S3: what the load of the benchmarks comes to.
func afirRows(r *rand.Rand, start roentgen.Time) *roentgen.Rows {
	logn := func(medianMS, sigma float64) time.Duration {
		return time.Duration(medianMS*1e3*math.Exp(sigma*r.NormFloat64())) * time.Microsecond
	}
	net := logn(0.8, 0.4)
	asr, gguf, s3, sel, ins := logn(600, 0.6), logn(900, 0.7), logn(35, 0.6), logn(2.5, 0.8), logn(4, 0.8)
	total := asr + gguf + s3 + sel + ins + 8*net
	rows := &roentgen.Rows{Summary: &roentgen.Summary{Start: start}}
	for i, name := range []string{"afirgen-main-backend", "afirgen-main-backend", "afirgen-asr-ocr-server", "afirgen-gguf-server", "S3", "fir_db@mysql.internal"} {
		rows.Nodes = append(rows.Nodes, roentgen.NodeRow{ServiceID: roentgen.ServiceID{Name: name, Type: fmt.Sprint("type-", i)}, Inferred: i > 3, Root: i == 1})
	}
	fault := roentgen.Flags{Fault: r.IntN(100) == 0}
	for _, c := range []struct {
		from, to   int
		took, call time.Duration
	}{{0, 1, total, total}, {1, 2, asr + 2*net, asr + 4*net}, {1, 3, gguf + 2*net, gguf + 4*net}, {1, 4, s3, s3}, {1, 5, sel, sel}, {1, 5, ins, ins}} {
		from, to := &rows.Nodes[c.from], &rows.Nodes[c.to]
		e := roentgen.EdgeRow{Source: from, Destination: to}
		if c.took != ins {
			rows.Edges = append(rows.Edges, e)
		}
		rows.Segments = append(rows.Segments, roentgen.SegmentRow{Node: to, Flags: fault, Start: start, Duration: roentgen.Seconds(c.took, true), Last: start + roentgen.Time(c.took)})
		rows.Calls = append(rows.Calls, roentgen.CallRow{EdgeRow: e, Flags: fault, Start: start, Duration: roentgen.Seconds(c.call, true)})
	}
	return rows
}

func BenchmarkBundle(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	bytes := shopBlock(random, noon, 100*time.Second).Encode(nil)
	x, err := ParseBundle(bytes)
	if err != nil {
		b.Fatal(err)
	}
	rows := make([]*roentgen.Rows, blockTraces)
	for i := range rows {
		rows[i] = afirRows(random, noon-roentgen.Time(i)*2e7)
	}
	b.Run("add", func(b *testing.B) {
		b.ReportAllocs()
		to := NewBundler()
		for n := 0; b.Loop(); n++ {
			if n%blockTraces == 0 {
				to = NewBundler()
			}
			to.Add(rows[n%blockTraces])
		}
	})
	b.Run("encode", func(b *testing.B) {
		to := NewBundler()
		for _, one := range rows {
			to.Add(one)
		}
		b.ReportAllocs()
		for b.Loop() {
			to.Encode(nil)
		}
	})
	b.Run("parse", func(b *testing.B) {
		z, err := zstd.NewWriter(nil)
		if err != nil {
			b.Fatal(err)
		}
		defer z.Close()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ParseBundle(bytes); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(bytes))/blockTraces, "B/trace")
		b.ReportMetric(float64(len(z.EncodeAll(bytes, nil)))/blockTraces, "zstd-B/trace")
		b.ReportMetric(float64(x.Size())/blockTraces, "mem-B/trace")
	})
}

// BenchmarkBoard asks for windows of an hour with so many blocks in it.
func BenchmarkBoard(b *testing.B) {
	for _, blocks := range []int{35, 1700} {
		random := rand.New(rand.NewPCG(1, 1))
		length := time.Hour / time.Duration(blocks)
		board := NewBoard(64 << 20)
		var some [8]*Bundler
		for n := range some {
			some[n] = shopBlock(random, noon, length)
		}
		for n := range blocks {
			from := noon + roentgen.Time(n)*roentgen.Time(length)
			block := some[n%len(some)]
			moved := from - floor(roentgen.Time(block.starts[blockTraces-1]), length)
			for i := range block.starts {
				block.starts[i] += int64(moved)
			}
			bytes := block.Encode(nil)
			board.Put(uint64(n), from, from+roentgen.Time(length), func() (*Bundle, error) { return ParseBundle(bytes) })
		}
		ask := func(b *testing.B, from, to time.Duration) {
			if _, err := board.Graph(noon+roentgen.Time(from), noon+roentgen.Time(to), "", 0, nil); err != nil {
				b.Fatal(err)
			}
		}
		for _, w := range []struct {
			name     string
			from, to time.Duration
		}{
			{"the hour", 0, time.Hour},
			{"from within a minute", 5*time.Minute + 20500*time.Millisecond, 2 * time.Hour},
			{"from and to within a minute", 5*time.Minute + 20500*time.Millisecond, 54*time.Minute + 39500*time.Millisecond},
			{"one minute", 7 * time.Minute, 8 * time.Minute},
		} {
			b.Run(fmt.Sprint(blocks, " blocks/", w.name, "/cold"), func(b *testing.B) {
				for b.Loop() {
					board.forgetLocked(func(*kept) bool { return true })
					ask(b, w.from, w.to)
				}
			})
			b.Run(fmt.Sprint(blocks, " blocks/", w.name, "/warm"), func(b *testing.B) {
				ask(b, w.from, w.to)
				b.ReportAllocs()
				for b.Loop() {
					ask(b, w.from, w.to)
				}
				b.ReportMetric(float64(board.bytes), "kept-B")
			})
		}
	}
}
