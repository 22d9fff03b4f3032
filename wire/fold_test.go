package wire

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

// parseAll reads documents written in a short form: seg(…) and sub(…).
func parseAll(t testing.TB, docs ...string) []*roentgen.Segment {
	t.Helper()
	var out []*roentgen.Segment
	for _, d := range docs {
		s, err := ParseDocument([]byte(d), Limits{MaxDepth: -1, MaxDocumentBytes: -1, MaxSubsegments: -1})
		if err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		out = append(out, s)
	}
	return out
}

func hexID(n int) string { return fmt.Sprintf("%016x", n) }

const (
	ended = `"end_time":2`
	open  = `"in_progress":true`
)

func seg(id int, members ...string) string {
	return `{` + okTrace + `,"id":"` + hexID(id) + `","name":"s","start_time":1,` + strings.Join(members, ",") + `}`
}

func sub(id, parent int, members ...string) string {
	return `{"type":"subsegment",` + okTrace + `,"parent_id":"` + hexID(parent) + `",` + inner(id, members...)[1:]
}

func inner(id int, members ...string) string {
	return `{"id":"` + hexID(id) + `","name":"s","start_time":1,` + strings.Join(members, ",") + `}`
}

func subs(in ...string) string { return `"subsegments":[` + strings.Join(in, ",") + `]` }

func TestFold(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []string
		want []string
	}{
		{"a segment alone stays as it is", []string{seg(1, ended)}, []string{seg(1, ended)}},
		{"a subsegment goes to its segment", []string{sub(2, 1, ended), seg(1, ended)}, []string{seg(1, ended, subs(inner(2, ended)))}},
		{"behind those that are embedded", []string{seg(1, subs(inner(3, ended)), ended), sub(2, 1, ended)},
			[]string{seg(1, subs(inner(3, ended), inner(2, ended)), ended)}},
		{"into an empty array", []string{seg(1, subs(), ended), sub(2, 1, ended)}, []string{seg(1, subs(inner(2, ended)), ended)}},
		{"into an array with null in it", []string{seg(1, subs("null"), ended), sub(2, 1, ended)}, []string{seg(1, subs("null", inner(2, ended)), ended)}},
		{"in place of subsegments that are null", []string{seg(1, `"subsegments":null`, ended), sub(2, 1, ended)}, []string{seg(1, ended, subs(inner(2, ended)))}},
		{"null at the end", []string{seg(1, ended, `"subsegments":null`), sub(2, 1, ended)}, []string{seg(1, ended, subs(inner(2, ended)))}},
		{"null stays where nothing is added", []string{seg(1, ended, `"subsegments":null`), sub(2, 9, ended)}, []string{seg(1, ended, `"subsegments":null`), sub(2, 9, ended)}},
		{"the place members go wherever they stand",
			[]string{seg(1, ended), `{"id":"` + hexID(2) + `","name":"s","type":"subsegment","start_time":1,` + ended + `,"parent_id":"` + hexID(1) + `",` + okTrace + `}`},
			[]string{seg(1, ended, subs(inner(2, ended)))}},
		{"of the embedded they stay", []string{seg(1, ended, subs(inner(2, ended, `"parent_id":"x","type":7`))), sub(3, 2, ended)},
			[]string{seg(1, ended, subs(inner(2, ended, `"parent_id":"x","type":7`, subs(inner(3, ended)))))}},
		{"streamed into streamed, in any order", []string{sub(4, 3, ended), sub(2, 1, ended), seg(1, ended), sub(3, 2, ended)},
			[]string{seg(1, ended, subs(inner(2, ended, subs(inner(3, ended, subs(inner(4, ended)))))))}},
		{"siblings in the order they came", []string{sub(4, 1, ended), seg(1, ended), sub(2, 1, ended), sub(3, 1, ended)},
			[]string{seg(1, ended, subs(inner(4, ended), inner(2, ended), inner(3, ended)))}},
		{"complete and streamed beats embedded and open", []string{seg(1, subs(inner(2, open), inner(3, ended)), ended), sub(2, 1, ended)},
			[]string{seg(1, subs(inner(2, ended), inner(3, ended)), ended)}},
		{"complete and embedded beats streamed and open", []string{seg(1, subs(inner(2, ended)), ended), sub(2, 1, open)},
			[]string{seg(1, subs(inner(2, ended)), ended)}},
		{"of two complete the streamed is taken", []string{seg(1, subs(inner(2, ended, `"user":"old"`)), ended), sub(2, 1, ended, `"user":"new"`)},
			[]string{seg(1, subs(inner(2, ended, `"user":"new"`)), ended)}},
		{"of two open the streamed is taken", []string{seg(1, subs(inner(2, open, `"user":"old"`)), ended), sub(2, 1, open, `"user":"new"`)},
			[]string{seg(1, subs(inner(2, open, `"user":"new"`)), ended)}},
		{"what only one of two versions has is kept", []string{seg(1, subs(inner(2, open, subs(inner(3, ended), inner(4, ended)))), ended), sub(2, 1, ended, subs(inner(4, open)))},
			[]string{seg(1, subs(inner(2, ended, subs(inner(4, ended), inner(3, ended)))), ended)}},
		{"also further down", []string{seg(1, subs(inner(2, open, subs(inner(3, open, subs(inner(5, ended)))))), ended), sub(2, 1, ended, subs(inner(3, ended)))},
			[]string{seg(1, subs(inner(2, ended, subs(inner(3, ended, subs(inner(5, ended)))))), ended)}},
		{"a streamed child of an embedded entity that is replaced", []string{seg(1, subs(inner(2, open)), ended), sub(3, 2, ended), sub(2, 1, ended)},
			[]string{seg(1, subs(inner(2, ended, subs(inner(3, ended)))), ended)}},
		{"two segments", []string{seg(1, ended), sub(4, 2, ended), seg(2, ended), sub(3, 1, ended)},
			[]string{seg(1, ended, subs(inner(3, ended))), seg(2, ended, subs(inner(4, ended)))}},
		{"a parent that has not arrived", []string{sub(3, 2, ended), seg(1, ended), sub(2, 9, ended)}, []string{seg(1, ended), sub(2, 9, ended, subs(inner(3, ended)))}},
		{"its own parent", []string{sub(2, 2, ended), seg(1, ended)}, []string{seg(1, ended), sub(2, 2, ended)}},
		{"parents in a ring, and what hangs on it", []string{sub(4, 2, ended), sub(2, 3, ended), sub(3, 2, ended), seg(1, ended)},
			[]string{seg(1, ended), sub(2, 3, ended, subs(inner(4, ended), inner(3, ended)))}},
		{"a segment under its own subsegment", []string{seg(1, ended, `"parent_id":"`+hexID(2)+`"`), sub(2, 1, ended)},
			[]string{seg(1, ended, `"parent_id":"`+hexID(2)+`"`, subs(inner(2, ended)))}},
		{"an entity embedded in itself", []string{seg(1, ended), sub(2, 1, ended, subs(inner(2, ended)))}, []string{seg(1, ended, subs(inner(2, ended, subs(inner(2, ended)))))}},
		{"nothing", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Fold(parseAll(t, c.in...))
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, f := range got {
				texts = append(texts, string(f.Document))
			}
			if !slices.Equal(texts, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(texts, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestFoldLeavesItsInputAlone(t *testing.T) {
	docs := parseAll(t, seg(1, subs(inner(2, open)), ended), sub(2, 1, ended), sub(3, 2, ended))
	var before [][]byte
	for _, d := range docs {
		before = append(before, bytes.Clone(d.Document))
	}
	if _, err := Fold(docs); err != nil {
		t.Fatal(err)
	}
	for i, d := range docs {
		if !bytes.Equal(d.Document, before[i]) {
			t.Errorf("document %d changed", i)
		}
	}
}

func TestFoldRefusesDamagedDocuments(t *testing.T) {
	docs := parseAll(t, seg(1, ended), sub(2, 1, ended))
	docs[1].Document = docs[1].Document[:10]
	if _, err := Fold(docs); err == nil || !strings.Contains(err.Error(), hexID(2)) {
		t.Errorf("got %v", err)
	}
}

// A chain of documents is folded as deep as readers go; the rest begins
// anew, and nothing is lost.
func TestFoldOfALongChain(t *testing.T) {
	const n = 3500
	docs := []string{seg(1, ended)}
	for i := 2; i <= n; i++ {
		docs = append(docs, sub(i, i-1, ended))
	}
	slices.Reverse(docs)
	got, err := Fold(parseAll(t, docs...))
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, f := range got {
		total += bytes.Count(f.Document, []byte(`"id":`))
	}
	if total != n || len(got) != 4 {
		t.Errorf("%d entities in %d documents", total, len(got))
	}
}

// FuzzFold builds a trace from bytes and holds the result against what the
// parents say, entity by entity.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "\x05\x01\x02\x03\x04\x05\x06\x07\x08", "roentgen folds what was streamed apart", "\x17" + strings.Repeat("\x03\x07\xff\x00\x41\x9a", 30)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		tr := newTrace(choices)
		docs := parseAll(t, tr.documents()...)
		got, err := Fold(docs)
		if err != nil {
			t.Fatal(err)
		}
		tr.check(t, got)
		slices.Reverse(docs)
		again, err := Fold(docs)
		if err != nil {
			t.Fatal(err)
		}
		tr.check(t, again)
	})
}

// trace is a made-up trace. Entity i is named i+1.
type fuzzTrace struct {
	choices  []byte
	entities []fuzzEntity
}

type fuzzEntity struct {
	parent   int // index; beyond the entities: has not arrived
	segment  bool
	streamed bool // or a segment
	embedded bool // in its parent's documents; parent is smaller then
	complete [2]bool
	version  [2]int // which of the parent's versions hold it: bits
}

func (f *fuzzTrace) choose(n int) int {
	if len(f.choices) == 0 {
		return 0
	}
	c := int(f.choices[0])
	f.choices = f.choices[1:]
	return c % n
}

// The two documents in which an entity may stand.
const (
	alone  = 0
	within = 1
)

func newTrace(choices []byte) *fuzzTrace {
	f := &fuzzTrace{choices: choices}
	n := f.choose(24)
	for i := range n {
		e := fuzzEntity{parent: f.choose(n + 1), segment: f.choose(4) == 0}
		e.complete = [2]bool{f.choose(2) == 0, f.choose(2) == 0}
		e.embedded = !e.segment && e.parent < i && f.choose(2) == 0
		e.streamed = e.segment || !e.embedded || f.choose(2) == 0
		if e.embedded {
			e.hold(&f.entities[e.parent], 1+f.choose(3))
		}
		f.entities = append(f.entities, e)
	}
	return f
}

// hold picks the parent's documents that have e: at least one that exists.
func (e *fuzzEntity) hold(parent *fuzzEntity, bits int) {
	exists := [2]bool{alone: parent.streamed, within: parent.embedded}
	for v := range exists {
		if exists[v] && bits&(1<<v) != 0 {
			e.version[v] = 1
		}
	}
	if e.version == [2]int{} {
		for v := range exists {
			if exists[v] {
				e.version[v] = 1
			}
		}
	}
}

func (f *fuzzTrace) documents() []string {
	var out []string
	for i, e := range f.entities {
		switch {
		case e.segment:
			out = append(out, seg(i+1, f.members(i, alone)...))
		case e.streamed:
			out = append(out, sub(i+1, e.parent+1, f.members(i, alone)...))
		}
	}
	return out
}

func (f *fuzzTrace) members(i, version int) []string {
	e := f.entities[i]
	m := []string{open}
	if e.complete[version] {
		m[0] = ended
	}
	var in []string
	for j, c := range f.entities {
		if c.embedded && c.parent == i && c.version[version] == 1 {
			in = append(in, inner(j+1, f.members(j, within)...))
		}
	}
	if len(in) > 0 || i%3 == 0 {
		m = append(m, subs(in...))
	}
	if i%2 == 0 {
		slices.Reverse(m)
	}
	return m
}

// check walks the result: every entity once, below the entity that it names
// or stands in, complete if any of its documents is.
func (f *fuzzTrace) check(t *testing.T, got []Folded) {
	seen := map[int]bool{}
	var walk func(s *roentgen.Segment, parent int)
	walk = func(s *roentgen.Segment, parent int) {
		i := int(s.ID[7]) - 1
		if seen[i] {
			t.Fatalf("entity %d twice", i+1)
		}
		seen[i] = true
		e := f.entities[i]
		if parent >= 0 && e.parent != parent {
			t.Fatalf("entity %d below %d, not %d", i+1, parent+1, e.parent+1)
		}
		if parent < 0 && !e.segment && e.parent < len(f.entities) && !f.inRing(i) {
			t.Fatalf("entity %d stands alone, %d is there", i+1, e.parent+1)
		}
		if complete := e.streamed && e.complete[alone] || e.embedded && e.complete[within]; s.InProgress == complete {
			t.Fatalf("entity %d: in progress %t", i+1, s.InProgress)
		}
		for j := range s.Subsegments {
			walk(&s.Subsegments[j], i)
		}
	}
	for _, g := range got {
		walk(parseAll(t, string(g.Document))[0], -1)
	}
	if len(seen) != len(f.entities) {
		t.Fatalf("%d entities of %d", len(seen), len(f.entities))
	}
}

// inRing reports whether the parents of i lead back to it.
func (f *fuzzTrace) inRing(i int) bool {
	at := i
	for range f.entities {
		e := f.entities[at]
		if e.segment || e.parent >= len(f.entities) {
			return false
		}
		if at = e.parent; at == i {
			return true
		}
	}
	return false
}

func BenchmarkFold(b *testing.B) {
	docs := []string{seg(1, ended)}
	for i := 2; i <= 1000; i++ {
		docs = append(docs, sub(i, i/8+1, ended, `"namespace":"remote","http":{"request":{"method":"GET","url":"http://a/b"},"response":{"status":200}}`))
	}
	segments := parseAll(b, docs...)
	for _, s := range segments {
		b.SetBytes(int64(len(s.Document)))
	}
	total := 0
	for _, s := range segments {
		total += len(s.Document)
	}
	b.SetBytes(int64(total))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Fold(segments); err != nil {
			b.Fatal(err)
		}
	}
}
