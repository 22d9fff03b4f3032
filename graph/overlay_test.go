package graph

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

// scene is traces of which some are kept, and what agents counted of all.
type scene struct {
	t       *testing.T
	minutes *Minutes
	kept    []*roentgen.Rows
	n       int
}

func newScene(t *testing.T) *scene { return &scene{t: t, minutes: NewMinutes(Options{})} }

// request is a trace of these documents; probability 0: not kept.
func (s *scene) request(probability float64, counted bool, docs ...*roentgen.Segment) {
	s.n++
	trace := &roentgen.Trace{ID: roentgen.TraceID{1, 14: byte(s.n >> 8), 15: byte(s.n)}}
	partial := roentgen.Partial{Trace: trace.ID}
	for _, d := range docs {
		d.Trace = trace.ID
		if counted {
			s.minutes.Add(d)
		}
		stored := roentgen.Stored{Segment: d, Received: noon, Keep: roentgen.Keep{Reason: roentgen.KeepHead, Probability: probability}}
		trace.Documents = append(trace.Documents, stored)
		partial = partial.Merge(roentgen.NewPartial(stored))
	}
	if probability > 0 {
		sum := partial.Summary()
		s.kept = append(s.kept, Fold(trace, &sum, noon+roentgen.Time(time.Hour), Options{}))
	}
}

func (s *scene) graph() *Graph {
	g, end := Of(s.kept...), noon+roentgen.Time(time.Minute)
	g.Overlay(sumOf(s.t, s.minutes.Take(end)), noon, end)
	return g
}

// say tells nodes and edges with how many requests, of which so many counted.
func say(g *Graph) (out []string) {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Type != roentgen.ClientType {
			out = append(out, fmt.Sprintf("%s %d/%d %v", n.Name, n.Counted, n.Stats.Count(), n.Source()))
		}
		for j := range n.Edges {
			e := &n.Edges[j]
			out = append(out, fmt.Sprintf("%s>%s %d/%d %v", n.Name, g.Nodes[e.To].Name, e.Counted, e.Stats.Count(), e.Source()))
		}
	}
	return out
}

func expect(t *testing.T, g *Graph, want ...string) {
	t.Helper()
	if got := say(g); !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// served is a segment that calls what callees name.
func served(id byte, name string, parent byte, callees ...string) *roentgen.Segment {
	s := &roentgen.Segment{ID: roentgen.SegmentID{id}, Name: name, Start: noon, End: noon + 1e9}
	if parent > 0 {
		s.Parent = roentgen.SegmentID{parent}
	}
	for i, callee := range callees {
		s.Subsegments = append(s.Subsegments, roentgen.Segment{ID: roentgen.SegmentID{id + byte(i) + 1}, Name: callee, Namespace: roentgen.NamespaceRemote, Start: noon, End: noon + 1e9})
	}
	return s
}

func TestCountsStandWhereAgentsCounted(t *testing.T) {
	s := newScene(t)
	for n := range 100 {
		s.request([]float64{0.5, 0}[n%2], true, served(10, "shop", 0, "stock.internal", "db"), served(20, "stock", 11))
	}
	expect(t, s.graph(),
		"db 100/100 counted", "shop 100/100 counted", "shop>db 100/100 counted", "shop>stock 100/100 counted", "shop>shop 100/100 counted", "stock 100/100 counted")
}

func TestWithoutCountsEstimatesStand(t *testing.T) {
	s := newScene(t)
	for n := range 100 {
		s.request([]float64{0.5, 0}[n%2], false, served(10, "shop", 0, "db"))
	}
	g := Of(s.kept...)
	g.Overlay(NewSums(Options{}), noon, noon+1)
	expect(t, g, "db 0/100 estimated", "shop 0/100 estimated", "shop>db 0/100 estimated", "shop>shop 0/100 estimated")
}

// A service of which no trace was kept is there all the same.
func TestServicesOfWhichNothingWasKept(t *testing.T) {
	s := newScene(t)
	s.request(1, true, served(10, "shop", 0, "db"))
	s.request(0, true, served(10, "admin", 0, "db"))
	expect(t, s.graph(),
		"admin 1/1 counted", "admin>db 1/1 counted", "admin>admin 1/1 counted", "db 2/2 counted", "shop 1/1 counted", "shop>db 1/1 counted", "shop>shop 1/1 counted")
}

// Where documents come past the agents, counts are too low to be true.
func TestCountsOfSomeHostsDoNotStand(t *testing.T) {
	s := newScene(t)
	for n := range 20_000 {
		s.request([]float64{0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0}[n%10], n%4 > 0, served(10, "shop", 0))
	}
	expect(t, s.graph(), "shop 0/20000 estimated", "shop>shop 0/20000 estimated")
	s = newScene(t)
	s.request(1, true, served(10, "shop", 0))
	s.request(1, false, served(10, "shop", 0))
	expect(t, s.graph(), "shop 0/2 kept", "shop>shop 0/2 kept")
	s = newScene(t) // nobody sends what was not sampled
	for range 20 {
		s.request(0.1, true, served(10, "shop", 0))
	}
	expect(t, s.graph(), "shop 0/200 estimated", "shop>shop 0/200 estimated")
}

// An alias that leads to two services, and to none when nobody answers.
func TestOneNameForSeveralCallees(t *testing.T) {
	s := newScene(t)
	for n := range 60 {
		callee := []*roentgen.Segment{served(20, "payments", 11), served(20, "stock", 11), served(20, "stock", 11)}[n%3]
		s.request([]float64{0.5, 0}[n%2], true, served(10, "shop", 0, "api.internal"), callee)
	}
	for range 6 {
		refused := served(10, "shop", 0, "api.internal")
		refused.Subsegments[0].Fault = true
		s.request(1, true, refused)
	}
	g := s.graph()
	expect(t, g,
		"api.internal 6/6 counted", "payments 20/20 counted", "shop 66/66 counted",
		"shop>api.internal 6/6 counted", "shop>payments 20/20 counted", "shop>stock 40/40 counted", "shop>shop 66/66 counted", "stock 40/40 counted")
	divided := 0
	for _, n := range g.Nodes {
		for _, e := range n.Edges {
			if e.Divided {
				divided++
			}
			if e.ResponseTimes.Count() != e.Stats.Count() {
				t.Errorf("%s: %d durations of %d", g.Nodes[e.To].Name, e.ResponseTimes.Count(), e.Stats.Count())
			}
		}
	}
	if divided != 2 { // all that got no answer were kept, and that is exact
		t.Errorf("%d edges are divided", divided)
	}
}

// Calls that came without their callers are shared out over all.
func TestCallsOfNobodyInParticular(t *testing.T) {
	s := newScene(t)
	for n := range 40 {
		alone := &roentgen.Segment{Kind: roentgen.KindSubsegment, ID: roentgen.SegmentID{11}, Parent: roentgen.SegmentID{10}, Name: "db",
			Namespace: roentgen.NamespaceRemote, Start: noon, End: noon + 1e9}
		s.request([]float64{0.5, 0}[n%2], true, served(10, []string{"shop", "shop", "shop", "shop", "shop", "shop", "admin", "admin"}[n%8], 0), alone)
	}
	expect(t, s.graph(),
		"admin 10/10 counted", "admin>db 10/10 counted", "admin>admin 10/10 counted", "db 40/40 counted", "shop 30/30 counted", "shop>db 30/30 counted", "shop>shop 30/30 counted")
}

func TestApportioning(t *testing.T) {
	for _, c := range []struct {
		n       int64
		weights []float64
		want    []int64
	}{
		{10, []float64{1, 1}, []int64{5, 5}}, {1, []float64{1, 1, 1}, []int64{0, 1, 0}}, {7, []float64{0, 0}, []int64{4, 3}},
		{100, []float64{0, 3, 1}, []int64{0, 75, 25}}, {0, []float64{1}, []int64{0}},
	} {
		if got := apportion(c.n, c.weights); !slices.Equal(got, c.want) {
			t.Errorf("%d by %v: %v, want %v", c.n, c.weights, got, c.want)
		}
	}
}

// The graphs of two windows come to that of both.
func TestGraphsAreJoined(t *testing.T) {
	early, late := newScene(t), newScene(t)
	for n := range 400 {
		at := []*scene{early, late}[n%2]
		at.request([]float64{0.5, 1}[n/2%2], false, served(10, fmt.Sprint("shop-", n%5), 0, "db", "stock.internal"), served(20, fmt.Sprint("stock-", n%3), 12))
	}
	got, want := Join(Of(early.kept...), &Graph{}, Of(late.kept...)), Of(slices.Concat(early.kept, late.kept)...)
	if !slices.Equal(say(got), say(want)) {
		t.Errorf("got\n%q\nwant\n%q", say(got), say(want))
	}
	for i := range want.Nodes {
		g, w := got.Nodes[i], want.Nodes[i]
		if g.Stats != w.Stats || g.Kept != w.Kept || g.Traces != w.Traces || g.Root != w.Root || g.ResponseTimes.Count() != w.ResponseTimes.Count() {
			t.Errorf("got %+v, want %+v", g, w)
		}
	}
}

func TestAHistogramIsScaled(t *testing.T) {
	var h Histogram
	for n := range 1000 {
		h.Add(time.Duration(n) * time.Millisecond)
	}
	for _, to := range []int64{0, 1, 333, 1000, 12_345} {
		if s := h.scaled(to); s.Count() != to {
			t.Errorf("%d durations of %d", s.Count(), to)
		} else if q := s.Quantile(0.5).Seconds(); to > 300 && (q < 0.48 || q > 0.52) {
			t.Errorf("scaled to %d the median is %v", to, q)
		}
	}
}
