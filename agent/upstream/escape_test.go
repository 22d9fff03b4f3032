package upstream

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// checkString compares appendString with what encoding/json reads of it.
func checkString(t *testing.T, doc []byte) {
	t.Helper()
	out := appendString([]byte("["), doc)
	var got string
	if err := json.Unmarshal(out[1:], &got); err != nil {
		t.Fatalf("%q became %q: %v", doc, out, err)
	}
	if want := strings.ToValidUTF8(string(doc), "\uFFFD"); got != want {
		t.Fatalf("%q became %q, which is %q", doc, out, got)
	}
	room := make([]byte, 0, longest(doc))
	quick, rest, high := appendEscaped(room, doc)
	slow, slowRest, slowHigh := appendRuns(make([]byte, 0, longest(doc)), doc[:len(doc)-len(rest)])
	for _, c := range slowRest {
		slow = appendByte(slow, c)
		slowHigh = slowHigh || c >= 0x80
	}
	if !bytes.Equal(quick, slow) || high != slowHigh {
		t.Fatalf("of %q both ways differ: %q and %q, beyond ASCII %v and %v", doc, quick, slow, high, slowHigh)
	}
}

func TestADocumentIsAJSONString(t *testing.T) {
	for _, doc := range []string{"", `"`, `\`, `{"a":"b\"c"}`, "\n", "\x00\x1f\x7f", "ab\ncdefghijkl\"m", "é\u2028", "\xff\"\xfe", strings.Repeat(`"`, 100),
		strings.Repeat("\n", 100), strings.Repeat("plain", 30)} {
		checkString(t, []byte(doc))
	}
	chance := rand.New(rand.NewPCG(1, 1))
	for n := range 20000 {
		kinds := 3 + n%11 // with control characters and bytes beyond ASCII, or without
		doc := make([]byte, chance.IntN(90))
		for i := range doc {
			doc[i] = "\"\\ !\x7fazz\n\x1f\x80\xc3\xa9"[chance.IntN(kinds)]
		}
		checkString(t, doc)
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add([]byte(`{"name":"shop"}`))
	f.Fuzz(checkString)
}

func BenchmarkAppendString(b *testing.B) {
	doc := sampleDocument(2200)
	var dst []byte
	b.SetBytes(int64(len(doc)))
	began := processor()
	for b.Loop() {
		dst = appendString(dst[:0], doc)
	}
	b.ReportMetric(float64(processor()-began)/float64(b.N), "cpu-ns/op")
}

// sampleDocument is a segment of about n bytes, with the usual share of quotes.
func sampleDocument(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"trace_id":"1-6a1b2c3d-0123456789abcdef01234567","id":"aaaaaaaaaaaaaaa1","name":"shop","start_time":1780165693.1,"end_time":1780165693.35,"subsegments":[`)
	for i := 0; b.Len() < n-60; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"id":"bbbbbbbbbbbbbbb1","name":"DynamoDB","start_time":1780165693.120,"end_time":1780165693.150,"namespace":"aws","aws":{"operation":"GetItem","table_name":"carts","region":"eu-west-1"},"http":{"response":{"status":200}}}`)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}
