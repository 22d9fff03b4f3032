package graph

import (
	"math"
	"time"

	"github.com/roentgen/roentgen"
)

// Overlay puts what agents counted of all requests of a window in the place of
// what kept traces say of it. from and to bound the traces of g, and what s
// adds up.
//
// A node has what its own segments count; one that sends none has what the
// calls to it come to. A call is known by what the caller says it called: it is
// that of the edge to the node of this name, or of the edge with this alias.
// Where there are several, they share its counts, class by class, in the
// proportion of what the kept traces stand for, corrected by what was counted at
// the nodes that they lead to. So do all edges to a callee share the calls that
// came without their caller.
//
// Counts are those of agents: where documents come past them, or where what was
// not sampled is not sent, a count would be too low. It does not stand where it
// is less than what was kept, nor where chance would not have kept so many of so
// few.
// Services of which no trace was kept are added to g.
func (g *Graph) Overlay(s *Sums, from, to roentgen.Time) {
	if s.Empty() {
		return
	}
	g.addMissing(s, from, to)
	o := overlay{g: g, s: s, byCall: map[Call][]edgePlace{}, byCallee: map[roentgen.ServiceID][]edgePlace{}, counted: map[edgePlace]*Edge{}}
	o.index()
	for _, c := range s.Calls() {
		o.call(c)
	}
	o.edges()
	o.nodes()
}

// overlay is counts on their way to their places.
type overlay struct {
	g        *Graph
	s        *Sums
	byCall   map[Call][]edgePlace
	byCallee map[roentgen.ServiceID][]edgePlace
	counted  map[edgePlace]*Edge
}

// edgePlace is where an edge is: a node, and which of its edges.
type edgePlace struct{ node, edge int }

func (o *overlay) at(p edgePlace) *Edge { return &o.g.Nodes[p.node].Edges[p.edge] }

// index finds the edges by what callers may call their ends.
func (o *overlay) index() {
	for i := range o.g.Nodes {
		n := &o.g.Nodes[i]
		for j := range n.Edges {
			e, p := &n.Edges[j], edgePlace{i, j}
			if e.Link {
				continue
			}
			names := append([]roentgen.ServiceID{o.g.Nodes[e.To].ServiceID}, e.Aliases...)
			for _, name := range names {
				o.byCall[Call{n.ServiceID, name}] = append(o.byCall[Call{n.ServiceID, name}], p)
				if n.Type != roentgen.ClientType && n.Type != typeBalancer {
					o.byCallee[name] = append(o.byCallee[name], p)
				}
			}
		}
	}
}

// call gives the counts of a call to its edges.
func (o *overlay) call(c Call) {
	places := o.byCall[c]
	if c.From == (roentgen.ServiceID{}) {
		places = o.byCallee[c.To]
	}
	if len(places) == 0 {
		return
	}
	r, _ := o.s.Call(c)
	if len(places) == 1 {
		o.give(places[0], r.Stats, &r.ResponseTimes)
		return
	}
	for i, stats := range o.divide(places, r.Stats) {
		times := o.at(places[i]).ResponseTimes.scaled(stats.Count())
		o.give(places[i], stats, &times).Divided = true
	}
}

func (o *overlay) give(p edgePlace, s Stats, times *Histogram) *Edge {
	e := o.counted[p]
	if e == nil {
		e = &Edge{}
		o.counted[p] = e
	}
	e.Stats.Add(s)
	e.ResponseTimes.Merge(times)
	return e
}

// divide shares counts out over edges.
func (o *overlay) divide(places []edgePlace, s Stats) []Stats {
	out := make([]Stats, len(places))
	all := o.weigh(places, func(s *Stats) int64 { return s.Count() })
	for _, class := range classes {
		weights := o.weigh(places, func(s *Stats) int64 { return *class(s) })
		if total64(weights) == 0 {
			weights = all
		}
		for i, n := range apportion(*class(&s), weights) {
			*class(&out[i]) = n
		}
	}
	for i, n := range apportion(int64(s.Total), o.weigh(places, func(s *Stats) int64 { return int64(s.Total) })) {
		out[i].Total = time.Duration(n)
	}
	return out
}

// weigh returns what the kept traces say of a figure of each edge, corrected by
// how far they are from what was counted at the node that it leads to.
func (o *overlay) weigh(places []edgePlace, of func(*Stats) int64) []float64 {
	out := make([]float64, len(places))
	for i, p := range places {
		e := o.at(p)
		to := &o.g.Nodes[e.To]
		out[i] = max(0, float64(of(&e.Stats)))
		counted, ok := o.atNode(to.ServiceID)
		if estimate := of(&to.Stats); ok && estimate > 0 && to.said().allows(counted.Count()) {
			out[i] *= float64(of(&counted)) / float64(estimate)
		}
	}
	return out
}

func (n *Node) said() said { return said{n.Stats.Count(), n.Kept, n.Traces} }

// atNode returns what was counted at a node that sends segments.
func (o *overlay) atNode(id roentgen.ServiceID) (Stats, bool) {
	if r := o.s.entry(id, id, false); r != nil {
		s := r.stats
		s.Total = r.total.duration()
		return s, true
	}
	return Stats{}, false
}

// classes are the counts of Stats.
var classes = [...]func(*Stats) *int64{
	func(s *Stats) *int64 { return &s.OK },
	func(s *Stats) *int64 { return &s.Error },
	func(s *Stats) *int64 { return &s.Throttle },
	func(s *Stats) *int64 { return &s.Fault },
}

func total64(all []float64) (sum float64) {
	for _, n := range all {
		sum += n
	}
	return sum
}

// apportion divides n in the proportion of weights, in whole numbers of which
// the sum is n; evenly where all weigh nothing.
func apportion(n int64, weights []float64) []int64 {
	out, total, given, weighed := make([]int64, len(weights)), total64(weights), int64(0), 0.0
	for i, w := range weights {
		weighed += w
		part := weighed / total
		if total == 0 {
			part = float64(i+1) / float64(len(weights))
		}
		upTo := int64(float64(n)*part + 0.5)
		if i == len(weights)-1 {
			upTo = n
		}
		out[i], given = upTo-given, upTo
	}
	return out
}

// edges puts what was given to edges in its place.
func (o *overlay) edges() {
	for p, c := range o.counted {
		e := o.at(p)
		n, s := c.Stats.Count(), said{e.Stats.Count(), e.Kept, e.Traces}
		if s.isAll(n) {
			e.Counted = n
		} else if s.allows(n) {
			e.Stats, e.ResponseTimes, e.Divided, e.Counted = c.Stats, c.ResponseTimes, c.Divided, n
		}
	}
}

// nodes puts what was counted at nodes in its place. Of those that send no
// segments it is what their callers counted.
func (o *overlay) nodes() {
	into := make([][]*Edge, len(o.g.Nodes))
	for i := range o.g.Nodes {
		for j := range o.g.Nodes[i].Edges {
			e := &o.g.Nodes[i].Edges[j]
			into[e.To] = append(into[e.To], e)
		}
	}
	for i := range o.g.Nodes {
		n := &o.g.Nodes[i]
		r, ok := o.s.Node(n.ServiceID)
		if !ok && n.Inferred && n.Type != roentgen.ClientType {
			r, ok = together(into[i])
		}
		count, s := r.Stats.Count(), n.said()
		if ok && s.isAll(count) {
			n.Counted = count
		} else if ok && s.allows(count) {
			n.Stats, n.ResponseTimes, n.Durations, n.Counted = r.Stats, r.ResponseTimes, r.Durations, count
		}
	}
}

// together adds up the calls to a node, and reports whether all are counted.
func together(into []*Edge) (r Requests, ok bool) {
	for _, e := range into {
		if e.Counted == 0 && e.Stats.Count() > 0 {
			return r, false
		}
		r.Stats.Add(e.Stats)
		r.ResponseTimes.Merge(&e.ResponseTimes)
		ok = ok || e.Counted > 0
	}
	r.Durations.Merge(&r.ResponseTimes)
	return r, ok
}

// said is what kept traces say of how many requests there were.
type said struct{ estimated, kept, traces int64 }

// deviations is how far chance does not lead.
const deviations = 6

// isAll reports whether all requests were kept. Then what the kept traces say is
// exact, durations too.
func (s said) isAll(counted int64) bool { return s.kept == counted && s.estimated == counted }

// allows reports whether a count may be that of all requests: whether chance
// could keep so many of them at the rate at which they were kept. Requests of
// one trace are kept together or not at all, so that chance has as many tries as
// there are traces.
func (s said) allows(counted int64) bool {
	if counted < s.kept || s.estimated <= s.kept {
		return counted >= s.kept
	}
	kept, rate := float64(s.kept), float64(s.kept)/float64(s.estimated)
	together := max(1, kept/float64(max(1, s.traces)))
	expected := float64(counted) * rate
	return kept <= expected+deviations*math.Sqrt(expected*(1-rate)*together)+2*together
}
