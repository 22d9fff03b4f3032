package graph_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

func mustLoad(t *testing.T, lines ...string) []*roentgen.Segment {
	t.Helper()
	docs, err := load(lines)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// Whoever knows how ids are made up may send a segment that has one.
func TestAnIDThatIsMadeUpIsNobodyElses(t *testing.T) {
	docs := mustLoad(t, "segment a web 0..1000", "\tremote r1 orders 1..2", "\tremote r2 stock 2..3")
	for range 5 {
		rows := foldAll(docs, docs)
		checkRows(t, docs, rows)
		for _, s := range rows.Segments {
			if s.Node.Inferred {
				docs = append(docs, &roentgen.Segment{Trace: thisTrace, ID: s.ID, Parent: idOf("a"), Name: "thief", Start: morning, End: morning + 1})
			}
		}
	}
	if len(docs) < 10 {
		t.Errorf("%d documents: nothing was stolen", len(docs))
	}
}

func TestRowsCarryTheSummaryAndTheAccount(t *testing.T) {
	tr, s := traceOf(mustLoad(t, "segment a web 0..1000"))
	if r := graph.Fold(tr, s, morning, graph.Options{Account: "1"}); r.Summary != s || r.Account != "1" {
		t.Errorf("summary %p, want %p; account %q", r.Summary, s, r.Account)
	}
}

func TestATraceWithoutDocumentsHasNoRows(t *testing.T) {
	if lines := show(graph.Fold(&roentgen.Trace{}, &roentgen.Summary{}, morning, graph.Options{})); len(lines) > 0 {
		t.Errorf("%q", lines)
	}
}

func TestHowLongACallWaitsForItsCalleeCanBeSaid(t *testing.T) {
	tr, s := traceOf(mustLoad(t, "segment a web 0..1000", "\tremote r1 orders 0..1000 traced"))
	opt := graph.Options{InferAfter: time.Minute}
	end := morning + roentgen.Time(time.Second)
	for _, c := range []struct {
		now  roentgen.Time
		want int
	}{{end + roentgen.Time(time.Minute), 1}, {end + roentgen.Time(time.Minute) + 1, 2}} {
		if got := len(graph.Fold(tr, s, c.now, opt).Segments); got != c.want {
			t.Errorf("%v after the call: %d segments, want %d", c.now.Sub(end), got, c.want)
		}
	}
}

// A summary of another trace may name a root that here is its own parent.
func TestARootWithinARingEnds(t *testing.T) {
	docs := mustLoad(t, "segment a web 0..1000 parent=r1", "\tremote r1 orders 0..1000", "segment b stock 0..1000 parent=c", "segment c stock 0..1000 parent=b")
	tr, _ := traceOf(docs)
	for _, id := range []string{"a", "b", "r1", "zz"} {
		graph.Fold(tr, &roentgen.Summary{Root: &roentgen.Part{ID: idOf(id)}}, morning+hour, graph.Options{})
	}
}

func TestFoldLeavesTheDocumentsAlone(t *testing.T) {
	docs := mustLoad(t, "segment a web 0..1000 annotation.z=1 annotation.a=1", "\tlocal l1 x 0..1 annotation.b=1")
	docs[0].Annotations = append(make([]roentgen.Annotation, 0, 8), docs[0].Annotations...)
	foldAll(docs, docs)
	if got := notes(docs[0].Annotations[:3]); got != " annotation.z=1 annotation.a=1" {
		t.Errorf("annotations are now%s", got)
	}
}

func TestAListOfCausesHasAnEnd(t *testing.T) {
	docs := mustLoad(t, "segment a web 0..1000")
	for i := range 12_000 {
		docs = append(docs, &roentgen.Segment{
			Trace: thisTrace, ID: idOf(fmt.Sprint(i)), Parent: idOf("a"), Kind: roentgen.KindSubsegment, Namespace: roentgen.NamespaceRemote,
			Name: "orders", Start: morning + roentgen.Time(i), End: morning + hour, Fault: true,
		})
	}
	r := foldAll(docs, docs[:1])
	if len(r.FaultCauses) != 10_000 || len(r.Calls) != 12_001 {
		t.Errorf("%d causes of %d calls", len(r.FaultCauses), len(r.Calls))
	}
}

func TestSoManyAnnotationKeysOfATraceAreSearchable(t *testing.T) {
	tr, s := traceOf(mustLoad(t, "segment a web 0..1000"))
	for i := range 51 {
		key := fmt.Sprintf("k%02d", i)
		s.Annotations = append(s.Annotations, use(key, "a"), use(key, "b"))
	}
	for _, c := range []struct{ most, want int }{{0, 100}, {2, 4}, {51, 102}, {60, 102}} {
		rows := graph.Fold(tr, s, morning, graph.Options{MaxAnnotations: c.most})
		if got := len(rows.Summary.Annotations); got != c.want {
			t.Errorf("at most %d keys: %d annotations, want %d", c.most, got, c.want)
		}
	}
	if len(s.Annotations) != 102 {
		t.Errorf("the summary that was handed over has %d annotations left", len(s.Annotations))
	}
}

func use(key, value string) roentgen.AnnotationUse {
	return roentgen.AnnotationUse{Annotation: roentgen.Annotation{Key: key, Value: roentgen.AnnotationValue{String: value}}}
}
