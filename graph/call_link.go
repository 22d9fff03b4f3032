package graph

import "github.com/roentgen/roentgen"

// A queue stands between those who send and those who receive, and nobody
// waits for the other: the sender's call ends at the queue, and a link leads
// from the queue to the receiver. The vocabulary knows two traces of it: the
// receiver's segment says which queue and links to the senders' traces, or it
// is a child of the call that sent, in one trace.

// receive finds the messages that segment i says it received, and reports
// whether there are any.
func (f *folder) receive(i int32) bool {
	e := &f.entities[i]
	if !received(e.s) {
		return false
	}
	id := roentgen.ServiceID{Name: e.s.AWS.QueueURL, Type: typeQueue, AccountID: f.foreign(e.s.AWS.AccountID)}
	queue := f.nodes.find(id, true)
	for _, l := range e.s.Links {
		f.link(queue, i, f.sent(l))
	}
	return true
}

// received reports whether s says itself what it received and from where.
func received(s *roentgen.Segment) bool {
	return len(s.Links) > 0 && s.AWS != nil && s.AWS.QueueURL != ""
}

// sent returns the call that a link points to, where that is in this trace.
func (f *folder) sent(l roentgen.Link) int32 {
	if l.Trace != f.trace {
		return none
	}
	if i, ok := f.index.find(key(l.ID)); ok && i != none && f.entities[i].isCall() {
		return i
	}
	return none
}

// deliver leads from the queue that call i put a message into to those who
// received it.
func (f *folder) deliver(i int32, receivers []int32) {
	queue := f.entities[i].at.node
	if queue == none {
		return
	}
	for _, j := range receivers {
		if !received(f.entities[j].s) {
			f.link(queue, j, i)
		}
	}
}

// link adds a message that segment i took from the queue. Its age is only
// known when the sender is: what SQS says of it stands in no document.
func (f *folder) link(queue, i, sender int32) {
	e := &f.entities[i]
	h := hop{from: queue, to: e.at.node, caller: none, callee: e.at.row, entity: i, link: true}
	if sender != none && !f.entities[sender].s.InProgress {
		h.age = roentgen.Seconds(max(0, e.s.Start.Sub(f.entities[sender].s.End)), true)
	}
	f.hops = append(f.hops, h)
}
