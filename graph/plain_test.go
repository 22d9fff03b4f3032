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
}

func (p *plain) add(rows *roentgen.Rows) {
	second := roentgen.At(rows.Summary.Start.Time().Truncate(time.Second))
	for _, row := range rows.Nodes {
		n := p.nodes[row.ServiceID]
		if n == nil {
			n = &Node{ServiceID: row.ServiceID, Inferred: true, First: second, Last: second, Durations: Histogram{coarse: p.coarse}, ResponseTimes: Histogram{coarse: p.coarse}}
			p.nodes[row.ServiceID] = n
		}
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
	return e
}

func (p *plain) segment(row roentgen.SegmentRow) {
	if row.Node == nil || !row.Duration.Known {
		return
	}
	n, took := p.nodes[row.Node.ServiceID], nanoseconds(row.Duration)
	n.Stats.tell(row.Flags)
	n.Stats.Total += took
	n.ResponseTimes.Add(took)
	if row.Last != 0 {
		took = max(took, time.Duration(row.Last-row.Start))
	}
	n.Durations.Add(took)
}

func (p *plain) call(row roentgen.CallRow, e *Edge) {
	if row.Alias != (roentgen.ServiceID{}) {
		e.Aliases = append(e.Aliases, row.Alias)
	}
	switch {
	case row.Link:
		e.Link = true
		if row.Age.Known {
			e.Ages.Add(nanoseconds(row.Age))
		}
		if row.Age.Known || row.Duration.Known {
			e.Stats.tell(row.Flags)
		}
	case row.Duration.Known:
		e.Stats.tell(row.Flags)
		e.Stats.Total += nanoseconds(row.Duration)
		e.ResponseTimes.Add(nanoseconds(row.Duration))
	}
}

// nanoseconds are those of a whole number of microseconds.
func nanoseconds(n roentgen.Number) time.Duration {
	return time.Duration(n.Value*1e6+0.5) * time.Microsecond
}

func (s *Stats) tell(f roentgen.Flags) {
	switch {
	case f.Throttle:
		s.Throttle++
	case f.Fault:
		s.Fault++
	case f.Error:
		s.Error++
	default:
		s.OK++
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
