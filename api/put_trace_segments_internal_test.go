package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/roentgen/roentgen"
)

// bodies are forms of the request and whether the quick reader takes them.
var bodies = []struct {
	name, text string
	quick      bool
}{
	{"two documents", `{"TraceSegmentDocuments":["{\"id\":\"1\"}","{\"a\\\\b\":[1,\"x\"]}"]}`, true},
	{"white space everywhere", " {\n\t\"TraceSegmentDocuments\" : [ \"a\" ,\r\n \"b\" ] } \n", true},
	{"no documents", `{"TraceSegmentDocuments":[]}`, true},
	{"an empty document", `{"TraceSegmentDocuments":["",""]}`, true},
	{"every escape", `{"TraceSegmentDocuments":["\"\\\/\b\f\n\r\t\u0000\u00e9\u20AC\uffff\u003cé€🚀"]}`, true},
	{"a surrogate pair and a half", `{"TraceSegmentDocuments":["\ud83d\ude80","\ud83d"]}`, false},
	{"bytes that are not UTF-8", "{\"TraceSegmentDocuments\":[\"a\xffb\"]}", false},
	{"another member", `{"TraceSegmentDocuments":["a"],"Unknown":1}`, false},
	{"another member first", `{"Unknown":[],"TraceSegmentDocuments":["a"]}`, false},
	{"the member twice", `{"TraceSegmentDocuments":["a"],"TraceSegmentDocuments":["b"]}`, false},
	{"the member in small letters", `{"tracesegmentdocuments":["a"]}`, false},
	{"the member with an escape", `{"TraceSegment\u0044ocuments":["a"]}`, false},
	{"null instead of a list", `{"TraceSegmentDocuments":null}`, false},
	{"null instead of a document", `{"TraceSegmentDocuments":["a",null]}`, false},
	{"a document that is a number", `{"TraceSegmentDocuments":["a",7]}`, false},
	{"a document that is an object", `{"TraceSegmentDocuments":[{"id":"1"}]}`, false},
	{"no body", "", false},
	{"white space alone", " \n", false},
	{"an empty object", "{}", false},
	{"null", "null", false},
	{"a control character in a document", "{\"TraceSegmentDocuments\":[\"a\nb\"]}", false},
	{"a NUL in a document", "{\"TraceSegmentDocuments\":[\"a\x00b\"]}", false},
	{"an escape that is none", `{"TraceSegmentDocuments":["\x"]}`, false},
	{"an escape of three digits", `{"TraceSegmentDocuments":["\u12g4"]}`, false},
	{"no end of a document", `{"TraceSegmentDocuments":["a`, false},
	{"a backslash at the end", `{"TraceSegmentDocuments":["a\`, false},
	{"no end of the list", `{"TraceSegmentDocuments":["a"`, false},
	{"no end of the object", `{"TraceSegmentDocuments":["a"]`, false},
	{"a comma too many", `{"TraceSegmentDocuments":["a",]}`, false},
	{"more behind the end", `{"TraceSegmentDocuments":["a"]} {}`, false},
	{"a NUL behind the end", "{\"TraceSegmentDocuments\":[\"a\"]}\x00", false},
}

func TestBodiesAreReadAsEncodingJSONReadsThem(t *testing.T) {
	var b putBody // one for all, as in the pool
	for _, c := range bodies {
		t.Run(c.name, func(t *testing.T) {
			if quick := sameAsEncodingJSON(t, &b, []byte(c.text)); quick != c.quick {
				t.Errorf("read by the quick reader: %t, want %t", quick, c.quick)
			}
		})
	}
}

// Escapes and ends at every offset within the bytes that are looked at at a
// time.
func TestDocumentsOfEveryLengthAreUnescaped(t *testing.T) {
	var b putBody
	for n := range 72 {
		for _, special := range []string{"", `\"`, `\\`, `\n`, `\\\"`, `\u00e9`, `\u20ac`, "é", "🚀", "\x7f"} {
			for at := n % 5; at <= n; at += 5 {
				doc := strings.Repeat("x", at) + special + strings.Repeat("y", n-at)
				if !sameAsEncodingJSON(t, &b, fmt.Appendf(nil, `{"TraceSegmentDocuments":["%s","%s"]}`, doc, doc)) {
					t.Fatalf("%s was left to encoding/json", doc)
				}
			}
		}
	}
}

// FuzzPutBody holds the reader of bodies against encoding/json.
func FuzzPutBody(f *testing.F) {
	for _, c := range bodies {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var b putBody
		sameAsEncodingJSON(t, &b, text)
		sameAsEncodingJSON(t, &b, fmt.Appendf(nil, `{"TraceSegmentDocuments":["%s"]}`, text)) // reaches into strings sooner
	})
}

// sameAsEncodingJSON reads text both ways and reports whether the quick reader
// took it.
func sameAsEncodingJSON(t *testing.T, b *putBody, text []byte) (quick bool) {
	t.Helper()
	b.raw = append(b.raw[:0], text...)
	err := b.decode()
	if !bytes.Equal(b.raw, text) {
		t.Fatalf("%q was changed to %q", text, b.raw)
	}
	var in putTraceSegmentsRequest
	want := decode(text, &in)
	if fmt.Sprint(err) != fmt.Sprint(want) {
		t.Fatalf("%q: got %v, want %v", text, err, want)
	}
	if err != nil {
		return false
	}
	got := make([]string, len(b.docs))
	for i, d := range b.docs {
		got[i] = string(d.Bytes())
	}
	if !slices.Equal(got, append([]string{}, in.TraceSegmentDocuments...)) {
		t.Fatalf("%q: got %q, want %q", text, got, in.TraceSegmentDocuments)
	}
	b.docs = b.docs[:0]
	return b.usual()
}

func TestBodiesComeInWholeHoweverTheyAreSent(t *testing.T) {
	for _, n := range []int{0, 1, 504, 505, 512, 513, 5000, readAtFirst - 1, readAtFirst, readAtFirst + 1} {
		want := bytes.Repeat([]byte("ab"), n/2+1)[:n]
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "in halves": iotest.HalfReader, "its end with its last bytes": iotest.DataErrReader,
		} {
			for _, length := range []int64{int64(n), -1} {
				a := New(Config{MaxBodyBytes: int64(max(1, n))})
				r := httptest.NewRequest("POST", "/", wrap(bytes.NewReader(want)))
				r.ContentLength = length
				got, err := a.read(httptest.NewRecorder(), r, nil)
				if err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%d bytes sent %s, length %d: got %d bytes, %v", n, name, length, len(got), err)
				}
			}
		}
	}
}

func TestABodyThatBreaksOffIsRefused(t *testing.T) {
	a := New(Config{})
	r := httptest.NewRequest("POST", "/", iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("{}"))))
	if _, err := a.read(httptest.NewRecorder(), r, nil); roentgen.KindOf(err) != roentgen.Invalid || !strings.HasPrefix(err.Error(), "read the request body: ") {
		t.Errorf("got %v", err)
	}
}

// BenchmarkPutBody reads a call of 50 documents of three services.
func BenchmarkPutBody(b *testing.B) {
	doc := `{"name":"shop","id":"53995c3f42cd8ad8","http":{"request":{"method":"GET","url":"https://shop.example/cart?id=7"}},"annotations":{"cart":"3f0a"},"subsegments":[]}`
	text, err := json.Marshal(putTraceSegmentsRequest{slices.Repeat([]string{strings.Repeat(doc, 14)}, 50)})
	if err != nil {
		b.Fatal(err)
	}
	for name, read := range map[string]func(*putBody) bool{
		"quick":         (*putBody).usual,
		"encoding/json": func(p *putBody) bool { return decode(p.raw, new(putTraceSegmentsRequest)) == nil },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			p := putBody{raw: append(make([]byte, 0, len(text)+padding), text...)}
			for b.Loop() {
				p.docs = p.docs[:0]
				if !read(&p) {
					b.Fatal("not taken")
				}
			}
		})
	}
}
