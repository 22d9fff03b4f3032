package index

import (
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

func matcher(tb testing.TB, expression string) *filter.Matcher {
	tb.Helper()
	x, err := filter.Parse(expression)
	if err != nil {
		tb.Fatal(err)
	}
	m, err := x.Matcher(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// benchTraces make a block of the usual size.
const benchTraces = 5000

func BenchmarkBuilder(b *testing.B) {
	rows, folded := night(b, benchTraces)
	builder := NewBuilder()
	add := func() {
		builder.Reset()
		for i := range rows {
			builder.Add(rows[i], folded[i])
		}
	}
	b.Run("add", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			add()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*benchTraces), "ns/trace")
	})
	b.Run("add just folded", func(b *testing.B) { // few enough to be in the processor's cache
		for b.Loop() {
			builder.Reset()
			for i := range rows {
				builder.Add(rows[i%40], folded[i%40])
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*benchTraces), "ns/trace")
	})
	add()
	part, summary := builder.Encode(nil), builder.Summary(nil)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			builder.done = nil
			part = builder.Encode(part[:0])
		}
	})
	b.Run("summary", func(b *testing.B) {
		for b.Loop() {
			summary = builder.Summary(summary[:0])
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		size := 0
		for b.Loop() {
			x, err := Parse(part)
			if err != nil {
				b.Fatal(err)
			}
			size = x.Size()
		}
		b.ReportMetric(float64(len(part))/(12*benchTraces), "B/span")
		b.ReportMetric(float64(len(summary)), "summary-B")
		b.ReportMetric(float64(size), "memory-B")
	})
}

func BenchmarkCandidates(b *testing.B) {
	rows, folded := night(b, benchTraces)
	block := build(b, NewBuilder(), rows, folded)
	session := ""
	for _, a := range folded[777].Summary.Annotations {
		if a.Key == "session_id" {
			session = a.Value.String
		}
	}
	for _, c := range []struct{ name, expression string }{
		{"rare annotation", `annotation.session_id = "` + session + `"`},
		{"common annotation", `annotation.model_name = "whisper-small"`},
		{"fault", `fault`},
		{"slower", `duration > 8`},
		{"responsetime", `responsetime > 8`},
		{"url contains", `http.url CONTAINS "regen"`},
		{"user begins with", `user BEGINSWITH "officer-04"`},
		{"service and fault", `service("afirgen-gguf-server") { fault }`},
		{"edge", `edge("afirgen-main-backend", "afirgen-gguf-server")`},
		{"common and rare", `annotation.model_name = "whisper-small" AND annotation.session_id = "` + session + `"`},
	} {
		m := matcher(b, c.expression)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				block.index.Candidates(m)
			}
		})
		b.Run("may match/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				block.summary.MayMatch(m)
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	rows, folded := night(b, benchTraces)
	block := build(b, NewBuilder(), rows, folded)
	b.Run("summary", func(b *testing.B) {
		id := roentgen.TraceID{}
		for b.Loop() {
			id[3]++
			block.summary.HasTrace(id)
		}
	})
	b.Run("index", func(b *testing.B) {
		i := 0
		for b.Loop() {
			i = (i + 1) % len(rows)
			block.index.Find(rows[i].ID)
		}
	})
}
