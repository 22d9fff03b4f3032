package graph_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

// drawer draws traces. Names, ids of exceptions and times are few, so that
// they meet.
type drawer struct {
	*rand.Rand
	ids     []roentgen.SegmentID
	calls   []roentgen.SegmentID
	deepest int
}

func (d *drawer) oneOf(words ...string) string { return words[d.IntN(len(words))] }

// trace draws segments with everything embedded.
func (d *drawer) trace() []*roentgen.Segment {
	var docs []*roentgen.Segment
	for range 1 + d.IntN(5) {
		s := d.entity(roentgen.KindSegment)
		s.Trace, s.Parent = thisTrace, d.parent(len(docs) == 0)
		s.Origin = d.oneOf("", "AWS::ECS::Container", "AWS::Lambda")
		if d.IntN(6) == 0 {
			s.AWS = &roentgen.AWS{ALBSelf: "1-2-3", QueueURL: d.oneOf("", "q"), AccountID: d.oneOf("", "1", "2")}
			s.Links = []roentgen.Link{{Trace: thisTrace, ID: idOf("1")}}
		}
		d.embed(&s, 0)
		docs = append(docs, &s)
	}
	return docs
}

// parent draws an id of what was drawn before, mostly a call, or one that
// never arrives.
func (d *drawer) parent(first bool) (id roentgen.SegmentID) {
	switch n := d.IntN(10); {
	case first, n == 0, len(d.ids) == 0:
	case n == 1:
		id = idOf("gone")
	case n < 8 && len(d.calls) > 0:
		id = d.calls[d.IntN(len(d.calls))]
	default:
		id = d.ids[d.IntN(len(d.ids))]
	}
	return id
}

func (d *drawer) embed(s *roentgen.Segment, depth int) {
	if depth == d.deepest {
		return
	}
	for range d.IntN(4) {
		sub := d.entity(roentgen.KindSubsegment)
		d.embed(&sub, depth+1)
		s.Subsegments = append(s.Subsegments, sub)
	}
}

func (d *drawer) entity(kind roentgen.Kind) roentgen.Segment {
	s := roentgen.Segment{
		Kind: kind, ID: idOf(fmt.Sprint(len(d.ids) + 1)), Name: d.oneOf("a", "b", "S3", "SQS", "db"),
		Start: morning + roentgen.Time(d.IntN(20)), InProgress: d.IntN(8) == 0,
		Fault: d.IntN(3) == 0, Error: d.IntN(3) == 0, Throttle: d.IntN(9) == 0,
	}
	if !s.InProgress {
		s.End = s.Start + roentgen.Time(d.IntN(50))
	}
	d.ids = append(d.ids, s.ID)
	if kind == roentgen.KindSubsegment {
		d.describe(&s)
	}
	for range d.IntN(3) {
		s.Annotations = append(s.Annotations, roentgen.Annotation{Key: d.oneOf("k", "l"), Value: roentgen.AnnotationValue{String: d.oneOf("v", "w")}})
	}
	switch d.IntN(4) {
	case 0:
		s.Cause = &roentgen.Cause{Ref: d.oneOf("x1", "x2", "x3", "x4")}
	case 1:
		s.Cause = &roentgen.Cause{Exceptions: []roentgen.Exception{{ID: d.oneOf("x1", "x2", "x3"), Type: "T", Message: d.oneOf("m", "n")}}}
	}
	return s
}

// describe makes most subsegments calls.
func (d *drawer) describe(s *roentgen.Segment) {
	s.Namespace = roentgen.Namespace(d.IntN(3))
	if s.Namespace != roentgen.NamespaceNone {
		d.calls = append(d.calls, s.ID)
	}
	switch d.IntN(4) {
	case 0:
		s.HTTP = &roentgen.HTTP{Status: 200 + 100*d.IntN(4), URL: d.oneOf("", "http://h/x"), Traced: d.IntN(2) == 0}
	case 1:
		s.AWS = &roentgen.AWS{BucketName: "docs", QueueURL: d.oneOf("", "q")}
	case 2:
		s.SQL = &roentgen.SQL{URL: d.oneOf("", "x://host/db")}
	}
}

// scatter sends some of what is embedded in s on its own, and leaves a copy of
// it, an earlier state or nothing in its place; or it sends an earlier state of
// what stays.
func (d *drawer) scatter(s *roentgen.Segment) []*roentgen.Segment {
	var alone []*roentgen.Segment
	kept := []roentgen.Segment{}
	for _, sub := range s.Subsegments {
		alone = append(alone, d.scatter(&sub)...)
		if d.IntN(2) == 0 {
			kept = append(kept, sub)
			continue
		}
		sent := sub
		sent.Trace, sent.Parent = thisTrace, s.ID
		alone = append(alone, &sent)
		earlier := roentgen.Segment{Kind: sub.Kind, ID: sub.ID, Name: "earlier", Start: sub.Start, InProgress: true}
		switch n := d.IntN(4); {
		case n == 0:
			kept = append(kept, sub)
		case n == 1:
			kept = append(kept, earlier)
		case n == 2 && !sub.InProgress:
			kept = append(kept, sub)
			earlier.Trace, earlier.Parent = sent.Trace, sent.Parent
			alone[len(alone)-1] = &earlier
		}
	}
	s.Subsegments = kept
	return alone
}

func (d *drawer) scattered(docs []*roentgen.Segment) []*roentgen.Segment {
	var out []*roentgen.Segment
	for _, s := range docs {
		whole := *s
		out = append(out, d.scatter(&whole)...)
		out = append(out, &whole)
	}
	d.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// foldAll folds docs with the summary of others, because the revision of a
// summary counts documents.
func foldAll(docs, summary []*roentgen.Segment) *roentgen.Rows {
	t, _ := traceOf(docs)
	_, s := traceOf(summary)
	return graph.Fold(t, s, morning+hour, graph.Options{Account: "1"})
}

func TestHowATraceWasSentDoesNotShow(t *testing.T) {
	for seed := range uint64(3000) {
		d := &drawer{Rand: rand.New(rand.NewPCG(seed, 1)), deepest: 4}
		whole := d.trace()
		pieces := d.scattered(whole)
		want, got := foldAll(whole, whole), foldAll(pieces, whole)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d, %d documents:\n%s\nin %d pieces:\n%s", seed, len(whole),
				strings.Join(show(want), "\n"), len(pieces), strings.Join(show(got), "\n"))
		}
		checkRows(t, whole, want)
	}
}

// What a folder folded before does not show.
func TestAFolderForgetsTheTraceBefore(t *testing.T) {
	folder := graph.NewFolder(graph.Options{Account: "1"})
	for seed := range uint64(1000) {
		docs := (&drawer{Rand: rand.New(rand.NewPCG(seed, 1)), deepest: 4}).trace()
		tr, s := traceOf(docs)
		if want, got := graph.Fold(tr, s, morning+hour, graph.Options{Account: "1"}), folder.Fold(tr, s, morning+hour); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n%s\nby a folder that has folded others:\n%s", seed, strings.Join(show(want), "\n"), strings.Join(show(got), "\n"))
		}
	}
}

// checkRows holds rows against what they promise, whatever the trace.
func checkRows(t testing.TB, docs []*roentgen.Segment, r *roentgen.Rows) {
	t.Helper()
	c := &checker{TB: t, rows: r, taken: map[roentgen.SegmentID]bool{}}
	segments := 0
	for _, s := range docs {
		if s.Kind == roentgen.KindSegment {
			segments++
		}
		s.Walk(func(e *roentgen.Segment) { c.taken[e.ID] = true })
	}
	c.nodes()
	c.segments(segments)
	c.calls()
	for _, list := range [][]roentgen.CauseRow{r.FaultCauses, r.ErrorCauses, r.ResponseTimeCauses} {
		c.causes(list)
	}
	if t.Failed() {
		t.Fatal(strings.Join(show(r), "\n"))
	}
}

type checker struct {
	testing.TB
	rows  *roentgen.Rows
	taken map[roentgen.SegmentID]bool // ids in the documents
}

// within reports whether p points into list.
func within[T any](p *T, list []T) bool {
	for i := range list {
		if p == &list[i] {
			return true
		}
	}
	return false
}

func (c *checker) nodes() {
	ids := map[roentgen.ServiceID]bool{}
	for _, n := range c.rows.Nodes {
		if ids[n.ServiceID] {
			c.Errorf("two nodes %v", n.ServiceID)
		}
		ids[n.ServiceID] = true
	}
}

func (c *checker) segments(want int) {
	ids := map[roentgen.SegmentID]bool{}
	for _, s := range c.rows.Segments {
		if !within(s.Node, c.rows.Nodes) {
			c.Errorf("segment %s has a node of another list", s.ID)
		}
		if ids[s.ID] || s.ID.IsZero() {
			c.Errorf("id %s of a segment: zero, or twice", s.ID)
		}
		ids[s.ID] = true
		if c.taken[s.ID] {
			want--
		}
		if !c.taken[s.ID] && !s.Node.Inferred && s.Annotations != nil {
			c.Errorf("an inferred segment %s has annotations", s.ID)
		}
		if s.Duration.Known == (s.End == 0) || s.Last < s.End {
			c.Errorf("segment %s: end %d, duration %v, last %d", s.ID, s.End, s.Duration, s.Last)
		}
	}
	if want != 0 {
		c.Errorf("%d segments have no row", want)
	}
}

func (c *checker) calls() {
	edges := map[roentgen.EdgeRow]bool{}
	once := map[string]bool{}
	for i := range c.rows.Calls {
		call := &c.rows.Calls[i]
		edges[call.EdgeRow] = true
		c.call(call)
		if k := fmt.Sprint(call.ID, name(call.Source), name(call.Destination)); !call.Link {
			if once[k] {
				c.Errorf("call %s twice along one edge", call.ID)
			}
			once[k] = true
		}
	}
	for _, e := range c.rows.Edges {
		if !edges[e] {
			c.Errorf("an edge twice, or without a call: %s", name(e.Source))
		}
		delete(edges, e)
	}
	if len(edges) > 0 {
		c.Errorf("%d calls have no edge", len(edges))
	}
}

func (c *checker) call(call *roentgen.CallRow) {
	if !within(call.Source, c.rows.Nodes) || !within(call.Destination, c.rows.Nodes) {
		c.Errorf("call %s has a node of another list", call.ID)
	}
	if call.Caller != nil && (!within(call.Caller, c.rows.Segments) || call.Caller.Node != call.Source) {
		c.Errorf("call %s: the caller is not of the source", call.ID)
	}
	if call.Callee != nil && (!within(call.Callee, c.rows.Segments) || call.Callee.Node != call.Destination) {
		c.Errorf("call %s: the callee is not of the destination", call.ID)
	}
	if call.Callee == nil && (call.Duration.Known || !call.Destination.Inferred && call.Alias != (roentgen.ServiceID{})) {
		c.Errorf("call %s is over and has no callee", call.ID)
	}
}

func (c *checker) causes(list []roentgen.CauseRow) {
	for _, cause := range list {
		if len(cause.Services) == 0 || slices.ContainsFunc(cause.Services, func(s roentgen.CauseServiceRow) bool { return len(s.Entities) == 0 }) {
			c.Error("a cause without services, or a service without entities")
		}
	}
}

// FuzzFold folds what no producer would send: few ids that name each other as
// parents, embedded in each other, over and over.
func FuzzFold(f *testing.F) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		b := make([]byte, 10+r.IntN(200))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		docs := tangle(text)
		checkRows(t, docs, foldAll(docs, docs))
	})
}

// tangle reads documents, each of an entity of its own: an id, a parent, a byte
// of kind, outcome and depth, and a time.
func tangle(text []byte) (docs []*roentgen.Segment) {
	tops := map[roentgen.SegmentID]bool{}
	var in *roentgen.Segment
	for ; len(text) >= 4; text = text[4:] {
		s := roentgen.Segment{
			Kind: roentgen.KindSubsegment, ID: idOf(string('a' + text[0]%16)), Name: "n", Namespace: roentgen.Namespace(text[2] % 3),
			Start: morning + roentgen.Time(text[3]%16), End: morning + roentgen.Time(text[3]), Fault: text[2]&8 != 0,
			Cause: &roentgen.Cause{Ref: string('a' + text[3]%16)},
		}
		if text[2]&16 != 0 {
			s.Cause = &roentgen.Cause{Exceptions: []roentgen.Exception{{ID: string('a' + text[3]%16)}}}
		}
		if s.InProgress = text[2]&32 != 0; s.InProgress {
			s.End = 0
		}
		if in != nil && text[2]&64 != 0 {
			in.Subsegments = append(in.Subsegments, s)
			in = &in.Subsegments[len(in.Subsegments)-1]
			continue
		}
		if tops[s.ID] {
			continue
		}
		tops[s.ID] = true
		s.Trace = thisTrace
		if text[1]%8 != 0 {
			s.Parent = idOf(string('a' + text[1]%16))
		}
		if text[2]&128 != 0 {
			s.Kind, s.Namespace = roentgen.KindSegment, roentgen.NamespaceNone
		}
		in = &s
		docs = append(docs, in)
	}
	return docs
}
