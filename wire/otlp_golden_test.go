package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/roentgen/roentgen"
)

// Requests of SDKs, by the conventions that there were and are. The .want file
// has the documents that they become.
func TestSpansOfSDKsBecomeTheirDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/spans/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d requests: %v", len(files), err)
	}
	index := SpanIndex{All: true, Keys: []string{"otel.resource.service.version"}}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			request, err := SpansFromJSON(text)
			if err != nil {
				t.Fatal(err)
			}
			batch, err := NewSpanParser(Limits{}, index).Parse(request)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			for _, d := range batch.Documents {
				checkSpanDocument(t, NewParser(Limits{}), d)
				if err := json.Indent(&out, d.Segment.Document, "", " "); err != nil {
					t.Fatal(err)
				}
				out.WriteByte('\n')
			}
			golden(t, strings.TrimSuffix(file, ".json")+".want", out.Bytes())

			want := unmarshalRequest(t, request).ResourceSpans
			got := spansByID(giveBack(t, NewSpanParser(Limits{}, index), request))
			for id, w := range spansByID(want) {
				sameSpan(t, w, got[id])
			}
		})
	}
}

// Documents of X-Ray's producers as spans.
func TestDocumentsOfProducersAsSpans(t *testing.T) {
	files, err := filepath.Glob("testdata/documents/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d documents: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			doc, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := ParseDocument(doc, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			spans, err := Spans([]*roentgen.Segment{s})
			if err != nil {
				t.Fatal(err)
			}
			entities := 0
			s.Walk(func(*roentgen.Segment) { entities++ })
			if got := len(spansByID(unmarshalRequest(t, spans).ResourceSpans)); got != entities {
				t.Errorf("%d entities became %d spans", entities, got)
			}
			text, err := SpansToJSON(spans)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := json.Indent(&out, text, "", " "); err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(file, ".json")+".spans", append(out.Bytes(), '\n'))
		})
	}
}

func TestSpansThatCannotBeSegmentsAreRejectedWithTheCause(t *testing.T) {
	for name, c := range map[string]struct {
		span string
		code roentgen.RejectCode
		want string
	}{
		"no trace":      {`"spanId":"0011223344556677","startTimeUnixNano":1`, roentgen.InvalidTraceID, "trace_id"},
		"short trace":   {`"traceId":"00","spanId":"0011223344556677","startTimeUnixNano":1`, roentgen.InvalidTraceID, "16 bytes"},
		"zero trace":    {`"traceId":"00000000000000000000000000000000","spanId":"0011223344556677","startTimeUnixNano":1`, roentgen.InvalidTraceID, "zero"},
		"zero id":       {`"traceId":"00112233445566778899aabbccddeeff","spanId":"0000000000000000","startTimeUnixNano":1`, roentgen.InvalidID, "span_id"},
		"odd parent":    {`"traceId":"00112233445566778899aabbccddeeff","spanId":"0011223344556677","parentSpanId":"ff","startTimeUnixNano":1`, roentgen.InvalidID, "parent_span_id"},
		"no start":      {`"traceId":"00112233445566778899aabbccddeeff","spanId":"0011223344556677"`, roentgen.MissingStartTime, "start_time_unix_nano"},
		"after 2262":    {`"traceId":"00112233445566778899aabbccddeeff","spanId":"0011223344556677","startTimeUnixNano":"18446744073709551615"`, roentgen.InvalidSegment, "2262"},
		"too many data": {`"traceId":"00112233445566778899aabbccddeeff","spanId":"0011223344556677","startTimeUnixNano":1,"name":"` + strings.Repeat("x", 70_000) + `"`, roentgen.InvalidSegment, "65536 are allowed"},
	} {
		request, err := SpansFromJSON([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{` + c.span + `},{"traceId":"00112233445566778899aabbccddeeff","spanId":"0011223344556678","startTimeUnixNano":1}]}]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		batch, err := NewSpanParser(Limits{}, SpanIndex{}).Parse(request)
		if err != nil || batch.Spans != 2 || len(batch.Documents) != 2 {
			t.Fatalf("%s: %+v, %v", name, batch, err)
		}
		r := batch.Documents[0].Rejection
		if r == nil || r.Code != c.code || !strings.Contains(r.Detail, c.want) || len(r.Detail) > 500 {
			t.Errorf("%s: %v, want %s and %q", name, r, c.code, c.want)
		}
		if d := batch.Documents[1]; d.Rejection != nil || d.Segment == nil || d.Span != 1 {
			t.Errorf("%s: its neighbour: %+v", name, d)
		}
	}
}

func TestBytesThatAreNoRequestAreRefusedWhole(t *testing.T) {
	request := usualRequest(t, 3)
	p := NewSpanParser(Limits{}, SpanIndex{})
	for cut := 1; cut < len(request); cut += 7 {
		batch, err := p.Parse(request[:cut])
		if err == nil || roentgen.KindOf(err) != roentgen.Invalid || len(batch.Documents) != 0 {
			t.Fatalf("cut at %d: %d documents, %v", cut, len(batch.Documents), err)
		}
	}
	if batch, err := p.Parse(request); err != nil || batch.Spans != 3 {
		t.Fatalf("whole: %d spans, %v", batch.Spans, err)
	}
}

// A span that is sent again makes the same documents.
func TestSpansMakeTheSameDocumentsEachTime(t *testing.T) {
	text, err := os.ReadFile("testdata/spans/local-root.json")
	if err != nil {
		t.Fatal(err)
	}
	request, err := SpansFromJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	first, err := NewSpanParser(Limits{}, SpanIndex{}).Parse(request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := NewSpanParser(Limits{}, SpanIndex{}).Parse(bytes.Clone(request))
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Documents) != 5 || first.Spans != 3 {
		t.Fatalf("%d spans became %d documents", first.Spans, len(first.Documents))
	}
	for i := range first.Documents {
		if !bytes.Equal(first.Documents[i].Segment.Document, again.Documents[i].Segment.Document) {
			t.Errorf("%s\nbecame %s", first.Documents[i].Segment.Document, again.Documents[i].Segment.Document)
		}
	}
}

// The bytes of the request may be used again at once.
func TestDocumentsShareNoMemoryWithTheRequest(t *testing.T) {
	m := usualRequest(t, 8)
	batch, err := NewSpanParser(Limits{}, SpanIndex{All: true}).Parse(m)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m {
		m[i] = 'X'
	}
	for _, d := range batch.Documents {
		checkSpanDocument(t, NewParser(Limits{}), d)
	}
}

// At most fifty annotations are in a document, the named ones among them.
func TestNamedAttributesAreIndexedFirst(t *testing.T) {
	r := unmarshalRequest(t, usualRequest(t, 1))
	s := r.ResourceSpans[0].ScopeSpans[0].Spans[0]
	for range 60 {
		s.Attributes = append(s.Attributes, kvOf("filler."+strings.Repeat("x", len(s.Attributes)), intOf(1)))
	}
	s.Attributes = append(s.Attributes, kvOf("last", stringOf("named")))
	request, err := proto.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := NewSpanParser(Limits{}, SpanIndex{All: true, Keys: []string{"last", "otel.resource.host.name"}}).Parse(request)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, a := range batch.Documents[0].Segment.Annotations {
		found[a.Key] = true
	}
	if len(found) != DefaultMaxAnnotations || !found["last"] || !found["otel.resource.host.name"] || !found["session_id"] {
		t.Errorf("%d annotations: %v", len(found), found)
	}
	checkSpanDocument(t, NewParser(Limits{}), batch.Documents[0])
}
