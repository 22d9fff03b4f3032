package graph

import (
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
)

// Graph is who called whom over a number of traces, and how it went. Equal
// traces make equal Graphs, whatever became of them on the way.
type Graph struct {
	Nodes []Node // by ServiceID
	// OldGroups is true when a trace was admitted by an earlier version of
	// the group that was asked for.
	OldGroups bool
}

// Node is a service, a database, a client: all with one ServiceID.
type Node struct {
	roentgen.ServiceID
	Names         []string      // other names it answered to, sorted
	Root          bool          // it held the root segment of a trace
	Inferred      bool          // in every trace: known from its callers only
	Traces        int64         // that were kept and have it
	Kept          int64         // segments behind Stats, which counts more where kept traces stand for others
	First, Last   roentgen.Time // starts of the first and the last trace with it, to the second below
	Counted       int64         // requests of Stats that agents counted, kept or not; the others are estimated by kept traces
	Stats         Stats         // as the service saw it; of a client node zero
	Durations     Histogram     // with trailing asynchronous work
	ResponseTimes Histogram
	Edges         []Edge // by ServiceID of the destination
}

// Edge is the calls from the node that it stands in to another.
type Edge struct {
	To            int                  // index in Graph.Nodes
	Aliases       []roentgen.ServiceID // what the callee would be without segments of its own, sorted
	First, Last   roentgen.Time        // starts of the first and the last trace with it, to the second below
	Traces        int64                // that were kept and have it
	Kept          int64                // calls behind Stats, which counts more where kept traces stand for others
	Counted       int64                // requests of Stats that agents counted, kept or not; the others are estimated by kept traces
	Divided       bool                 // what was counted is that of several edges; kept traces say how much is of this one
	Stats         Stats                // as the caller saw it; of a link without response times
	ResponseTimes Histogram
	Link          bool      // events from a queue, for which nobody waited
	Ages          Histogram // of a link: of the events when they were received
}

// graph puts the totals into words.
func (s *sum) graph(w *words) *Graph {
	g := &Graph{}
	var numbers []uint32
	for n, to := range s.of[nodeKind] {
		if to != nil {
			numbers = append(numbers, uint32(n))
		}
	}
	slices.SortFunc(numbers, func(a, b uint32) int { return w.services.keys[a].Compare(w.services.keys[b]) })
	at := make(map[uint32]int, len(numbers))
	for i, n := range numbers {
		at[n] = i
		g.Nodes = append(g.Nodes, s.node(w, n))
	}
	for n, to := range s.of[edgeKind] {
		if to != nil {
			ends := w.pairs.keys[n]
			from := &g.Nodes[at[ends.from]]
			from.Edges = append(from.Edges, s.edge(w, to, at[ends.to]))
		}
	}
	for i := range g.Nodes {
		slices.SortFunc(g.Nodes[i].Edges, func(a, b Edge) int { return a.To - b.To })
	}
	return g
}

func (s *sum) node(w *words, number uint32) Node {
	to := s.of[nodeKind][number]
	n := Node{
		ServiceID: w.services.keys[number], Root: to.roots > 0, Inferred: to.inferred == to.traces,
		First: to.first, Last: to.last, Traces: to.traces, Kept: to.kept, Stats: to.inAll(),
		Durations: to.histogram(other, s.exact), ResponseTimes: to.histogram(took, s.exact),
	}
	for name := range to.also {
		n.Names = append(n.Names, w.names.keys[name])
	}
	slices.SortFunc(n.Names, strings.Compare)
	return n
}

func (s *sum) edge(w *words, to *total, destination int) Edge {
	e := Edge{
		To: destination, First: to.first, Last: to.last, Traces: to.traces, Kept: to.kept, Stats: to.inAll(),
		ResponseTimes: to.histogram(took, s.exact), Link: to.links > 0, Ages: to.histogram(other, s.exact),
	}
	for alias := range to.also {
		e.Aliases = append(e.Aliases, w.services.keys[alias])
	}
	slices.SortFunc(e.Aliases, roentgen.ServiceID.Compare)
	return e
}
