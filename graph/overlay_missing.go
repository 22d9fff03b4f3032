package graph

import (
	"slices"
	"time"

	"github.com/roentgen/roentgen"
)

// addMissing adds the services that were counted and of which no trace was
// kept, with their clients, and the calls between nodes that are there.
func (g *Graph) addMissing(s *Sums, from, to roentgen.Time) {
	have := g.byID()
	var added []roentgen.ServiceID
	add := func(id roentgen.ServiceID) {
		if _, there := have[id]; !there {
			have[id] = nowhereYet
			added = append(added, id)
		}
	}
	for _, id := range s.Nodes() {
		add(id)
	}
	calls := s.Calls()
	for _, c := range calls {
		if at, there := have[c.To]; c.From.Type == roentgen.ClientType && there && at == nowhereYet {
			add(c.From)
		}
	}
	if len(added) > 0 {
		g.insert(added, floor(from, time.Second), floor(to-1, time.Second))
		have = g.byID()
	}
	for _, c := range calls {
		i, source := have[c.From]
		j, destination := have[c.To]
		if source && destination && !g.aliased(i, c.To) {
			g.connect(i, j)
		}
	}
}

// nowhereYet is where a node is that has no place yet.
const nowhereYet = -1

func (g *Graph) byID() map[roentgen.ServiceID]int {
	out := make(map[roentgen.ServiceID]int, len(g.Nodes))
	for i := range g.Nodes {
		out[g.Nodes[i].ServiceID] = i
	}
	return out
}

// insert adds nodes without figures.
func (g *Graph) insert(ids []roentgen.ServiceID, first, last roentgen.Time) {
	old := g.Nodes
	g.Nodes = slices.Clone(old)
	for _, id := range ids {
		g.Nodes = append(g.Nodes, Node{ServiceID: id, First: first, Last: last, Inferred: id.Type == typeBalancer})
	}
	slices.SortFunc(g.Nodes, func(a, b Node) int { return a.Compare(b.ServiceID) })
	at := g.byID()
	for i := range g.Nodes {
		edges := slices.Clone(g.Nodes[i].Edges)
		for j := range edges {
			edges[j].To = at[old[edges[j].To].ServiceID]
		}
		g.Nodes[i].Edges = edges
	}
}

// aliased reports whether a node has an edge of which the callee is named so.
func (g *Graph) aliased(from int, name roentgen.ServiceID) bool {
	return slices.ContainsFunc(g.Nodes[from].Edges, func(e Edge) bool { return slices.Contains(e.Aliases, name) })
}

// connect adds an edge without figures where there is none.
func (g *Graph) connect(from, to int) {
	n := &g.Nodes[from]
	i, there := slices.BinarySearchFunc(n.Edges, to, func(e Edge, to int) int { return e.To - to })
	if !there {
		n.Edges = slices.Insert(n.Edges, i, Edge{To: to, First: n.First, Last: n.Last})
	}
}
