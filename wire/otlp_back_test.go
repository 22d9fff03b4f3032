package wire

import (
	"math/rand/v2"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/roentgen/roentgen"
)

// wholeSpan is a span with what stands around it.
type wholeSpan struct {
	resource       *resource.Resource
	scope          *common.InstrumentationScope
	schema, scopes string
	span           *trace.Span
}

// spansByID takes requests apart. What protobuf says in two ways becomes one.
func spansByID(list []*trace.ResourceSpans) map[string]wholeSpan {
	out := map[string]wholeSpan{}
	for _, r := range list {
		for _, s := range r.ScopeSpans {
			for _, span := range s.Spans {
				if st := span.Status; st != nil && st.Code == 0 && st.Message == "" {
					span.Status = nil
				}
				w := wholeSpan{r.Resource, s.Scope, r.SchemaUrl, s.SchemaUrl, span}
				if w.resource == nil {
					w.resource = &resource.Resource{}
				}
				if w.scope == nil {
					w.scope = &common.InstrumentationScope{}
				}
				out[string(span.SpanId)] = w
			}
		}
	}
	return out
}

// giveBack stores the documents of a request and makes spans of them again.
func giveBack(t *testing.T, p *SpanParser, request []byte) []*trace.ResourceSpans {
	t.Helper()
	batch, err := p.Parse(request)
	if err != nil {
		t.Fatal(err)
	}
	var docs []*roentgen.Segment
	reader := NewParser(Limits{})
	for _, d := range batch.Documents {
		if d.Rejection != nil {
			t.Fatal(d.Rejection)
		}
		s, err := reader.Parse(d.Segment.Document)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, s)
	}
	out, err := Spans(docs)
	if err != nil {
		t.Fatal(err)
	}
	return unmarshalRequest(t, out).ResourceSpans
}

func TestSpansAreGivenBackAsTheyCame(t *testing.T) {
	m := spanMaker{rand.New(rand.NewPCG(3, 4))}
	n := 0
	for _, index := range []SpanIndex{{}, {All: true}, {All: true, Keys: []string{"plan", "http.method", "db.statement", "otel.resource.service.name"}}} {
		p := NewSpanParser(Limits{}, index)
		for range 300 {
			r := m.request()
			request, err := proto.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			want, got := spansByID(r.ResourceSpans), spansByID(giveBack(t, p, request))
			if len(want) != len(got) {
				t.Fatalf("%d spans came, %d are given back", len(want), len(got))
			}
			for id, w := range want {
				n++
				sameSpan(t, w, got[id])
			}
		}
	}
	if n < 900 {
		t.Fatalf("only %d spans were compared", n)
	}
}

func sameSpan(t *testing.T, want, got wholeSpan) {
	t.Helper()
	if !proto.Equal(want.span, got.span) {
		t.Fatalf("came:\n%s\ngiven back:\n%s", prototext.Format(want.span), prototext.Format(got.span))
	}
	if !proto.Equal(want.resource, got.resource) || want.schema != got.schema {
		t.Fatalf("resource came:\n%s\ngiven back:\n%s", prototext.Format(want.resource), prototext.Format(got.resource))
	}
	if !proto.Equal(want.scope, got.scope) || want.scopes != got.scopes {
		t.Fatalf("scope came:\n%s\ngiven back:\n%s", prototext.Format(want.scope), prototext.Format(got.scope))
	}
}
