package graph

import (
	"cmp"
	"slices"

	"github.com/roentgen/roentgen"
)

// hop is what one of Rows.Calls will be.
type hop struct {
	from, to int32 // nodes
	caller   int32 // row; none: a client, a load balancer or a queue
	callee   int32 // row; none: nothing is known of it
	entity   int32 // has the figures: the calling subsegment, or else the called segment
	answered bool  // entity is a call, and the callee sent a segment
	link     bool
	age      roentgen.Number
}

// settleCalls finds every call: first those that nobody recorded as such, then
// the calling subsegments.
func (f *folder) settleCalls() {
	for _, i := range f.segments {
		f.arrive(i)
	}
	for _, i := range f.calls {
		f.callees = f.call(i, f.callees[:0])
	}
}

// arrive finds how segment i was reached, where no subsegment says it.
func (f *folder) arrive(i int32) {
	e := &f.entities[i]
	if e.door != e.at {
		f.hops = append(f.hops, hop{from: e.door.node, to: e.at.node, caller: none, callee: e.at.row, entity: i})
	}
	queued := f.receive(i)
	if e.s.Parent.IsZero() {
		f.nodes.rows[e.at.node].Root = true
		if !queued { // otherwise the queue is the client
			client := f.nodes.find(f.client(e.s), false)
			f.hops = append(f.hops, hop{from: client, to: e.door.node, caller: none, callee: e.door.row, entity: i})
		}
		return
	}
	if e.parent == none || f.entities[e.parent].isCall() {
		return
	}
	if above := f.entities[e.parent].owner; above != none && above != i {
		caller := f.entities[above].at
		f.hops = append(f.hops, hop{from: caller.node, to: e.door.node, caller: caller.row, callee: e.door.row, entity: i})
	}
}

// call finds what call i led to. A caller that got several answers to one
// call, because it was repeated for instance, has called each node once: the
// last answer of a node is the one that the caller took.
func (f *folder) call(i int32, callees []int32) []int32 {
	e := &f.entities[i]
	callees = f.calleesOf(i, callees)
	e.answered = len(callees) > 0
	queue := isQueue(e.s)
	if !e.answered || queue {
		f.infer(i)
	}
	if queue {
		f.deliver(i, callees)
		return callees
	}
	if e.owner == none {
		return callees
	}
	caller := f.entities[e.owner].at
	for k, j := range callees {
		to := f.entities[j].door
		if k+1 < len(callees) && f.entities[callees[k+1]].door.node == to.node {
			continue
		}
		f.hops = append(f.hops, hop{from: caller.node, to: to.node, caller: caller.row, callee: to.row, entity: i, answered: true})
	}
	return callees
}

// calleesOf appends the segments that name call i as their parent, by node and
// start.
func (f *folder) calleesOf(i int32, list []int32) []int32 {
	e := &f.entities[i]
	for j := e.child; j != none; j = f.entities[j].next {
		if f.entities[j].service && j != e.owner {
			list = append(list, j)
		}
	}
	if len(list) > 1 {
		slices.SortFunc(list, func(a, b int32) int {
			return cmp.Or(cmp.Compare(f.entities[a].door.node, f.entities[b].door.node), f.compare(a, b))
		})
	}
	return list
}

// infer makes a node of what call i led to, and a row once the call is over.
// A callee that says it is traced is waited for.
func (f *folder) infer(i int32) {
	e := &f.entities[i]
	if waits(e.s) && (e.s.InProgress || e.s.End >= f.inferBefore) {
		f.await(e.s)
		return
	}
	caller := nowhere
	var owner *roentgen.Segment
	if e.owner != none {
		caller, owner = f.entities[e.owner].at, f.entities[e.owner].s
	}
	id := f.callee(e.s, owner)
	e.at.node = f.nodes.find(id.ServiceID, true)
	f.nodes.alsoNamed(e.at.node, id.other)
	if !e.s.InProgress {
		e.at.row = f.addSpot(spot{id: f.makeID(e.s.ID, inferredSalt), entity: i, node: e.at.node, borrowed: true})
	}
	if e.owner != none {
		f.hops = append(f.hops, hop{from: caller.node, to: e.at.node, caller: caller.row, callee: e.at.row, entity: i})
	}
}

func (f *folder) fillCalls() {
	if len(f.hops) == 0 {
		return
	}
	f.callRows = resize(f.callRows, len(f.hops))
	f.rows.Calls = f.callRows
	for i := range f.hops {
		f.fillCall(&f.rows.Calls[i], &f.hops[i])
	}
	f.fillEdges()
}

func (f *folder) fillCall(row *roentgen.CallRow, h *hop) {
	e := &f.entities[h.entity]
	*row = roentgen.CallRow{
		ID:      e.s.ID,
		EdgeRow: roentgen.EdgeRow{Source: &f.nodes.rows[h.from], Destination: &f.nodes.rows[h.to]},
		Flags:   e.flags, Start: e.s.Start, End: e.s.End, Duration: duration(e.s),
		HTTP: e.s.HTTP, Annotations: e.s.Annotations, Link: h.link, Age: h.age,
	}
	if h.caller != none {
		row.Caller = &f.rows.Segments[h.caller]
	}
	if h.callee != none {
		row.Callee = &f.rows.Segments[h.callee]
	}
	switch {
	case e.service:
		row.ID, row.Annotations = row.Callee.ID, f.rows.Segments[e.at.row].Annotations
	case h.answered:
		row.Alias = f.alias(e, row.Destination.ServiceID)
	}
}

// alias returns what the callee of call e would be called without a segment of
// its own; nothing where that is what it is called.
func (f *folder) alias(e *entity, callee roentgen.ServiceID) roentgen.ServiceID {
	id := f.callee(e.s, f.entities[e.owner].s).ServiceID
	if id == callee {
		return roentgen.ServiceID{}
	}
	return id
}

// fillEdges lists the pairs of nodes between which there is a call.
func (f *folder) fillEdges() {
	f.pairs = resize(f.pairs, len(f.hops))
	pairs := f.pairs
	for i := range f.hops {
		pairs[i] = uint64(f.hops[i].from)<<32 | uint64(f.hops[i].to)
	}
	slices.Sort(pairs)
	pairs = slices.Compact(pairs)
	f.edgeRows = resize(f.edgeRows, len(pairs))
	f.rows.Edges = f.edgeRows
	for i, p := range pairs {
		f.rows.Edges[i] = roentgen.EdgeRow{Source: &f.nodes.rows[p>>32], Destination: &f.nodes.rows[uint32(p)]}
	}
}
