package graph

import (
	"cmp"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
)

// plainGraph counts rows without any of the machinery: what Graph has to be.
func plainGraph(all []*roentgen.Rows) *Graph {
	p := plain{nodes: map[roentgen.ServiceID]*Node{}, edges: map[[2]roentgen.ServiceID]*Edge{}, coarse: len(all) > exactTraces}
	for _, rows := range all {
		p.add(rows)
	}
	return p.graph()
}

type plain struct {
	nodes  map[roentgen.ServiceID]*Node
	edges  map[[2]roentgen.ServiceID]*Edge
	coarse bool
	weight int64          // of the trace at hand
	met    map[*Edge]bool // in it
}

func (p *plain) add(rows *roentgen.Rows) {
	second := roentgen.At(rows.Summary.Start.Time().Truncate(time.Second))
	p.weight, p.met = weightOf(rows.Summary), map[*Edge]bool{}
	for _, row := range rows.Nodes {
		n := p.nodes[row.ServiceID]
		if n == nil {
			n = &Node{ServiceID: row.ServiceID, Inferred: true, First: second, Last: second, Durations: Histogram{coarse: p.coarse}, ResponseTimes: Histogram{coarse: p.coarse}}
			p.nodes[row.ServiceID] = n
		}
		n.Traces++
		n.Names = append(n.Names, row.Names...)
		n.Root, n.Inferred = n.Root || row.Root, n.Inferred && row.Inferred
		n.First, n.Last = min(n.First, second), max(n.Last, second)
	}
	for _, row := range rows.Edges {
		p.edge(row, second)
	}
	for _, row := range rows.Segments {
		p.segment(row)
	}
	for _, row := range rows.Calls {
		if row.Source != nil {
			p.call(row, p.edge(row.EdgeRow, second))
		}
	}
}

func (p *plain) edge(row roentgen.EdgeRow, second roentgen.Time) *Edge {
	key := [2]roentgen.ServiceID{row.Source.ServiceID, row.Destination.ServiceID}
	e := p.edges[key]
	if e == nil {
		e = &Edge{First: second, Last: second, ResponseTimes: Histogram{coarse: p.coarse}, Ages: Histogram{coarse: p.coarse}}
		p.edges[key] = e
	}
	e.First, e.Last = min(e.First, second), max(e.Last, second)
	if !p.met[e] {
		p.met[e] = true
		e.Traces++
	}
	return e
}

func (p *plain) segment(row roentgen.SegmentRow) {
	if row.Node == nil || !row.Duration.Known {
		return
	}
	n, took := p.nodes[row.Node.ServiceID], nanoseconds(row.Duration)
	n.Kept++
	n.Stats.tell(row.Flags, p.weight)
	n.Stats.Total += took * time.Duration(p.weight)
	n.ResponseTimes.add(took, p.weight)
	if row.Last != 0 {
		took = max(took, time.Duration(row.Last-row.Start))
	}
	n.Durations.add(took, p.weight)
}

func (p *plain) call(row roentgen.CallRow, e *Edge) {
	if row.Alias != (roentgen.ServiceID{}) {
		e.Aliases = append(e.Aliases, row.Alias)
	}
	switch {
	case row.Link:
		e.Link = true
		if row.Age.Known {
			e.Ages.add(nanoseconds(row.Age), p.weight)
		}
		if row.Age.Known || row.Duration.Known {
			e.Kept++
			e.Stats.tell(row.Flags, p.weight)
		}
	case row.Duration.Known:
		e.Kept++
		e.Stats.tell(row.Flags, p.weight)
		e.Stats.Total += nanoseconds(row.Duration) * time.Duration(p.weight)
		e.ResponseTimes.add(nanoseconds(row.Duration), p.weight)
	}
}

// nanoseconds are those of a whole number of microseconds.
func nanoseconds(n roentgen.Number) time.Duration {
	return time.Duration(n.Value*1e6+0.5) * time.Microsecond
}

func (s *Stats) tell(f roentgen.Flags, n int64) {
	switch {
	case f.Throttle:
		s.Throttle += n
	case f.Fault:
		s.Fault += n
	case f.Error:
		s.Error += n
	default:
		s.OK += n
	}
}

func (p *plain) graph() *Graph {
	g := &Graph{}
	for _, n := range p.nodes {
		slices.Sort(n.Names)
		n.Names = slices.Compact(n.Names)
		g.Nodes = append(g.Nodes, *n)
	}
	slices.SortFunc(g.Nodes, func(a, b Node) int { return a.Compare(b.ServiceID) })
	at := func(id roentgen.ServiceID) int {
		return slices.IndexFunc(g.Nodes, func(n Node) bool { return n.ServiceID == id })
	}
	for ends, e := range p.edges {
		slices.SortFunc(e.Aliases, roentgen.ServiceID.Compare)
		e.Aliases, e.To = slices.Compact(e.Aliases), at(ends[1])
		from := &g.Nodes[at(ends[0])]
		from.Edges = append(from.Edges, *e)
	}
	for _, n := range g.Nodes {
		slices.SortFunc(n.Edges, func(a, b Edge) int { return cmp.Compare(a.To, b.To) })
	}
	return g
}
