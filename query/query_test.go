package query_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/query"
)

func TestTracesFoldsStreamedSubsegmentsAndOrdersSegments(t *testing.T) {
	e := query.New(newShelf(t,
		segment(1, 3, 30, `,"type":"subsegment","parent_id":"0000000000000002"`), // streamed, before its parent
		segment(1, 2, 20, ``),
		segment(1, 1, 10, ``),
		segment(1, 4, 5, `,"type":"subsegment","parent_id":"00000000000000ff"`), // its segment never came
	), nil, query.Config{})
	found, missing, err := e.Traces(t.Context(), []roentgen.TraceID{traceID(t, 1), traceID(t, 9)})
	if err != nil || len(found) != 1 || len(missing) != 1 || missing[0] != traceID(t, 9) {
		t.Fatalf("found %d, missing %v, %v", len(found), missing, err)
	}
	var names []string
	for _, d := range found[0].Segments {
		var doc struct {
			Name        string
			Subsegments []struct{ Name string }
		}
		if err := json.Unmarshal(d.Text, &doc); err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprint(doc.Name, doc.Subsegments))
	}
	if got := strings.Join(names, " "); got != "s1[] s2[{s3}] s4[]" {
		t.Errorf("segments %s", got)
	}
	if found[0].Duration != 27*time.Second {
		t.Errorf("duration %s, want from 5 s to 32 s", found[0].Duration)
	}
}

func TestTracesRefusesTooManyAndRepeatedIDs(t *testing.T) {
	e := query.New(newShelf(t), nil, query.Config{MaxTraces: 2})
	a, b, c := traceID(t, 1), traceID(t, 2), traceID(t, 3)
	for _, ids := range [][]roentgen.TraceID{{a, b, c}, {a, a}} {
		if _, _, err := e.Traces(t.Context(), ids); roentgen.KindOf(err) != roentgen.Invalid {
			t.Errorf("%d ids: %v", len(ids), err)
		}
	}
}

func TestPagesHoldEveryTraceOnceNewestFirst(t *testing.T) {
	var docs []string
	for i := range 25 {
		docs = append(docs, segment(i, 1, 100+i/2, ``)) // two of each start
	}
	e := newShelf(t, docs...).engine(nil, query.Config{MaxMatches: 10})
	q := query.SummaryQuery{Window: roentgen.Window{From: 0, To: 1000e9}, Share: 1}
	var got []string
	for pages := 1; ; pages++ {
		page, err := e.Summaries(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Traces {
			got = append(got, r.Summary.Trace.String())
		}
		if page.Next == nil {
			if pages != 3 || page.Examined != 5 || page.Reached != q.Window.From {
				t.Errorf("page %d examined %d and reached %v", pages, page.Examined, page.Reached)
			}
			break
		}
		q.After = page.Next
	}
	var want []string
	for start := 12; start >= 0; start-- {
		for i := range 25 {
			if i/2 == start {
				want = append(want, id(i))
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAShareIsDecidedByTheTraceID(t *testing.T) {
	var docs []string
	for i := range 2000 {
		docs = append(docs, segment(i, 1, 100, ``))
	}
	s := newShelf(t, docs...)
	e := s.engine(nil, query.Config{MaxMatches: 5000}) // by its clock, so that no page ends for its time
	take := func(share float64) map[roentgen.TraceID]bool {
		page, err := e.Summaries(t.Context(), query.SummaryQuery{Window: roentgen.Window{To: 1000e9}, Share: share})
		if err != nil || page.Examined != 2000 {
			t.Fatal(page.Examined, err)
		}
		out := map[roentgen.TraceID]bool{}
		for _, r := range page.Traces {
			out[r.Summary.Trace] = true
		}
		return out
	}
	quarter, half := take(0.25), take(0.5)
	// 2,000 draws at 1/4: five standard deviations are 97.
	if n := len(quarter); n < 403 || n > 597 {
		t.Errorf("a quarter of 2,000 traces are %d", n)
	}
	for id := range quarter {
		if !half[id] {
			t.Fatalf("%s is in the quarter and not in the half", id)
		}
	}
	if len(take(0)) != 0 || len(take(1)) != 2000 {
		t.Error("0 is none and 1 is all")
	}
}

func TestOnlySoManyAnnotationKeysAreShown(t *testing.T) {
	e := query.New(newShelf(t, segment(1, 1, 1, `,"annotations":{"c":1,"a":1,"b":1},"subsegments":[{"id":"00000000000000aa","name":"x","start_time":1,"end_time":2,"annotations":{"b":2}}]`)),
		nil, query.Config{Fold: graph.Options{MaxAnnotations: 2}})
	page, err := e.Summaries(t.Context(), query.SummaryQuery{Window: roentgen.Window{To: 1000e9}, Share: 1})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range page.Traces[0].Summary.Annotations {
		got = append(got, a.Key+"="+a.Value.Text())
	}
	if fmt.Sprint(got) != "[a=1 b=1 b=2]" {
		t.Errorf("annotations %v: two keys with all their values", got)
	}
}

func TestErrorsOfTheStoreComeThrough(t *testing.T) {
	broken := errors.New("disk on fire")
	e := query.New(&shelf{err: broken}, nil, query.Config{})
	if _, _, err := e.Traces(t.Context(), []roentgen.TraceID{traceID(t, 1)}); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := e.Summaries(t.Context(), query.SummaryQuery{}); !errors.Is(err, broken) {
		t.Error(err)
	}
}
