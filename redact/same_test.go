package redact

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/roentgen/roentgen/redact/structure"
)

// pairs of redactors: with everything, and with what takes other ways through the scanner.
func redactors(tb testing.TB) map[string]*Redactor {
	tb.Helper()
	all := map[string]*Redactor{}
	for name, change := range map[string]func(*Config){
		"default":      func(*Config) {},
		"without SQL":  func(c *Config) { c.SQL = false },
		"without URLs": func(c *Config) { c.URLQuery = false },
		"without people": func(c *Config) {
			c.Phone, c.Aadhaar, c.Email, c.PAN = false, false, false, false
		},
		"short names": func(c *Config) { c.Keys, c.KeepKeys = append(c.Keys, "a", "xy"), []string{"b", "note"} },
	} {
		cfg := Default()
		change(&cfg)
		r, err := New(cfg)
		if err != nil {
			tb.Fatal(err)
		}
		all[name] = r
	}
	return all
}

// sameAsByBytes holds the scanner that goes by the index against the one that reads byte by byte.
func sameAsByBytes(t *testing.T, all map[string]*Redactor, doc []byte) {
	t.Helper()
	before := bytes.Clone(doc)
	for name, r := range all {
		out, counts := r.Document(nil, doc)
		want, wantCounts := documentByBytes(r, doc)
		if !bytes.Equal(out, want) || counts != wantCounts {
			t.Fatalf("%s: %q\n became %q, %+v\nby bytes %q, %+v", name, doc, out, counts, want, wantCounts)
		}
		if !bytes.Equal(doc, before) {
			t.Fatalf("%s: %q was changed", name, before)
		}
		if counts == (Counts{}) && (len(out) != len(doc) || len(doc) > 0 && &out[0] != &doc[0]) {
			t.Fatalf("%s: %q was copied for nothing", name, doc)
		}
		var x structure.Index
		x.Make(doc)
		if again, c := r.Indexed(nil, doc, &x); !bytes.Equal(again, out) || c != counts {
			t.Fatalf("%s: %q with its index became %q, %+v", name, doc, again, c)
		}
	}
}

// pieces are what documents are damaged with, and what odd ones are made of.
var pieces = []string{
	`"`, `\`, `\"`, `\\`, `{`, `}`, `[`, `]`, `,`, `:`, ` `, "\n", "\t", "\x00", "\x1f", "\x7f", "\xff", "\xe0", `\u0040`, `\u0039`, `\9`, `#`, `%40`, `?`, `@`,
	`9876543210`, `98765 43210`, `2345 6789 0124`, `ABCDE1234F`, `a@b.com`, `https://u:p@h/x?a=b#c`, `9`, `0091`, `+91 `, `-`, `९८७६५४३२१०`, `भा`,
	`"name":`, `"id":"`, `"subsegments":[`, `"http":{`, `"request":{"url":"`, `"aws":{`, `"sql":{"sanitized_query":"`, `"url":"`, `"database_type":"Postgres",`,
	`"cause":{"exceptions":[{"message":"`, `"links":[{`, `"metadata":{"d":{`, `"password":`, `"a":`, `"b":`, `"n\u0061me":`, `"x.token":`, `"trace_id":"`, `"elastic_beanstalk":`,
	`SELECT 'x' `, `$1 `, `$a$`, `LIMIT 10`, ` = 1.5`, `t_9876543210 `, `.5`, `1a`, `u:p@tcp(h)`, `password=x`, `null`, `true`, `1790000000.5`, `-1e5`, `"k_ns":`, "\xef\xbb\xbf",
}

func damaged(rnd *rand.Rand, doc []byte) []byte {
	doc = bytes.Clone(doc)
	for range 1 + rnd.IntN(3) {
		if len(doc) == 0 {
			break
		}
		i := rnd.IntN(len(doc))
		piece := pieces[rnd.IntN(len(pieces))]
		switch rnd.IntN(5) {
		case 0:
			doc[i] = byte(rnd.IntN(256))
		case 1:
			doc = append(doc[:i], doc[i+1:]...)
		case 2:
			doc = doc[:i]
		default:
			doc = append(doc[:i:i], append([]byte(piece), doc[i:]...)...)
		}
	}
	return doc
}

func TestTheIndexMakesNoDifference(t *testing.T) {
	all := redactors(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	var docs [][]byte
	for _, c := range documentCases {
		docs = append(docs, []byte(c.doc))
	}
	docs = append(docs, loadDocuments(t)...)
	for seed := range uint64(100) {
		p := &planter{Rand: rand.New(rand.NewPCG(8, seed))}
		p.entity(0)
		docs = append(docs, bytes.Clone(p.doc.Bytes()))
	}
	changed := 0
	for _, doc := range docs {
		sameAsByBytes(t, all, doc)
		for range 25 {
			odd := damaged(rnd, doc)
			sameAsByBytes(t, all, odd)
			if _, c := all["default"].Document(nil, odd); c != (Counts{}) {
				changed++
			}
		}
	}
	for range 8000 {
		var doc []byte
		for range rnd.IntN(30) {
			doc = append(doc, pieces[rnd.IntN(len(pieces))]...)
		}
		sameAsByBytes(t, all, doc)
	}
	if changed < 500 {
		t.Errorf("something was found in only %d of the damaged documents", changed)
	}
}

// FuzzSame holds the scanner that goes by the index against the one that reads byte by byte, on any bytes.
func FuzzSame(f *testing.F) {
	for _, c := range documentCases {
		f.Add([]byte(c.doc))
	}
	for _, doc := range loadDocuments(f) {
		f.Add(doc)
	}
	for _, piece := range pieces {
		f.Add([]byte(`{"metadata":{"d":{"a":"` + piece + `","b":[` + piece + `,1]}},"sql":{"sanitized_query":"` + piece + `"},"http":{"request":{"url":"` + piece + `"}},"user":"long enough"}`))
	}
	all := redactors(f)
	f.Fuzz(func(t *testing.T, doc []byte) { sameAsByBytes(t, all, doc) })
}
