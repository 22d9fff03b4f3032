package wire

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/roentgen/roentgen"
)

// A document that a SpanParser writes is canonical, a Parser takes it, and the
// segment that came with it is the one that the Parser makes.
func TestSegmentsOfSpansAreThoseOfTheirDocuments(t *testing.T) {
	m := spanMaker{rand.New(rand.NewPCG(1, 2))}
	documents := 0
	for _, index := range []SpanIndex{{}, {All: true}, {All: true, Keys: []string{"plan", "http.method", "otel.resource.service.name", "otel.resource.deployment.environment-name"}}} {
		p, reader := NewSpanParser(Limits{}, index), NewParser(Limits{})
		for range 300 {
			request, err := proto.Marshal(m.request())
			if err != nil {
				t.Fatal(err)
			}
			batch, err := p.Parse(request)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range batch.Documents {
				documents++
				checkSpanDocument(t, reader, d)
			}
		}
	}
	if documents < 900 {
		t.Fatalf("only %d documents came of it", documents)
	}
}

func checkSpanDocument(t *testing.T, reader *Parser, d SpanDocument) {
	t.Helper()
	if d.Rejection != nil {
		t.Fatalf("rejected: %v", d.Rejection)
	}
	text := string(d.Segment.Document)
	if !json.Valid(d.Segment.Document) {
		t.Fatalf("no JSON: %s", text)
	}
	want, err := reader.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if string(want.Document) != text {
		t.Fatalf("not canonical:\n%s\n%s", text, want.Document)
	}
	tidy(want)
	tidy(d.Segment)
	if !reflect.DeepEqual(want, d.Segment) {
		a, _ := json.MarshalIndent(want, "", " ")
		b, _ := json.MarshalIndent(d.Segment, "", " ")
		t.Fatalf("of %s\nthe parser makes %s\nthe mapping made %s", text, a, b)
	}
}

// tidy makes lists that are empty and lists that are nil the same.
func tidy(s *roentgen.Segment) {
	if len(s.Annotations) == 0 {
		s.Annotations = nil
	}
	if len(s.Links) == 0 {
		s.Links = nil
	}
	if len(s.Subsegments) == 0 {
		s.Subsegments = nil
	}
}

func unmarshalRequest(t *testing.T, b []byte) *trace.TracesData {
	t.Helper()
	r := new(trace.TracesData)
	if err := proto.Unmarshal(b, r); err != nil {
		t.Fatal(err)
	}
	return r
}
