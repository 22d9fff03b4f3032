package bench

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/roentgen/roentgen"
)

// Model makes traces. Trace i comes from Seed and i alone, so that the same
// model makes the same traces, one by one or in any order, apart from the time.
type Model struct {
	Seed   uint64
	Traces int           // in the window
	Window time.Duration // their starts are spread over it, in order
	End    time.Time     // of the window
	Faulty float64       // share of failing traces
	Shape  Shape
}

// Shape says what a model's traces are made of.
type Shape string

const (
	// Plain is three services, 12 spans, three documents of 2.2 kB.
	Plain Shape = "plain"
	// Unique is Plain with an annotation of a key of its own in every trace,
	// for stores whose memory grows with what differs.
	Unique Shape = "unique"
)

// What one trace is made of.
const (
	SpansPerTrace     = 12
	DocumentsPerTrace = 3
)

// DefaultFaulty is the share of failing traces.
const DefaultFaulty = 0.02

const (
	mainService = iota
	modelService
	speechService
	serviceCount
)

// services are named as AFIRGen's are.
func serviceName(i int) string {
	return [...]string{"afirgen-main-backend", "afirgen-gguf-server", "afirgen-asr-ocr-server"}[i]
}

// Make fills t with trace i. What t held before is used again.
func (m *Model) Make(i int, t *Trace) {
	k := &maker{Rand: rand.New(rand.NewPCG(m.Seed, uint64(i)^0xa5a5_5a5a_c3c3_3c3c)), trace: t}
	*t = Trace{Spans: t.Spans[:0], attrs: t.attrs[:0]}
	step := float64(m.Window) / float64(m.Traces)
	k.start = m.End.Add(-m.Window).UnixNano() + int64(step*(float64(i)+k.Float64()))
	t.ID = k.traceID()
	t.Session = k.uuid()
	t.Model = modelNames[k.weighted(modelWeights[:])]
	t.Failing = k.Float64() < m.Faulty
	k.draw()
	k.request()
	if m.Shape == Unique {
		root := &t.Spans[0]
		root.Attrs = append(root.Attrs[:len(root.Attrs):len(root.Attrs)], note("key_"+root.hexID(), truth(true)))
	}
	if t.Failing {
		k.failure()
	}
}

// maker makes one trace.
type maker struct {
	*rand.Rand
	trace *Trace
	start int64 // Unix nanoseconds
	drawn
}

func (k *maker) traceID() (id roentgen.TraceID) {
	seconds := uint32(k.start / int64(time.Second))
	for i := range 4 {
		id[i] = byte(seconds >> (24 - 8*i))
	}
	k.fill(id[4:])
	return id
}

func (k *maker) fill(b []byte) {
	for i := 0; i < len(b); i += 8 {
		word := k.Uint64()
		for j := i; j < min(i+8, len(b)); j++ {
			b[j] = byte(word)
			word >>= 8
		}
	}
}

// uuid is random, version 4.
func (k *maker) uuid() string {
	var b [16]byte
	k.fill(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	const digits = "0123456789abcdef"
	text := make([]byte, 0, 36)
	for i, c := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text = append(text, '-')
		}
		text = append(text, digits[c>>4], digits[c&15])
	}
	return string(text)
}

// weighted picks by per cent; the weights add up to 100.
func (k *maker) weighted(weights []int) int {
	n := k.IntN(100)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func (k *maker) oneOf(texts ...string) string { return texts[k.IntN(len(texts))] }

// about is a log-normal time in nanoseconds.
func (k *maker) about(median time.Duration, spread float64) int64 {
	return int64(float64(median) * math.Exp(spread*k.NormFloat64()))
}

// hundredths is a number below most with two decimals.
func (k *maker) hundredths(most int) float64 { return float64(k.IntN(100*most)) / 100 }

// add adds a span and copies its attributes.
func (k *maker) add(s Span, attrs ...Attr) int {
	k.fill(s.ID[:])
	from := len(k.trace.attrs)
	k.trace.attrs = append(k.trace.attrs, attrs...)
	s.Attrs = k.trace.attrs[from:len(k.trace.attrs):len(k.trace.attrs)]
	k.trace.Spans = append(k.trace.Spans, s)
	return len(k.trace.Spans) - 1
}
