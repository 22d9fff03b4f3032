package block

import (
	"slices"

	"github.com/roentgen/roentgen"
)

// head is the recent traces of one shard. The shard's mutex guards it: held
// alone by the shard's goroutine while it adds and by a flush while it takes
// away, shared by readers.
type head struct {
	traces    map[roentgen.TraceID]*trace
	orders    [clocks]order
	strays    []*trace // have changed since they were put into orders
	documents int      // standing
	standing  int64    // bytes of those
	bytes     int64    // of all documents
	// The traces by their last change: what a flush takes first stands first.
	oldest, newest *trace
	dirty          []*trace // wait to be counted
}

func newHead() head {
	h := head{traces: map[roentgen.TraceID]*trace{}}
	for c := range h.orders {
		h.orders[c] = newOrder()
	}
	return h
}

// trace returns the trace, made if need be. Who finds no use for it calls
// forget.
func (h *head) trace(id roentgen.TraceID) *trace {
	t := h.traces[id]
	if t == nil {
		t = &trace{id: id}
		h.traces[id] = t
		h.link(t)
	}
	return t
}

// forget takes t out where nothing is known of it any more.
func (h *head) forget(t *trace) {
	if len(t.entities) == 0 && t.pins == 0 && !t.limited && len(t.members) == 0 {
		delete(h.traces, t.id)
		h.unlink(t)
	}
}

// hold adds a document to t.
func (h *head) hold(t *trace, d roentgen.Stored) roentgen.Outcome {
	outcome, stood := t.add(d.Segment.ID, hold(d))
	size := int64(len(d.Segment.Document))
	h.bytes += size
	switch {
	case stood.text == nil:
		h.documents++
		h.standing += size
	case outcome == roentgen.StoredNew:
		h.standing += size - int64(len(stood.text))
	}
	h.soil(t)
	h.stray(t)
	h.unlink(t)
	h.link(t)
	return outcome
}

// soil makes t wait to be counted.
func (h *head) soil(t *trace) {
	if !t.dirty {
		t.dirty = true
		h.dirty = append(h.dirty, t)
	}
}

// sweep leaves those traces out of dirty and strays that are not in the head any
// more.
func (h *head) sweep() {
	gone := func(t *trace) bool { return h.traces[t.id] != t }
	h.dirty, h.strays = slices.DeleteFunc(h.dirty, gone), slices.DeleteFunc(h.strays, gone)
}

// drop takes t out with all that it holds.
func (h *head) drop(t *trace) {
	for i := range t.entities {
		e := &t.entities[i]
		h.documents--
		h.standing -= int64(len(e.stands().text))
	}
	h.bytes -= int64(t.bytes)
	for c, was := range t.places {
		if was.in {
			h.orders[c].tree.Delete(spot{Place: roentgen.Place{At: was.at, Trace: t.id}})
		}
	}
	delete(h.traces, t.id)
	h.unlink(t)
	t.version++
	t.entities, t.bytes, t.places, t.members, t.limited = nil, 0, [clocks]spotAt{}, nil, false
}

// link puts t at the end of the order of change.
func (h *head) link(t *trace) {
	t.older, t.newer = h.newest, nil
	if h.newest != nil {
		h.newest.newer = t
	} else {
		h.oldest = t
	}
	h.newest = t
}

func (h *head) unlink(t *trace) {
	if t.older != nil {
		t.older.newer = t.newer
	} else if h.oldest == t {
		h.oldest = t.newer
	}
	if t.newer != nil {
		t.newer.older = t.older
	} else if h.newest == t {
		h.newest = t.older
	}
	t.older, t.newer = nil, nil
}
