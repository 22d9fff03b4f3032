package graph

import (
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
)

// Join returns the graph of windows that share no trace. The graphs are not
// changed, and may share memory with the result.
func Join(graphs ...*Graph) *Graph {
	graphs = slices.DeleteFunc(slices.Clone(graphs), func(g *Graph) bool { return len(g.Nodes) == 0 })
	switch len(graphs) {
	case 0:
		return &Graph{}
	case 1:
		return graphs[0]
	}
	j := joiner{at: map[roentgen.ServiceID]int{}}
	for _, g := range graphs {
		j.out.OldGroups = j.out.OldGroups || g.OldGroups
		for i := range g.Nodes {
			j.node(&g.Nodes[i])
		}
	}
	slices.SortFunc(j.out.Nodes, func(a, b Node) int { return a.Compare(b.ServiceID) })
	j.at = j.out.byID()
	for _, g := range graphs {
		for i := range g.Nodes {
			to := &j.out.Nodes[j.at[g.Nodes[i].ServiceID]]
			for k := range g.Nodes[i].Edges {
				e := &g.Nodes[i].Edges[k]
				to.join(e, j.at[g.Nodes[e.To].ServiceID])
			}
		}
	}
	return &j.out
}

// joiner makes one graph of many.
type joiner struct {
	out Graph
	at  map[roentgen.ServiceID]int
}

func (j *joiner) node(n *Node) {
	i, there := j.at[n.ServiceID]
	if !there {
		j.at[n.ServiceID] = len(j.out.Nodes)
		one := *n
		one.Edges = nil
		one.Durations, one.ResponseTimes = n.Durations.clone(), n.ResponseTimes.clone()
		j.out.Nodes = append(j.out.Nodes, one)
		return
	}
	to := &j.out.Nodes[i]
	to.Names = union(to.Names, n.Names, strings.Compare)
	to.Root, to.Inferred = to.Root || n.Root, to.Inferred && n.Inferred
	to.First, to.Last = min(to.First, n.First), max(to.Last, n.Last)
	to.Traces, to.Kept, to.Counted = to.Traces+n.Traces, to.Kept+n.Kept, to.Counted+n.Counted
	to.Stats.Add(n.Stats)
	to.Durations.Merge(&n.Durations)
	to.ResponseTimes.Merge(&n.ResponseTimes)
}

// join adds what is known of an edge to the node with that number.
func (n *Node) join(e *Edge, destination int) {
	i, there := slices.BinarySearchFunc(n.Edges, destination, func(e Edge, to int) int { return e.To - to })
	if !there {
		one := *e
		one.To = destination
		one.ResponseTimes, one.Ages = e.ResponseTimes.clone(), e.Ages.clone()
		n.Edges = slices.Insert(n.Edges, i, one)
		return
	}
	to := &n.Edges[i]
	to.Aliases = union(to.Aliases, e.Aliases, roentgen.ServiceID.Compare)
	to.First, to.Last = min(to.First, e.First), max(to.Last, e.Last)
	to.Traces, to.Kept, to.Counted = to.Traces+e.Traces, to.Kept+e.Kept, to.Counted+e.Counted
	to.Divided, to.Link = to.Divided || e.Divided, to.Link || e.Link
	to.Stats.Add(e.Stats)
	to.ResponseTimes.Merge(&e.ResponseTimes)
	to.Ages.Merge(&e.Ages)
}

// union returns what is in either of two sorted lists, sorted; nil for nothing.
func union[T comparable](a, b []T, compare func(T, T) int) []T {
	if len(a)+len(b) == 0 {
		return nil
	}
	out := slices.Concat(a, b)
	slices.SortFunc(out, compare)
	return slices.Compact(out)
}

func (h *Histogram) clone() Histogram { return Histogram{bins: slices.Clone(h.bins), coarse: h.coarse} }
