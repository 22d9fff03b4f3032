package wire

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/roentgen/roentgen"
)

// seedRequests adds requests as a library writes them.
func seedRequests(f *testing.F) {
	f.Helper()
	m := spanMaker{rand.New(rand.NewPCG(7, 8))}
	for range 20 {
		b, err := proto.Marshal(m.request())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(usualRequest(f, 4))
}

// FuzzSpans: whatever the bytes, mapping does not panic; what it writes a
// Parser reads as the very segment; what is given back gives the same
// spans when it comes again; and it can be written as JSON and read from there.
func FuzzSpans(f *testing.F) {
	seedRequests(f)
	p, reader := NewSpanParser(Limits{}, SpanIndex{All: true, Keys: []string{"plan"}}), NewParser(Limits{})
	f.Fuzz(func(t *testing.T, request []byte) {
		batch, err := p.Parse(request)
		if err != nil {
			return
		}
		var docs []*roentgen.Segment
		for _, d := range batch.Documents {
			if d.Rejection == nil {
				checkSpanDocument(t, reader, d)
				docs = append(docs, d.Segment)
			}
		}
		back, err := Spans(docs)
		if err != nil {
			t.Fatal(err)
		}
		again, err := p.Parse(back)
		if err != nil {
			t.Fatalf("what was given back is no request: %v", err)
		}
		twice, err := Spans(segmentsOf(again))
		if err != nil {
			t.Fatal(err)
		}
		text := inJSON(t, back)
		if !bytes.Equal(text, inJSON(t, twice)) {
			t.Fatalf("documents %s\nbecame %s", texts(docs), texts(segmentsOf(again)))
		}
		fromText, err := SpansFromJSON(text)
		if err != nil {
			t.Fatalf("%v of %s", err, text)
		}
		if _, err := p.Parse(fromText); err != nil {
			t.Fatalf("%v of %s", err, text)
		}
	})
}

func inJSON(t *testing.T, spans []byte) []byte {
	t.Helper()
	text, err := SpansToJSON(spans)
	if err != nil || !json.Valid(text) {
		t.Fatalf("%v of %s", err, text)
	}
	return text
}

func segmentsOf(b SpanBatch) (out []*roentgen.Segment) {
	for _, d := range b.Documents {
		if d.Rejection == nil {
			out = append(out, d.Segment)
		}
	}
	return out
}

func texts(docs []*roentgen.Segment) []byte {
	var out [][]byte
	for _, s := range docs {
		out = append(out, s.Document)
	}
	return bytes.Join(out, []byte("\n"))
}

// FuzzSpansFromJSON: whatever the text, reading does not panic, and what comes
// out is a message.
func FuzzSpansFromJSON(f *testing.F) {
	m := spanMaker{rand.New(rand.NewPCG(9, 10))}
	for range 10 {
		b, err := proto.Marshal(m.request())
		if err != nil {
			f.Fatal(err)
		}
		text, err := SpansToJSON(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	p := NewSpanParser(Limits{}, SpanIndex{})
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := SpansFromJSON(text)
		if err != nil {
			return
		}
		if !json.Valid(bytes.TrimPrefix(text, []byte(byteOrderMark))) {
			t.Fatalf("took %q", text)
		}
		if _, err := p.Parse(b); err != nil {
			t.Fatalf("%q became no request: %v", text, err)
		}
		if _, err := SpansToJSON(b); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// FuzzSpansOfDocuments: whatever stands in a document, in its member otlp too,
// giving spans back does not panic and makes a message that others read.
func FuzzSpansOfDocuments(f *testing.F) {
	seedDocuments(f)
	batch, err := NewSpanParser(Limits{}, SpanIndex{All: true}).Parse(usualRequest(f, 4))
	if err != nil {
		f.Fatal(err)
	}
	for _, d := range batch.Documents {
		f.Add(d.Segment.Document)
	}
	f.Add([]byte(`{"id":"53995c3f42cd8ad8","trace_id":"1-5759e988-bd862e3fe1be46a994272793","name":"a","start_time":1,"end_time":2,` +
		`"otlp":{"kind":1,"attributes":"mmakrB~","raw":"AAAA","keys":1,"events":["AA",{"name":"exception","attributes":{"x":null}},7],"links":[0,"A",{}],"scope":"AAAA","resource":"////"}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		s, err := ParseDocument(doc, Limits{})
		if err != nil {
			return
		}
		b, err := Spans([]*roentgen.Segment{s})
		if err != nil {
			t.Fatalf("%v of %s", err, s.Document)
		}
		unmarshalRequest(t, b)
		if _, err := SpansToJSON(b); err != nil {
			t.Fatalf("%v of %s", err, s.Document)
		}
	})
}
