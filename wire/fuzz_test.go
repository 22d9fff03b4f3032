package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
)

// seedDocuments adds the documents of producers.
func seedDocuments(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("testdata/documents/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("found %d documents: %v", len(files), err)
	}
	for _, file := range files {
		doc, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
}

// fuzzDepth is far below where encoding/json gives up.
const fuzzDepth = 500

// FuzzParseDocument holds the decoder against encoding/json: both take the
// same texts, canonical text means what the text meant and is its own
// canonical text.
func FuzzParseDocument(f *testing.F) {
	seedDocuments(f)
	for _, s := range []string{`{"a":1,"\u0061":2}`, `[1,2,{"x":[]}]`, "\xef\xbb\xbf{}", `{"":{"":{"":1,"":2}}}`, "\"\xff\"", `"\ud83d\ude80\ud800"`, `-0.0e-0`, ` null `} {
		f.Add([]byte(s))
	}
	lim := Limits{MaxDepth: fuzzDepth, MaxDocumentBytes: -1}
	f.Fuzz(func(t *testing.T, text []byte) {
		checkText(t, text)
		parsedFully(t, text, lim)
		s, err := ParseDocument(text, lim)
		if err != nil {
			checkRejection(t, err)
			return
		}
		checkSegment(t, s, lim)
	})
}

// checkText looks at syntax and canonical text of any JSON value.
func checkText(t *testing.T, text []byte) {
	got, err := canonical(text, fuzzDepth)
	valid := json.Valid(bytes.TrimPrefix(text, []byte(byteOrderMark)))
	if err != nil {
		if valid && nesting(text) <= fuzzDepth {
			t.Fatalf("%q: encoding/json takes it: %v", text, err)
		}
		return
	}
	if !valid {
		t.Fatalf("%q: encoding/json refuses it", text)
	}
	if !utf8.Valid(got) {
		t.Fatalf("%q: canonical text %q is not UTF-8", text, got)
	}
	sameMeaning(t, text, got)
	again, err := canonical(got, fuzzDepth)
	if err != nil || !bytes.Equal(got, again) {
		t.Fatalf("%q: canonical text %q becomes %q, %v", text, got, again, err)
	}
}

// nesting returns an upper bound for the depth of text.
func nesting(text []byte) int { return bytes.Count(text, []byte("[")) + bytes.Count(text, []byte("{")) }

func checkRejection(t *testing.T, err error) {
	r, ok := err.(*roentgen.Rejection)
	if !ok || r.Code == "" || r.Detail == "" || !utf8.ValidString(r.ID) {
		t.Fatalf("not a rejection in full: %#v", err)
	}
}

func checkSegment(t *testing.T, s *roentgen.Segment, lim Limits) {
	if s.Trace.IsZero() || s.Hash != xxhash.Sum64(s.Document) {
		t.Fatalf("trace %v, hash %x", s.Trace, s.Hash)
	}
	s.Walk(func(e *roentgen.Segment) {
		if e.ID.IsZero() || CheckName(e.Name) != nil || e.Start <= 0 || (e.End == 0) != e.InProgress || e != s && e.Kind != roentgen.KindSubsegment {
			t.Fatalf("entity %+v", e)
		}
		for _, text := range []string{e.Name, e.User, e.Origin} {
			if !utf8.ValidString(text) {
				t.Fatalf("%q is not UTF-8", text)
			}
		}
	})
	again, err := ParseDocument(s.Document, lim)
	if err != nil {
		t.Fatalf("canonical text %q is refused: %v", s.Document, err)
	}
	if !bytes.Equal(show(t, s), show(t, again)) {
		t.Fatalf("read once\n%s\nread twice\n%s", show(t, s), show(t, again))
	}
}

// FuzzDatagram: whatever is taken can be sent again and is taken as the same.
func FuzzDatagram(f *testing.F) {
	for _, s := range []string{
		"{\"format\":\"json\",\"version\":1}\n{}", "{\"format\": \"JSON\", \"version\": 1.0, \"undecided\": true}\n{}\n{}", "{\"kept\":true,\"format\":\"json\",\"version\":1,\"undecided\":true}\n{}", "{}\n{}", "\n", "{\"format\":\"json\",\"version\":2}\nx", "{\"format\":\"json\"", "[]\n1",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		doc, h, err := ParseDatagram(b)
		if !bytes.Equal(b, before) {
			t.Fatal("the datagram was changed")
		}
		if err != nil {
			if e, ok := err.(*DatagramError); !ok || e.Reason == 0 || doc != nil {
				t.Fatalf("not a datagram error in full: %#v, %q", err, doc)
			}
			return
		}
		if !json.Valid(b[:bytes.IndexByte(b, '\n')]) || !bytes.HasSuffix(b, append([]byte{'\n'}, doc...)) {
			t.Fatalf("%q was split at %q", b, doc)
		}
		sent := append(AppendHeader(nil, h), doc...)
		if len(sent) > MaxDatagramBytes {
			return
		}
		again, h2, err := ParseDatagram(sent)
		if err != nil || h2 != h || !bytes.Equal(again, doc) {
			t.Fatalf("sent again: %+v, %v", h2, err)
		}
	})
}

// FuzzTraceHeader: what is written is read as the same, and is safe to send.
func FuzzTraceHeader(f *testing.F) {
	for _, c := range readHeaderCases(f) {
		f.Add(c.In)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseTraceHeader(s)
		if err != nil && roentgen.KindOf(err) != roentgen.Invalid {
			t.Fatalf("kind of %v", err)
		}
		if h.Root.IsZero() && !h.Parent.IsZero() {
			t.Fatal("a parent without a trace")
		}
		out := h.String()
		for i := range len(out) {
			if out[i] < ' ' || out[i] == 0x7f {
				t.Fatalf("%q holds a control character", out)
			}
		}
		if len(out) > MaxTraceHeaderBytes {
			return
		}
		again, err := ParseTraceHeader(out)
		if err != nil || again.String() != out {
			t.Fatalf("%q was written as %q and that as %q, %v", s, out, again.String(), err)
		}
	})
}
