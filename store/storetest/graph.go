package storetest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/store"
)

// always is the window of every trace.
func always(group string) store.GraphWindow {
	return store.GraphWindow{From: math.MinInt64, To: math.MaxInt64, Group: group}
}

// checkGraph compares the graph of a window with the model's.
func (h *harness) checkGraph(w store.GraphWindow) {
	h.Helper()
	got, err := h.store.Graph(context.Background(), w)
	if err != nil {
		h.Fatalf("graph: %v", err)
	}
	if g, want := graphText(got), graphText(h.model.Graph(w)); g != want {
		h.Fatalf("graph of %+v:\n got\n%s\n want\n%s", w, g, want)
	}
}

// checkGraphs compares the whole graphs, of every group too.
func (h *harness) checkGraphs() {
	h.Helper()
	h.checkGraph(always(""))
	for _, g := range h.model.groups {
		h.checkGraph(always(g.ID))
	}
}

// graphText writes down all that a graph says.
func graphText(g *graph.Graph) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old groups %v\n", g.OldGroups)
	for _, n := range g.Nodes {
		fmt.Fprintf(&b, "%q %q root %v inferred %v from %d to %d %+v durations %v response times %v\n",
			n.ServiceID, n.Names, n.Root, n.Inferred, n.First, n.Last, n.Stats, n.Durations.Entries(), n.ResponseTimes.Entries())
		for _, e := range n.Edges {
			fmt.Fprintf(&b, "  -> %q %q from %d to %d %+v response times %v link %v ages %v\n",
				g.Nodes[e.To].ServiceID, e.Aliases, e.First, e.Last, e.Stats, e.ResponseTimes.Entries(), e.Link, e.Ages.Entries())
		}
	}
	return b.String()
}

// setGroups names groups to the store and to the model.
func (h *harness) setGroups(groups ...store.Group) {
	h.Helper()
	if err := h.store.SetGroups(context.Background(), groups); err != nil {
		h.Fatalf("set groups: %v", err)
	}
	h.model.SetGroups(groups)
}

// group is one of that expression, of which the version tells when it changed:
// that many seconds after the first second of the documents of this suite.
func group(t testing.TB, id, expression string, version uint64) store.Group {
	t.Helper()
	e, err := filter.Parse(expression)
	if err != nil {
		t.Fatalf("an expression of this suite: %v", err)
	}
	m, err := e.Matcher(nil)
	if err != nil {
		t.Fatalf("an expression of this suite: %v", err)
	}
	return store.Group{ID: id, Version: version, Since: at(time.Duration(version) * time.Second), Match: m}
}

// wantMembers compares which traces are in a group. They have to start at
// different times.
func (h *harness) wantMembers(group string, want ...int) {
	h.Helper()
	h.checkGraph(always(group))
	for _, id := range h.model.IDs() {
		n := number(id)
		p, _ := PlaceOf(h.model.Partial(id), roentgen.ClockStart)
		g, err := h.store.Graph(context.Background(), store.GraphWindow{From: p.At, To: p.At + 1, Group: group})
		if err != nil {
			h.Fatalf("graph: %v", err)
		}
		if got, want := len(g.Nodes) > 0, slices.Contains(want, n); got != want {
			h.Errorf("trace %d is in group %s: %v, want %v", n, group, got, want)
		}
	}
}

func (s suite) graphWindow(t *testing.T) {
	h := s.start(t)
	h.checkGraph(always(""))
	h.append(segment(1, 1, 0), segment(2, 1, time.Second), segment(3, 1, 2*time.Minute+1), segment(3, 2, 2*time.Minute))
	for _, w := range []store.GraphWindow{
		always(""), {}, {From: at(0), To: at(time.Second)}, {From: at(0) + 1, To: at(time.Second) + 1},
		{From: at(time.Second), To: at(2 * time.Minute)}, {From: at(2 * time.Minute), To: at(2*time.Minute) + 1},
		{From: at(2*time.Minute) + 1, To: at(time.Hour)}, {From: at(time.Minute), To: at(0)}, {From: math.MaxInt64, To: math.MinInt64},
	} {
		h.checkGraph(w)
	}
	h.append(segment(3, 3, 0)) // moves the trace
	h.checkGraph(store.GraphWindow{From: at(0), To: at(1)})
	h.checkGraph(store.GraphWindow{From: at(time.Minute), To: at(time.Hour)})
}

// manyTraces has enough in a few minutes that no backend adds them up one by
// one.
func (s suite) manyTraces(t *testing.T) {
	h, r := s.start(t), NewRandom(21)
	for n := range 1500 {
		d := r.Document()
		d.Trace, d.Start = n, at(time.Duration(r.IntN(5*60_000))*time.Millisecond)
		d.End = d.Start + roentgen.Time(r.IntN(1e9))
		h.append(d)
	}
	for range 40 {
		from, to := at(time.Duration(r.IntN(7*60)-60)*time.Second), at(time.Duration(r.IntN(7*60)-60)*time.Second)
		h.checkGraph(store.GraphWindow{From: min(from, to), To: max(from, to) + roentgen.Time(r.IntN(1e9))})
	}
	h.checkGraphs()
}

func (s suite) groupNotRetroactive(t *testing.T) {
	h := s.start(t)
	h.append(segment(1, 1, 0)) // received two seconds after at(0)
	h.append(segment(2, 1, 20*time.Second))
	h.setGroups(group(t, "g", `service("service-1")`, 10))
	h.wantMembers("g", 2)
	h.append(segment(3, 1, 30*time.Second), segment(4, 2, 31*time.Second), segment(1, 4, 0))
	h.wantMembers("g", 2, 3)
	h.append(segment(1, 7, 32*time.Second)) // now a document of trace 1 arrived late enough
	h.wantMembers("g", 1, 2, 3)
}

func (s suite) groupKeeps(t *testing.T) {
	h := s.start(t)
	h.setGroups(group(t, "g", `user = "u"`, 1), group(t, "h", ``, 1))
	open := segment(1, 1, time.Second).with(func(d *Document) { d.End = 0; d.More = `,"user":"u"` })
	h.append(open, segment(2, 1, 2*time.Second))
	h.wantMembers("g", 1)
	h.append(segment(1, 1, time.Second)) // nobody has this user any more
	h.append(segment(1, 2, time.Second)) // and the trace changed
	h.wantMembers("g", 1)
	h.wantMembers("h", 1, 2)
	h.setGroups(group(t, "g", `user = "v"`, 60), group(t, "h", ``, 1))
	h.wantMembers("g", 1)
	h.wantOld("g", true)
	h.wantOld("h", false)
	h.append(segment(3, 1, 60*time.Second).with(func(d *Document) { d.More = `,"user":"v"` }), segment(2, 2, time.Minute).with(func(d *Document) { d.More = `,"user":"u"` }))
	h.wantMembers("g", 1, 3)
	h.setGroups(group(t, "h", ``, 1))
	if _, err := h.store.Graph(context.Background(), always("g")); roentgen.KindOf(err) != roentgen.NotFound {
		t.Errorf("a group that is no longer named: %v, want an error of kind not found", err)
	}
	h.setGroups(group(t, "g", `user = "v"`, 60), group(t, "h", ``, 1)) // its members were lost
	h.wantMembers("g", 3)
	h.wantMembers("h", 1, 2, 3)
}

// testedBefore has nobody ask for a graph between a document and the next
// groups.
func (s suite) testedBefore(t *testing.T) {
	h := s.start(t)
	h.setGroups(group(t, "g", `user = "u"`, 1))
	h.append(segment(1, 1, time.Second).with(func(d *Document) { d.More = `,"user":"u"` }))
	h.model.Test()
	h.setGroups(group(t, "g", `user = "v"`, 1000))
	h.wantMembers("g", 1)
	h.wantOld("g", true)
}

func (h *harness) wantOld(group string, want bool) {
	h.Helper()
	g, err := h.store.Graph(context.Background(), always(group))
	if err != nil || g.OldGroups != want {
		h.Errorf("group %s: old members %v, want %v; %v", group, g.OldGroups, want, err)
	}
}

func (s suite) badGroups(t *testing.T) {
	h := s.start(t)
	good := group(t, "g", ``, 1)
	long := good
	long.ID = string(bytes.Repeat([]byte("g"), 1025))
	h.setGroups(good)
	for what, groups := range map[string][]store.Group{
		"an empty id":   {{Version: 1, Match: good.Match}},
		"a long id":     {long},
		"no expression": {{ID: "h", Version: 1}},
		"an id twice":   {good, good},
	} {
		if err := h.store.SetGroups(context.Background(), groups); roentgen.KindOf(err) != roentgen.Invalid {
			t.Errorf("%s: %v, want an error of kind invalid", what, err)
		}
	}
	h.append(segment(1, 1, time.Minute))
	h.wantMembers("g", 1) // nothing of it was taken over
}

// randomGraphs changes documents and groups, and looks after every step.
func (s suite) randomGraphs(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			h, r := s.start(t), NewRandom(100+seed)
			for step := range 100 {
				if step%25 == 7 {
					h.setGroups(r.groups(t, uint64(step))...)
				}
				h.append(r.call()...)
				h.checkGraphs()
				if r.IntN(10) == 0 {
					h.delete(TraceID(r.IntN(r.Traces)))
					h.checkGraphs()
				}
				w := r.window()
				h.checkGraph(store.GraphWindow{From: min(w.From, w.To), To: max(w.From, w.To)})
			}
		})
	}
}

// groups draws some, each of which changes with its version.
func (r *Random) groups(t testing.TB, step uint64) (out []store.Group) {
	t.Helper()
	expressions := []string{`user = "u1"`, `fault`, `annotation.order = 2`, `service("service-1") { error }`, ``, `edge("service-0", "service-1")`}
	for n := range 4 {
		if version := step - uint64(r.IntN(2))*step/2; r.IntN(4) > 0 {
			g := group(t, fmt.Sprint("group-", n), expressions[(n+int(version))%len(expressions)], version)
			g.Since = r.received - roentgen.Time(r.IntN(2e8))
			out = append(out, g)
		}
	}
	return out
}

// keepGraphing asks for graphs and changes groups again and again until done.
func keepGraphing(t *testing.T, of store.Store, done <-chan struct{}) {
	for n := uint64(1); ; n++ {
		groups := []store.Group{group(t, "g", `service("service-1")`, n), group(t, fmt.Sprint("h-", n%3), ``, 0)}
		if err := of.SetGroups(context.Background(), groups); err != nil {
			t.Errorf("set groups: %v", err)
			return
		}
		for _, id := range []string{"", "g", groups[1].ID} {
			if _, err := of.Graph(context.Background(), always(id)); err != nil {
				t.Errorf("graph: %v", err)
				return
			}
		}
		select {
		case <-done:
			return
		default:
		}
	}
}
