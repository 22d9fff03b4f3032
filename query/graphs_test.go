package query_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/query"
)

// drawn writes the edges of g, each with its figures.
func drawn(g *graph.Graph) string {
	var out []string
	for _, n := range g.Nodes {
		for _, e := range n.Edges {
			to := g.Nodes[e.To]
			out = append(out, fmt.Sprintf("%s(%s)>%s(%s) %d/%d", n.Name, n.Type, to.Name, to.Type, e.Stats.OK, e.Stats.Count()))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func TestATraceGraphHasTheTracesAskedFor(t *testing.T) {
	s := newShelf(t,
		segment(1, 1, 10, `,"subsegments":[{"id":"00000000000000aa","name":"db","namespace":"remote","start_time":10,"end_time":11}]`),
		segment(2, 1, 20, `,"fault":true`),
		segment(3, 1, 30, ``),
		fmt.Sprintf(`{"trace_id":%q,"id":"0000000000000009","name":"open","start_time":40,"in_progress":true}`, id(4)),
	)
	e := s.engine(nil, query.Config{MaxGraphTraces: 3})
	one, two, gone := traceID(t, 1), traceID(t, 2), traceID(t, 9)
	g, missing, err := e.TraceGraph(t.Context(), []roentgen.TraceID{one, gone, two})
	if err != nil || fmt.Sprint(missing) != fmt.Sprint([]roentgen.TraceID{gone}) {
		t.Errorf("missing %v, %v", missing, err)
	}
	if got := drawn(g); got != "s1()>db(remote) 1/1, s1(client)>s1() 1/2" {
		t.Errorf("drawn %s", got)
	}
	if g, _, err = e.TraceGraph(t.Context(), []roentgen.TraceID{traceID(t, 4), traceID(t, 4)}); err != nil || drawn(g) != "open(client)>open() 0/0" {
		t.Errorf("a trace in progress: %s, %v", drawn(g), err)
	}
	for _, ids := range [][]roentgen.TraceID{nil, {one, two, gone, traceID(t, 3)}} {
		if _, _, err := e.TraceGraph(t.Context(), ids); roentgen.KindOf(err) != roentgen.Invalid {
			t.Errorf("%d ids: %v", len(ids), err)
		}
	}
}

func TestInferredSegmentsStandBehindTheSegments(t *testing.T) {
	s := newShelf(t,
		segment(1, 1, 10, `,"subsegments":[
			{"id":"00000000000000aa","name":"S3","namespace":"aws","start_time":11,"end_time":11.50,"aws":{"operation":"PutObject","bucket_name":"docs","big":12345678901234567890},"http":{"request":{"traced":false},"response":{"status":503}},"fault":true},
			{"id":"00000000000000ab","name":"answers","namespace":"remote","start_time":10,"end_time":11,"http":{"request":{"traced":true}}},
			{"id":"00000000000000ac","name":"local","start_time":10,"end_time":11}]`),
		segment(1, 2, 10, `,"parent_id":"00000000000000ab"`),
		segment(1, 3, 10, `,"type":"subsegment","parent_id":"0000000000000001","namespace":"remote"`), // streamed
	)
	found, _, err := s.engine(nil, query.Config{}).Traces(t.Context(), []roentgen.TraceID{traceID(t, 1)})
	if err != nil || len(found) != 1 || len(found[0].Segments) != 4 {
		t.Fatalf("%+v, %v", found, err)
	}
	for i, want := range []string{
		`{"parent_id":"0000000000000003","inferred":true,"name":"s3","start_time":10,"end_time":12}`,
		`{"parent_id":"00000000000000aa","inferred":true,"origin":"AWS::S3::Bucket","name":"S3","start_time":11,"end_time":11.50,"aws":{"operation":"PutObject","bucket_name":"docs","big":12345678901234567890},"http":{"request":{},"response":{"status":503}},"fault":true}`,
	} {
		d := found[0].Segments[2+i]
		head := fmt.Sprintf(`{"id":%q,"trace_id":%q,`, d.ID, id(1))
		if got := string(d.Text); got != head+want[1:] {
			t.Errorf("got  %s\nwant %s%s", got, head, want[1:])
		}
	}
	for _, d := range found[0].Segments {
		if strings.Contains(string(d.Text), "traced") || !json.Valid(d.Text) {
			t.Errorf("segment %s: %s", d.ID, d.Text)
		}
	}
}

// hits is a store with a trace at each of the seconds given.
func hits(t *testing.T, seconds ...int) *shelf {
	s := newShelf(t)
	for i, at := range seconds {
		more := `,"subsegments":[{"id":"00000000000000aa","name":"db","namespace":"remote","start_time":` + fmt.Sprint(at) + `,"end_time":` + fmt.Sprint(at+1) + `}]`
		if at%2 == 1 {
			more = `,"fault":true`
		}
		s.put(t, segment(i, 1, at, more))
	}
	return s
}

func plotted(t *testing.T, s *shelf, q query.SeriesQuery) string {
	t.Helper()
	out, err := s.engine(nil, query.Config{}).TimeSeries(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return points(out)
}

func points(s query.Series) string {
	var out []string
	for _, p := range s.Points {
		figures := "none"
		if p.Stats != nil {
			figures = fmt.Sprintf("%d ok %d fault %s", p.Stats.OK, p.Stats.Fault, p.Stats.Total)
			if p.ResponseTimes.Count() != p.Stats.Count() {
				figures += " but another histogram"
			}
		}
		out = append(out, fmt.Sprintf("%d: %s", p.End/1e9, figures))
	}
	return strings.Join(out, "; ")
}

func TestASeriesHasPointsAtTheEndsOfPeriodsNewestFirst(t *testing.T) {
	s := hits(t, 2, 59, 60, 62, 301, 7200)
	selector := func(text string) filter.Term {
		t.Helper()
		term, err := filter.ParseEntitySelector(text)
		if err != nil {
			t.Fatal(err)
		}
		return term
	}
	for _, c := range []struct {
		name string
		q    query.SeriesQuery
		want string
	}{
		{"all", query.SeriesQuery{To: 10_000e9}, "7260: 1 ok 0 fault 2s; 360: 0 ok 1 fault 2s; 120: 2 ok 0 fault 4s; 60: 1 ok 1 fault 4s"},
		{"five minutes", query.SeriesQuery{To: 10_000e9, Period: 5 * time.Minute}, "7500: 1 ok 0 fault 2s; 600: 0 ok 1 fault 2s; 300: 3 ok 1 fault 8s"},
		{"a minute belongs where it ends", query.SeriesQuery{From: 60e9, To: 120e9}, "60: 1 ok 1 fault 4s"},
		{"nothing ends in between", query.SeriesQuery{From: 61e9, To: 119e9}, ""},
		{"ends within five minutes", query.SeriesQuery{From: 61e9, To: 121e9, Period: 5 * time.Minute}, "300: 2 ok 0 fault 4s"},
		{"a service", query.SeriesQuery{To: 400e9, Selector: selector(`service(id(name: "s1", type: null))`)}, "360: 0 ok 1 fault 2s; 120: 2 ok 0 fault 4s; 60: 1 ok 1 fault 4s"},
		{"a client is measured by nobody", query.SeriesQuery{To: 400e9, Selector: selector(`service("s1")`)}, "360: 0 ok 1 fault 2s; 120: 2 ok 0 fault 4s; 60: 1 ok 1 fault 4s"},
		{"traffic, but not there", query.SeriesQuery{To: 400e9, Selector: selector(`service("db")`)}, "360: none; 120: 2 ok 0 fault 2s; 60: 1 ok 0 fault 1s"},
		{"an edge", query.SeriesQuery{To: 400e9, Selector: selector(`edge("s1", "db")`)}, "360: none; 120: 2 ok 0 fault 2s; 60: 1 ok 0 fault 1s"},
		{"nowhere", query.SeriesQuery{To: 70e9, Selector: selector(`edge("db", "s1")`)}, "60: none"},
		{"the wrong way round", query.SeriesQuery{From: 120e9, To: 60e9}, ""},
	} {
		if got := plotted(t, s, c.q); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
	if _, err := s.engine(nil, query.Config{}).TimeSeries(t.Context(), query.SeriesQuery{Period: time.Hour}); roentgen.KindOf(err) != roentgen.Invalid {
		t.Errorf("a period of an hour: %v", err)
	}
}

func TestASeriesComesInPages(t *testing.T) {
	var seconds []int
	for i := range 40 {
		seconds = append(seconds, 10+i*i*60)
	}
	s := hits(t, seconds...)
	for _, period := range []time.Duration{time.Minute, 5 * time.Minute} {
		whole := plotted(t, s, query.SeriesQuery{To: 1 << 60, Period: period})
		q, got := query.SeriesQuery{To: 1 << 60, Period: period}, []string{}
		for range 40 {
			page, err := s.engine(nil, query.Config{MaxPoints: 7}).TimeSeries(t.Context(), q)
			if err != nil || len(page.Points) > 7 {
				t.Fatal(len(page.Points), err)
			}
			if len(page.Points) > 0 {
				got = append(got, points(page))
			}
			if q.To = page.Next; q.To == 0 {
				break
			}
		}
		if strings.Join(got, "; ") != whole || len(got) < 5 {
			t.Errorf("period %s:\ngot  %s\nwant %s", period, got, whole)
		}
	}
}

func TestASeriesOfALongTimeAsksLittleOfIdleOnes(t *testing.T) {
	s := hits(t, 100, 30*24*3600)
	plotted(t, s, query.SeriesQuery{From: -1 << 62, To: 1 << 62})
	if s.graphs > 1000 {
		t.Errorf("two traces in 30 days took %d questions", s.graphs)
	}
}
