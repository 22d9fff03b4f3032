package redact

import (
	"bytes"
	"os"
	"regexp"
	"testing"
)

// loadDocuments are documents as services send them, 2.2 kB each, without personal data.
func loadDocuments(tb testing.TB) [][]byte {
	tb.Helper()
	text, err := os.ReadFile("testdata/load.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(text), []byte("\n"))
}

func newDefault(tb testing.TB) *Redactor {
	tb.Helper()
	r, err := New(Default())
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// One document of 2.2 kB in which there is nothing to find, by the scanner and by four regular expressions that know
// far less: neither keys, nor structure, nor escapes, nor check digits.
func BenchmarkDocument(b *testing.B) {
	docs := loadDocuments(b)[:27]
	bytesOf := func(b *testing.B) {
		total := 0
		for _, doc := range docs {
			total += len(doc)
		}
		b.SetBytes(int64(total / len(docs)))
		b.ReportAllocs()
	}
	b.Run("clean", func(b *testing.B) {
		r := newDefault(b)
		bytesOf(b)
		for i := 0; b.Loop(); i++ {
			if _, c := r.Document(nil, docs[i%len(docs)]); c.Total() > 0 {
				b.Fatal(c)
			}
		}
	})
	b.Run("found", func(b *testing.B) {
		r := newDefault(b)
		bytesOf(b)
		dirty := make([][]byte, len(docs))
		for i, doc := range docs {
			dirty[i] = bytes.Replace(doc, []byte(`"metadata":{"default":{`), []byte(`"metadata":{"default":{"from":"a.b@example.com, 98765 43210","token":"x",`), 1)
		}
		var dst []byte
		for i := 0; b.Loop(); i++ {
			var c Counts
			if dst, c = r.Document(dst, dirty[i%len(docs)]); c.Total() != 3 {
				b.Fatal(c)
			}
		}
	})
	b.Run("four regular expressions", func(b *testing.B) {
		expressions := []*regexp.Regexp{
			regexp.MustCompile(`(?:\+91[ -]?)?[6-9]\d{4}[ -]?\d{5}\b`),
			regexp.MustCompile(`\b[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}\b`),
			regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`),
			regexp.MustCompile(`\b[A-Z]{5}\d{4}[A-Z]\b`),
		}
		bytesOf(b)
		for i := 0; b.Loop(); i++ {
			for _, e := range expressions {
				e.Match(docs[i%len(docs)])
			}
		}
	})
}
