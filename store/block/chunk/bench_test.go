package chunk

import (
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/roentgen/roentgen"
)

const (
	benchTraces = 2000
	benchChunk  = 96 << 10
)

func documents(traces []sample) (n, bytes int) {
	for _, s := range traces {
		n += len(s.docs)
		for _, d := range s.docs {
			bytes += len(d.Text)
		}
	}
	return n, bytes
}

// report adds the figures that decisions are made by.
func report(b *testing.B, traces []sample, stored int) {
	docs, bytes := documents(traces)
	b.SetBytes(int64(bytes))
	b.ReportMetric(float64(stored)/float64(serviceSpans*len(traces)), "B/span")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*docs), "ns/document")
}

func BenchmarkEncode(b *testing.B) {
	traces := serviceTraces(benchTraces)
	e := NewEncoder()
	var buf []byte
	b.ReportAllocs()
	stored := 0
	for b.Loop() {
		e.Reset()
		stored = 0
		for _, s := range traces {
			e.Trace(s.id, s.docs)
			if e.Raw() >= benchChunk {
				buf = e.Cut(buf[:0])
				stored += len(buf)
			}
		}
		buf = e.Dict(e.Cut(buf[:0]))
		stored += len(buf)
	}
	report(b, traces, stored)
}

// BenchmarkEncodeRows is what it is compared with: the same documents, one
// behind the other, compressed in chunks of the same size.
func BenchmarkEncodeRows(b *testing.B) {
	traces := serviceTraces(benchTraces)
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		b.Fatal(err)
	}
	var rows, buf []byte
	stored := 0
	for b.Loop() {
		stored, rows = 0, rows[:0]
		for i, s := range traces {
			for _, d := range s.docs {
				rows = append(rows, d.Text...)
			}
			if len(rows) >= benchChunk || i == len(traces)-1 {
				buf = z.EncodeAll(rows, buf[:0])
				stored, rows = stored+len(buf), rows[:0]
			}
		}
	}
	report(b, traces, stored)
}

func BenchmarkDecodeOne(b *testing.B) {
	traces := serviceTraces(benchTraces)
	chunks, dict := encode(NewEncoder(), traces, benchChunk)
	d, err := ParseDict(dict)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c := chunks[i%(len(chunks)-1)]
		if err := d.Decode(c, i%15, i%15+1, func(int, roentgen.TraceID, []Doc) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeAll reads every trace of a chunk.
func BenchmarkDecodeAll(b *testing.B) {
	traces := serviceTraces(benchTraces)
	chunks, dict := encode(NewEncoder(), traces, benchChunk)
	d, err := ParseDict(dict)
	if err != nil {
		b.Fatal(err)
	}
	n, err := Len(chunks[3])
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(benchChunk)
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Decode(chunks[3], 0, n, func(int, roentgen.TraceID, []Doc) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseDict(b *testing.B) {
	_, dict := encode(NewEncoder(), serviceTraces(benchTraces), benchChunk)
	pool := new(Pool)
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		d, err := pool.ParseDict(dict)
		if err != nil {
			b.Fatal(err)
		}
		size = len(d.text)
	}
	b.SetBytes(int64(size))
}
