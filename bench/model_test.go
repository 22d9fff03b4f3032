package bench

import (
	"bytes"
	"math"
	"reflect"
	"testing"
	"time"
)

// aDay is when the traces of tests end.
var aDay = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func testModel(traces int) *Model {
	return &Model{Seed: 1, Traces: traces, Window: time.Hour, End: aDay, Faulty: DefaultFaulty, Shape: Plain}
}

// The figures of docs/performance.md are of traces like these; other
// generators of the same load are compared by them.
func TestTracesHaveTheShapeThatFiguresAreMeasuredWith(t *testing.T) {
	const traces = 10_000
	m := testModel(traces)
	var trace Trace
	var scratch, span []byte
	var spans, attrs, documents, json, otlp, failing, small, slow int
	sessions := map[string]bool{}
	last := m.End.Add(-m.Window)
	var w spanWriter
	for i := range traces {
		m.Make(i, &trace)
		scratch = trace.Documents(scratch[:0], func(d []byte, n int) { documents, json, spans = documents+1, json+len(d), spans+n })
		for j := range trace.Spans {
			attrs += len(trace.Spans[j].Attrs)
			span = w.span(span[:0], &trace, &trace.Spans[j])
			otlp += len(span)
		}
		sessions[trace.Session] = true
		failing += one(trace.Failing)
		small += one(trace.Model == CommonModel)
		slow += one(isSlow(&trace))
		if at := trace.Start(); at.Before(last) || at.After(m.End) {
			t.Fatalf("trace %d starts at %s, the one before at %s", i, at, last)
		}
		last = trace.Start()
	}
	near(t, "spans a trace", float64(spans)/traces, SpansPerTrace, 0)
	near(t, "documents a trace", float64(documents)/traces, DocumentsPerTrace, 0)
	near(t, "attributes a span", float64(attrs)/float64(spans), 10.6, 0.05)
	near(t, "bytes of JSON a span", float64(json)/float64(spans), 550, 5)
	near(t, "bytes of OTLP a span", float64(otlp)/float64(spans), 424, 5)
	near(t, "share that fails", float64(failing)/traces, DefaultFaulty, 0.005)
	near(t, "share of the common model", float64(small)/traces, CommonPercent/100.0, 0.008)
	near(t, "share slower than 8 s", float64(slow)/traces, 0.002, 0.0015)
	near(t, "session ids", float64(len(sessions)), traces, 0)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s: %.4g, want %.4g ± %.4g", what, got, want, within)
	}
}

func TestATraceComesFromSeedAndNumberAlone(t *testing.T) {
	m, n := testModel(100), testModel(100)
	var a, b Trace
	for i := range 100 {
		m.Make(i, &a)
		n.Make(99-i, &b) // in another order, with other memory
		n.Make(i, &b)
		if !reflect.DeepEqual(a.Spans, b.Spans) || a.ID != b.ID || a.Session != b.Session {
			t.Fatalf("trace %d differs", i)
		}
	}
	m.Seed = 2
	m.Make(99, &b)
	if a.ID == b.ID || a.Session == b.Session {
		t.Error("another seed made the same trace")
	}
}

func TestAFaultIsSeenByAllWhoWaitForIt(t *testing.T) {
	m := testModel(1000)
	m.Faulty = 1
	var trace Trace
	kinds := map[string]bool{}
	for i := range 40 {
		m.Make(i, &trace)
		at := -1
		for j := range trace.Spans {
			if trace.Spans[j].Exception != nil {
				at = j
			}
		}
		if at < 0 {
			t.Fatalf("trace %d fails and has no exception", i)
		}
		kinds[trace.Spans[at].Exception.Type] = true
		for ; at >= 0; at = trace.Spans[at].Parent {
			if s := trace.Spans[at]; !s.Fault || s.Status != 0 && s.Status < 500 {
				t.Errorf("trace %d: span %s waits for the fault and has status %d, fault %v", i, s.Name, s.Status, s.Fault)
			}
		}
	}
	if len(kinds) != len(failures) {
		t.Errorf("%d kinds of failure of %d in 40 traces", len(kinds), len(failures))
	}
}

func TestUniqueTracesHaveAKeyOfTheirOwn(t *testing.T) {
	m := testModel(100)
	m.Shape = Unique
	var trace Trace
	keys := map[string]bool{}
	for i := range 100 {
		m.Make(i, &trace)
		for _, a := range trace.Spans[0].Attrs {
			if bytes.HasPrefix([]byte(a.Key), []byte("key_")) {
				keys[a.Key] = true
			}
		}
	}
	if len(keys) != 100 {
		t.Errorf("%d keys in 100 traces", len(keys))
	}
}
