package wire

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

// sameAgain reads again what a Parser takes, and holds it against that.
func sameAgain(t *testing.T, a *Again, p *Parser, doc []byte) *roentgen.Segment {
	t.Helper()
	want, err := p.Parse(doc)
	if err != nil {
		return nil
	}
	before := bytes.Clone(want.Document)
	got, err := a.Read(want.Document, want.Hash)
	if err != nil || !bytes.Equal(want.Document, before) {
		t.Fatalf("%q: %v; the document is now %q", before, err, want.Document)
	}
	if x, y := asJSON(t, got), asJSON(t, want); !bytes.Equal(x, y) || !bytes.Equal(got.Document, want.Document) || got.Hash != want.Hash {
		t.Fatalf("%q\nagain  %s\nparsed %s", doc, x, y)
	}
	return got
}

func TestDocumentsAreReadAgainAsTheyWere(t *testing.T) {
	a, p := NewAgain(Limits{}), NewParser(Limits{})
	read := 0
	for _, dir := range []string{"documents", "load"} {
		for _, doc := range documentsIn(t, "testdata/"+dir+"/*.json") {
			if sameAgain(t, a, p, doc) != nil {
				read++
			}
		}
	}
	if read < 10 {
		t.Errorf("%d documents were read", read)
	}
	if _, err := a.Read([]byte(`{"name":`), 0); err == nil {
		t.Error("half a document was read")
	}
}

func TestStringsOutlastWhatIsReadAgain(t *testing.T) {
	a, p := NewAgain(Limits{}), NewParser(Limits{})
	var urls []string
	for i := range 20 {
		s := sameAgain(t, a, p, []byte(doc(fmt.Sprintf(`"http":{"request":{"url":"/a\"b/%d","method":"m%d"}}`, i, i))))
		urls = append(urls, s.HTTP.URL, s.HTTP.Method)
	}
	for i := range 20 {
		if want := fmt.Sprintf(`/a"b/%d`, i); urls[2*i] != want || urls[2*i+1] != fmt.Sprintf("m%d", i) {
			t.Errorf("document %d: %q, %q", i, urls[2*i], urls[2*i+1])
		}
	}
}

func TestReadingAgainIsNoAllocation(t *testing.T) {
	a := NewAgain(Limits{})
	inner := `{` + okInner + `,"http":{"response":{"status":200}},"sql":{"user":"u"},"annotations":{"a":1}}`
	text := []byte(doc(`"subsegments":[` + strings.Repeat(inner+",", 9) + inner + `]`))
	n := testing.AllocsPerRun(100, func() {
		if _, err := a.Read(text, 1); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func FuzzAgain(f *testing.F) {
	for _, doc := range documentsIn(f, "testdata/documents/*.json") {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		a := NewAgain(Limits{})
		sameAgain(t, a, NewParser(Limits{}), doc)
		sameAgain(t, a, NewParser(Limits{}), doc)
	})
}

func BenchmarkAgain(b *testing.B) {
	var docs []*roentgen.Segment
	size := 0
	for _, doc := range documentsIn(b, "testdata/load/*.json") {
		if s, err := ParseDocument(doc, Limits{}); err == nil {
			docs = append(docs, s)
			size += len(s.Document)
		}
	}
	a := NewAgain(Limits{})
	b.SetBytes(int64(size / len(docs)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d := docs[i%len(docs)]
		if _, err := a.Read(d.Document, d.Hash); err != nil {
			b.Fatal(err)
		}
	}
}
