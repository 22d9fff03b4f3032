package wire

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/redact/structure"
)

// sameGlance holds a Glancer against a Parser: what the Parser takes is read
// alike, and what the Glancer refuses the Parser refuses with the same words.
// It reports whether the Glancer did it alone.
func sameGlance(t *testing.T, g *Glancer, doc []byte, lim Limits) (alone bool) {
	t.Helper()
	before := bytes.Clone(doc)
	got, err := g.Read(doc)
	if !bytes.Equal(doc, before) {
		t.Fatalf("%q was changed", before)
	}
	want, wantErr := parsedFully(t, doc, lim)
	if err != nil {
		if wantErr == nil || *err.(*roentgen.Rejection) != *wantErr.(*roentgen.Rejection) {
			t.Fatalf("%q: the Glancer refuses: %v; the Parser: %v", doc, err, wantErr)
		}
		return false
	}
	if got.Document != nil || got.Hash != 0 {
		t.Fatalf("%q: document %q, hash %x", doc, got.Document, got.Hash)
	}
	if wantErr == nil {
		want.Document, want.Hash = nil, 0
		if a, b := asJSON(t, got), asJSON(t, want); !bytes.Equal(a, b) {
			t.Fatalf("%q\nglanced %s\nparsed  %s", doc, a, b)
		}
	}
	alone = sameWays(t, g, doc)
	return alone
}

// sameWays reads doc by an index of its own, by one that was made before, and
// by that of quotes alone, which there is where no processor helps: what one of
// them takes all take alike.
func sameWays(t *testing.T, g *Glancer, doc []byte) (alone bool) {
	t.Helper()
	var x structure.Index
	x.Make(doc)
	var first []byte
	for n, read := range []func() bool{
		func() bool { return g.quick.read(doc, index{}) },
		func() bool { return g.quick.readIndexed(doc, &x) },
		func() bool {
			return len(doc) <= g.quick.lim.MaxDocumentBytes && g.quick.begin(doc, index{}, g.quick.lim.MaxDepth) && g.quick.document()
		},
	} {
		g.quick.release()
		took := read()
		if n == 0 {
			alone = took
		}
		if took != alone {
			t.Fatalf("%q: taken: %t; and by way %d: %t", doc, alone, n, took)
		}
		if !took {
			continue
		}
		text := asJSON(t, g.quick.scratch.link())
		if n == 0 {
			first = text
		}
		if !bytes.Equal(text, first) {
			t.Fatalf("%q\nby way 0 %s\nby way %d %s", doc, first, n, text)
		}
	}
	g.quick.release()
	return alone
}

func asJSON(t *testing.T, s *roentgen.Segment) []byte {
	t.Helper()
	s.Walk(func(e *roentgen.Segment) {
		if len(e.Annotations) == 0 {
			e.Annotations = nil // the Parser's are nil or empty, as it happens
		}
	})
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// documentsIn returns the documents of producers, by name.
func documentsIn(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("found no documents as %s: %v", pattern, err)
	}
	docs := map[string][]byte{}
	for _, file := range files {
		if docs[strings.TrimSuffix(filepath.Base(file), ".json")], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return docs
}

func TestDocumentsOfProducersAreGlancedAtAsTheyAreParsed(t *testing.T) {
	g := NewGlancer(Limits{})
	for _, pattern := range []string{"testdata/documents/*.json", "testdata/load/*.json"} {
		for name, doc := range documentsIn(t, pattern) {
			alone := sameGlance(t, g, doc, Limits{})
			if !alone && pattern == "testdata/load/*.json" {
				t.Errorf("%s was left to a Parser", name)
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, doc, " ", "\t"); err != nil {
				t.Fatal(err)
			}
			if sameGlance(t, g, indented.Bytes(), Limits{MaxDocumentBytes: -1}) != alone {
				t.Errorf("%s: white space makes a difference", name)
			}
		}
	}
}

// Every prefix of a document and every document with one byte changed, dropped
// or doubled.
func TestDamagedDocumentsAreGlancedAtAsTheyAreParsed(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	g := NewGlancer(Limits{})
	for _, doc := range documentsIn(t, "testdata/documents/*.json") {
		for i := range len(doc) {
			if i%7 == 0 {
				sameGlance(t, g, doc[:i:i], Limits{})
			}
		}
		for range 300 {
			b, i := bytes.Clone(doc), rnd.IntN(len(doc))
			switch rnd.IntN(4) {
			case 0:
				b[i] = byte(rnd.IntN(256))
			case 1:
				b[i] = `{}[]",:\0en tu`[rnd.IntN(14)]
			case 2:
				b = append(b[:i], b[i+1:]...)
			default:
				b = append(b[:i+1], b[i:]...)
			}
			sameGlance(t, g, b, Limits{})
		}
	}
}

// What a Glancer must not read alone, or has to read with care.
func TestOddDocumentsAreGlancedAtAsTheyAreParsed(t *testing.T) {
	g := NewGlancer(Limits{MaxAnnotations: 3, MaxLinks: 1, MaxSubsegments: 2, MaxDepth: 9})
	lim := g.quick.lim
	inner := `{` + okInner + `}`
	for members, alone := range map[string]bool{
		`"x":7`:                                true,
		`"user":"a","user":"b"`:                false,
		`"user":"a","user":null`:               false,
		`"user":7`:                             true,
		`"user":"a\u0062\n\ud83d\ude80\ud83d"`: true,
		`"user":"\x"`:                          false,
		"\"user\":\"a\xff\"":                   false,
		"\"user\":\"भाषा\"":                    true,
		"\"user\":\"a\nb\"":                    false,
		`"us\u0065r":"a"`:                      false,
		`"trace_id":null`:                      false,
		`"end_time":0`:                         false,
		`"x":0,"in_progress":true`:             true,
		`"in_progress":true,"parent_id":"00000000000000ab"`: true,
		`"in_progress":1`:     false,
		`"parent_id":""`:      true,
		`"parent_id":"x"`:     false,
		`"type":"subsegment"`: false,
		`"type":"subsegment","parent_id":"00000000000000ab","origin":"a"`:                                             true,
		`"type":"subsegment","type":"x"`:                                                                              false,
		`"http":{"response":{"status":500}},"http":{"request":{}}`:                                                    false,
		`"http":{"response":{"status":500},"response":{}}`:                                                            false,
		`"http":{"response":{"status":500,"status":"x","content_length":"12"}}`:                                       false,
		`"http":{"request":{"traced":true,"x_forwarded_for":true}},"namespace":"aws"`:                                 true,
		`"http":[],"aws":7,"sql":"","cause":{},"annotations":null,"links":{}`:                                         true,
		`"annotations":{"a":1,"b":"c","a":2}`:                                                                         false,
		`"annotations":{"a":1,"b":1e999,"-":1,"c":[{}],"d":-0.5e1,"e":true,"f":""}`:                                   true,
		`"annotations":{"a":1,"b":1,"c":1},"subsegments":[` + inner[:len(inner)-1] + `,"annotations":{"a":2,"d":1}}]`: true,
		`"annotations":{"a":01}`:                      false,
		`"annotations":{"a":1},"annotations":{"b":1}`: false,
		`"aws":{"xray":{"rule_name":"a","sampling_rule_name":"","sampling_probability":0.5}}`:                                                 true,
		`"aws":{"ec2":{"instance_id":"i"},"ecs":{"availability_zone":"z","container_arn":"c"},"resource_names":["a",1,"b"]}`:                  true,
		`"aws":{"resource_names":"a","queue_url":"q"},"links":[{"trace_id":"1-6a1b2c3d-0123456789abcdef01234567","id":"00000000000000ab"},7]`: true,
		`"cause":"00000000000000ab"`: true,
		`"cause":{"id":"00000000000000ab","exceptions":[{"id":"a","type":"b","message":"c","remote":true,"cause":"d","stack":[{"path":"}"}]},null]}`: true,
		`"cause":{"exceptions":[],"exceptions":[{}]}`:                                         false,
		`"subsegments":[null,` + inner + `]`:                                                  true,
		`"subsegments":[` + inner + `],"subsegments":[]`:                                      false,
		`"subsegments":[` + inner + `,` + inner + `,` + inner + `]`:                           false,
		`"subsegments":[7]`:                                                                   false,
		`"subsegments":[{}]`:                                                                  false,
		`"metadata":{"a":"\\","b":"\\\"}","c":"` + strings.Repeat(`long \"text\" `, 9) + `"}`: true,
		`"metadata":{"a":1,"a":2}`:                                                            true,
		`"metadata":[}`:                                                                       true, // not JSON, and let through
		`"metadata":{"a":`:                                                                    false,
		`"metadata":"`:                                                                        false,
		`"http":{"response":{"status":"12","content_length":"x"}}`:                            true,
		`"unknown":[nul]`:                                                                     true, // not JSON, and let through
		`"unknown":{"a" "b"}`:                                                                 true, // not JSON, and let through
		`"unknown":nul`:                                                                       false,
	} {
		text := []byte(doc(members))
		if got := sameGlance(t, g, text, lim); got != alone {
			t.Errorf("%s was read by the Glancer alone: %t, want %t", text, got, alone)
		}
	}
	for _, text := range []string{"", " ", "{", "}", "[]", "null", doc(``) + "x", doc(``) + " \n", "\xef\xbb\xbf" + doc(``), "\x00" + doc(``)} {
		sameGlance(t, g, []byte(text), lim)
	}
}

func TestGlancesOfRandomDocuments(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	g := NewGlancer(Limits{})
	for range 1000 {
		n := 0
		e := drawEntity(rnd, &n, 0)
		e.Trace = "1-6a1b2c3d-0123456789abcdef01234567"
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if !sameGlance(t, g, text, Limits{}) {
			t.Fatalf("%s was left to a Parser", text)
		}
		s, err := g.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		e.check(t, s)
	}
	for range 3000 { // any JSON in the place of any member
		v := generator{rnd: rnd}
		v.value(rnd.IntN(6))
		member := v.pick("name", "id", "start_time", "end_time", "in_progress", "trace_id", "parent_id", "type", "subsegments", "error", "fault", "throttle",
			"namespace", "origin", "user", "resource_arn", "http", "aws", "sql", "cause", "annotations", "links", "traced", "metadata", "x")
		sameGlance(t, g, []byte(doc(`"`+member+`":`+v.String())), Limits{})
		sameGlance(t, g, []byte(doc(`"subsegments":[{`+okInner+`,"`+member+`":`+v.String()+`}]`)), Limits{})
	}
}

func TestAGlanceIsNoAllocation(t *testing.T) {
	g := NewGlancer(Limits{})
	inner := `{` + okInner + `,"http":{"response":{"status":200}},"sql":{"user":"u\n"},"aws":{"region":"r","resource_names":["a"]},"annotations":{"a":1},"cause":{"exceptions":[{}]}}`
	text := []byte(doc(`"links":[{"trace_id":"1-6a1b2c3d-0123456789abcdef01234567","id":"00000000000000ab"}],"subsegments":[` + strings.Repeat(inner+",", 9) + inner + `]`))
	n := testing.AllocsPerRun(100, func() {
		g.quick.release()
		if !g.quick.read(text, index{}) {
			t.Fatal("left to a Parser")
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// FuzzGlance holds the Glancer against the Parser.
func FuzzGlance(f *testing.F) {
	seedDocuments(f)
	f.Add([]byte(doc(`"subsegments":[{` + okInner + `}],"annotations":{"a":1e3,"a.b":"c"},"metadata":{"d":{"e":"f\\"}}`)))
	g := NewGlancer(Limits{}) // one for all, as an agent has it
	f.Fuzz(func(t *testing.T, text []byte) {
		sameGlance(t, g, text, Limits{})
		sameGlance(t, g, []byte(doc(string(text))), Limits{}) // reaches members sooner
	})
}

func BenchmarkGlance(b *testing.B) {
	var docs [][]byte
	for name, doc := range documentsIn(b, "testdata/load/*.json") {
		if !strings.HasPrefix(name, "failing") {
			docs = append(docs, doc)
		}
	}
	total := 0
	for _, doc := range docs {
		total += len(doc)
	}
	g, p := NewGlancer(Limits{}), NewParser(Limits{})
	for name, read := range map[string]func([]byte) (*roentgen.Segment, error){"glancer": g.Read, "parser": p.Parse} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(total / len(docs)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := read(docs[i%len(docs)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Without annotations a document is glanced at as it is with them, and bare of
// these alone.
func TestAnnotationsMayBeLeftOut(t *testing.T) {
	bare, all := NewGlancer(Limits{}), NewGlancer(Limits{})
	bare.LeaveAnnotations(true)
	for _, pattern := range []string{"testdata/documents/*.json", "testdata/load/*.json"} {
		for name, doc := range documentsIn(t, pattern) {
			var indented bytes.Buffer
			if err := json.Indent(&indented, doc, "", " "); err != nil {
				t.Fatal(err)
			}
			escaped := bytes.Replace(doc, []byte(`"name"`), []byte(`"n\u0061me"`), 1) // for the Parser
			for _, text := range [][]byte{doc, indented.Bytes(), escaped} {
				want, err := all.Read(text)
				got, bareErr := bare.Read(text)
				if (err == nil) != (bareErr == nil) {
					t.Fatalf("%s: %v and %v", name, err, bareErr)
				}
				if err != nil {
					continue
				}
				want.Walk(func(e *roentgen.Segment) { e.Annotations = nil })
				if a, b := asJSON(t, got), asJSON(t, want); !bytes.Equal(a, b) {
					t.Errorf("%s\nbare %s\nall  %s", name, a, b)
				}
				found := false
				if got, err = bare.Read(text); err == nil {
					got.Walk(func(e *roentgen.Segment) { found = found || e.Annotations != nil })
				}
				if found {
					t.Errorf("%s has annotations", name)
				}
			}
		}
	}
	bare.LeaveAnnotations(false)
	if seg, err := bare.Read(documentsIn(t, "testdata/load/main_backend.json")["main_backend"]); err != nil || len(seg.Annotations) == 0 {
		t.Errorf("%v, %v", seg, err)
	}
}
