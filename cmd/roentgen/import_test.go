package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/roentgen/roentgen/wire"
)

// takenTraces notes what a file held.
type takenTraces struct{ docs, groups []string }

func (n *takenTraces) document(doc []byte) error {
	n.docs = append(n.docs, string(doc))
	return nil
}

func (n *takenTraces) spansJSON(one []byte) error {
	n.groups = append(n.groups, string(one))
	return nil
}

func (n *takenTraces) spans(one []byte) error {
	text, err := wire.SpansToJSON(append([]byte{protobufFirst, byte(len(one))}, one...))
	n.groups = append(n.groups, string(text))
	return err
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	z.Close()
	return b.String()
}

func zstdOf(text string) string {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	defer z.Close()
	return string(z.EncodeAll([]byte(text), nil))
}

const group = `{"scopeSpans":[{"spans":[{"traceId":"5759e988bd862e3fe1be46a994272793","spanId":"53995c3f42cd8ad8","name":"a"}]}]}`

func TestFilesOfEachKindAreRead(t *testing.T) {
	a, b := `{"id":"a","name":"x","start_time":1}`, `{"id":"b","subsegments":[{"id":"c"}]}`
	protobuf, err := wire.SpansFromJSON([]byte(`{"resourceSpans":[` + group + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	spans := `{"resourceSpans":[` + group + `]}`
	for name, c := range map[string]struct {
		text   string
		docs   []string
		groups int
	}{
		"lines":                             {a + "\n" + b + "\n", []string{a, b}, 0},
		"a new line before":                 {"\n\n " + a, []string{a}, 0},
		"an array":                          {"[" + a + "," + b + "]", []string{a, b}, 0},
		"arrays in lines":                   {"[" + a + "]\n[" + b + "]", []string{a, b}, 0},
		"texts":                             {fmt.Sprintf("[%q,%q]", a, b), []string{a, b}, 0},
		"batch-get-traces":                  {fmt.Sprintf(`{"UnprocessedTraceIds":[],"Traces":[{"Id":"1","Duration":2,"Segments":[{"Id":"a","Document":%q},{"Document":%q,"Id":"b"}]}],"NextToken":"x"}`, a, b), []string{a, b}, 0},
		"a trace of it":                     {fmt.Sprintf(`{"Id":"1","Segments":[{"Id":"a","Document":%q}]}`, a), []string{a}, 0},
		"roentgen trace":                    {`{"id":"1","duration":1,"limitExceeded":false,"segments":[` + a + `,` + b + `]}`, []string{a, b}, 0},
		"put-trace-segments":                {fmt.Sprintf(`{"TraceSegmentDocuments":[%q]}`, a), []string{a}, 0},
		"OTLP JSON":                         {spans, nil, 1},
		"OTLP JSON in lines":                {spans + "\n" + spans, nil, 2},
		"OTLP protobuf":                     {string(protobuf), nil, 1},
		"OTLP protobufs":                    {string(protobuf) + string(protobuf), nil, 2},
		"gzip":                              {gzipped(a + b), []string{a, b}, 0},
		"gzip, in two members":              {gzipped(a) + gzipped(b), []string{a, b}, 0},
		"zstd, in two frames":               {zstdOf(a+"\n") + zstdOf(b), []string{a, b}, 0},
		"gzip of protobuf":                  {gzipped(string(protobuf)), nil, 1},
		"a document that is none":           {`{"a":1}`, []string{`{"a":1}`}, 0}, // the server says so
		"a document with a member segments": {`{"id":"a","start_time":1,"segments":[1]}`, []string{`{"id":"a","start_time":1,"segments":[1]}`}, 0},
		"numbers as they came":              {`{"id":"a","start_time":1.4998000000000001e9}`, []string{`{"id":"a","start_time":1.4998000000000001e9}`}, 0},
	} {
		var got takenTraces
		if err := readTraces(strings.NewReader(c.text), &got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !slices.Equal(got.docs, c.docs) || len(got.groups) != c.groups {
			t.Errorf("%s: %d groups of spans and the documents %q, want %d and %q", name, len(got.groups), got.docs, c.groups, c.docs)
		}
	}
}

func TestBrokenFilesAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "empty",
		" \n":                 "empty",
		"hello":               "neither JSON",
		`[{"id":"a"}`:         "breaks off",
		`{"id":"a"`:           "near byte",
		`["{}",1]`:            "no document",
		"\x0a\x05ab":          "breaks off",
		"\x0a\x00\x12":        "byte 2 is 0x12",
		"\x1f\x8bxx":          "gzip",
		"\x28\xb5\x2f\xfdxxx": "", // whatever zstd says
		`{"resourceSpans":7}`: "no list",
		strings.Repeat("[", 100) + strings.Repeat("]", 100): "too deep",
	} {
		err := readTraces(strings.NewReader(text), &takenTraces{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", text, err, want)
		}
	}
}

// endless is a document that never ends.
type endless struct{ n int }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	if e.n == 0 {
		copy(b, `{"id":"`)
	}
	e.n += len(b)
	return len(b), nil
}

func TestADocumentWithoutEndIsNotHeld(t *testing.T) {
	e := new(endless)
	err := readTraces(e, &takenTraces{})
	if err == nil || !strings.Contains(err.Error(), "more than 64 MB") || e.n > 2*largestPiece {
		t.Errorf("after %d bytes: %v", e.n, err)
	}
}

// What is read of any bytes is JSON again, or an error.
func FuzzReadTraces(f *testing.F) {
	for _, text := range []string{`{"id":"a"}`, `[{"Traces":[{"Segments":[{"Document":"{}"}]}]}]`, `{"resourceSpans":[` + group + `]}`, "\x0a\x02\x12\x00", gzipped("[]"), zstdOf("{}")} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got := takenTraces{}
		if len(text) > 4096 || readTraces(bytes.NewReader(text), &got) != nil {
			return
		}
		for _, group := range got.groups {
			if !json.Valid([]byte(group)) {
				t.Errorf("%q of %q is no JSON", group, text)
			}
		}
	})
}

func TestSpansAreCounted(t *testing.T) {
	request, err := wire.SpansFromJSON([]byte(`{"resourceSpans":[` + group + `,` + strings.Replace(group, `"spans":[`, `"spans":[{"spanId":"53995c3f42cd8ad9"},`, 1) + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if n := countSpans(request, 3); n != 3 {
		t.Errorf("%d spans, want 3", n)
	}
	if n := countSpans(request[:len(request)/2], 3); n > 3 {
		t.Errorf("%d spans in half of it", n)
	}
}

func TestRejectedSpansAreRead(t *testing.T) {
	// partial_success {rejected_spans: 300, error_message: "no id"}
	answer := []byte{0x0a, 10, 0x08, 0xac, 0x02, 0x12, 5, 'n', 'o', ' ', 'i', 'd'}
	if n, message := partialSuccess(answer); n != 300 || message != "no id" {
		t.Errorf("%d %q", n, message)
	}
	if n, _ := partialSuccess(nil); n != 0 {
		t.Errorf("%d of an empty answer", n)
	}
}
