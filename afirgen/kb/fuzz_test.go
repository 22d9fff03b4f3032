package kb

import (
	"errors"
	"io/fs"
	"reflect"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

func FuzzLoad(f *testing.F) {
	for _, file := range [...]string{generalFile, "data/concepts/threats.txt", "data/special.txt", "data/sources.txt"} {
		data, err := fs.ReadFile(Files(), file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("concept a\n  label a | अ\n  en $b .. #1-5|; =\n"))
	// Small files around, so that most of the time goes into the fuzzed one.
	small := map[string]string{
		"data/sources.txt":    "source act\n  kind act\n  text t\n",
		"data/special.txt":    "act it\n  title T\n  title-hi त\n  numbers 66\n  confidence medium\n  sources act\n  need x\n",
		"data/concepts/a.txt": "set s\n  en a\n  hi अ\n  ro a\n\nconcept x\n  label a | अ\n  en a\n  hi अ\n  ro a\n",
		"data/sections/a.txt": "section 1\n  title T\n  title-hi त\n  kind offence\n  old new\n  punishment 1y\n  longest 1 year\n" +
			"  cognizable yes\n  bailable yes\n  confidence high\n  sources act\n  effective 2024-07-01\n  need x\n",
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for name := range small {
			files := fstest.MapFS{}
			for other, text := range small {
				files[other] = &fstest.MapFile{Data: []byte(text)}
			}
			files[name] = &fstest.MapFile{Data: data}
			b, err := Load(files)
			var where *DataError
			if (b == nil) == (err == nil) || err != nil && (!errors.As(err, &where) || where.File == "") {
				t.Fatalf("%s: a base (%v) and the error %v", name, b != nil, err)
			}
			if b != nil {
				b.Search(Query{Text: string(data)})
			}
		}
	})
}

func FuzzSearch(f *testing.F) {
	b, err := Load(Files())
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range readComplaints(f, "testdata/tuned.txt")[:4] {
		f.Add(c.text)
	}
	f.Add("चोरी\u200d हुई\xff, ₹5,00,000 no. 5 lakh lakh lakh")
	f.Add("he didn't, wouldn't' 11:40:50.,, ५.५")
	f.Fuzz(func(t *testing.T, text string) {
		r := b.Search(Query{Text: text, Limit: 500})
		for _, h := range r.Hits {
			if h.Score <= 0 || h.Complete != (len(h.Missing) == 0) || !h.Section.InForce() {
				t.Fatalf("section %s: score %v, complete %v, missing %v", h.Section.Number, h.Score, h.Complete, h.Missing)
			}
			for _, m := range h.Met {
				checkSpans(t, text, m.Evidence)
			}
		}
		if !reflect.DeepEqual(r, b.Search(Query{Text: text, Limit: 500})) {
			t.Fatal("the same text gave two answers")
		}
	})
}

func checkSpans(t *testing.T, text string, list []Evidence) {
	t.Helper()
	for _, e := range list {
		for _, s := range e.Spans {
			// What stands between two words of a phrase is the caller's text, whatever its bytes are.
			if s.Start < 0 || s.Start >= s.End || s.End > len(text) || utf8.ValidString(text) && !utf8.ValidString(text[s.Start:s.End]) {
				t.Fatalf("evidence for %q has the span %v of %d bytes", e.Phrase, s, len(text))
			}
		}
	}
}
