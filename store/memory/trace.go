package memory

import (
	"bytes"
	"slices"
	"sync/atomic"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

// trace is everything held of one trace. Store.mu guards it.
type trace struct {
	id       roentgen.TraceID
	entities []*entity               // by id
	bytes    int                     // of all copies
	reserved int                     // of documents on their way into the log
	limit    *file                   // where it is noted that documents were refused; nil: none were
	members  []*member               // of which groups; never changed, but replaced
	times    times                   // of the documents
	places   [clocks]*roentgen.Place // in each order; nil: not in it

	// partial is made when it is first asked for and forgotten by every
	// change. Readers, who share the lock, may make it twice; both are right.
	partial atomic.Pointer[roentgen.Partial]
	dirty   bool // waits to be counted

	// These belong to who holds Store.counter.
	tally *graph.Tally    // what was counted; nil: nothing
	due   *roentgen.Place // when it has to be counted again, though nothing arrives; nil: never
}

// entity is the distinct documents of one segment or independent subsegment.
// All are kept, so that what is left after some were evicted is what Open would
// build.
type entity struct {
	id     roentgen.SegmentID
	copies []*held // each supersedes the next: the first one stands
}

// held is a document that is held.
type held struct {
	stored roentgen.Stored
	row    roentgen.Partial // of this document alone
	file   *file
}

// document is what tells documents apart.
type document struct {
	trace roentgen.TraceID
	id    roentgen.SegmentID
	hash  uint64
}

func newHeld(d roentgen.Stored) *held { return &held{stored: d, row: roentgen.NewPartial(d)} }

func (h *held) document() document {
	seg := h.stored.Segment
	return document{seg.Trace, seg.ID, seg.Hash}
}

func (h *held) bytes() int { return len(h.stored.Segment.Document) }

func (h *held) supersedes(old *held) bool {
	return h.stored.Segment.Supersedes(old.stored.Segment, h.stored.Received, old.stored.Received)
}

func (e *entity) stands() *held { return e.copies[0] }

// find returns where the entity is or belongs, and whether it is there.
func (t *trace) find(id roentgen.SegmentID) (int, bool) {
	return slices.BinarySearchFunc(t.entities, id, func(e *entity, id roentgen.SegmentID) int {
		return bytes.Compare(e.id[:], id[:])
	})
}

// has reports whether the document is held.
func (t *trace) has(d document) bool {
	i, ok := t.find(d.id)
	return ok && slices.ContainsFunc(t.entities[i].copies, func(h *held) bool { return h.stored.Segment.Hash == d.hash })
}

// add puts h in and returns what became of it, and the document that stood in
// its place, nil where none did.
func (t *trace) add(h *held) (roentgen.Outcome, *held) {
	t.partial.Store(nil)
	t.bytes += h.bytes()
	i, ok := t.find(h.stored.Segment.ID)
	if !ok {
		t.entities = slices.Insert(t.entities, i, &entity{h.stored.Segment.ID, []*held{h}})
		t.times.add(h, nil)
		return roentgen.StoredNew, nil
	}
	e := t.entities[i]
	stood := e.stands()
	at := slices.IndexFunc(e.copies, h.supersedes)
	if at < 0 {
		at = len(e.copies)
	}
	e.copies = slices.Insert(e.copies, at, h)
	if at > 0 {
		t.times.updated = max(t.times.updated, h.stored.Received)
		return roentgen.Replaced, stood
	}
	t.times.add(h, stood)
	return roentgen.StoredNew, stood
}

// remove takes h out.
func (t *trace) remove(h *held) {
	t.partial.Store(nil)
	t.times.known = false
	t.bytes -= h.bytes()
	i, _ := t.find(h.stored.Segment.ID)
	e := t.entities[i]
	e.copies = slices.DeleteFunc(e.copies, func(c *held) bool { return c == h })
	if len(e.copies) == 0 {
		t.entities = slices.Delete(t.entities, i, i+1)
	}
}

// forgotten reports whether nothing is known of the trace any more.
func (t *trace) forgotten() bool {
	return len(t.entities) == 0 && t.reserved == 0 && t.limit == nil && len(t.members) == 0
}

// in reports whether a group has admitted the trace.
func (t *trace) in(group string) bool {
	return slices.ContainsFunc(t.members, func(m *member) bool { return m.Group == group })
}

// whole returns the trace as readers see it.
func (t *trace) whole() *roentgen.Trace {
	out := &roentgen.Trace{ID: t.id, LimitExceeded: t.limit != nil, Documents: make([]roentgen.Stored, len(t.entities))}
	for i, e := range t.entities {
		out.Documents[i] = e.stands().stored
		out.Revision += len(e.copies)
	}
	return out
}

// summary returns the partial of all copies, and keeps it for the next who
// asks.
func (t *trace) summary() roentgen.Partial {
	if p := t.partial.Load(); p != nil {
		return *p
	}
	p := t.join()
	t.partial.Store(&p)
	return p
}

// join makes the partial of all copies.
func (t *trace) join() roentgen.Partial {
	p := roentgen.Partial{Trace: t.id, Parts: make([]roentgen.Part, 0, len(t.entities))}
	for _, e := range t.entities {
		p.Parts = append(p.Parts, e.row())
	}
	return p
}

// row joins the rows of all copies.
func (e *entity) row() roentgen.Part {
	row := e.copies[0].row
	for _, h := range e.copies[1:] {
		row = row.Merge(h.row)
	}
	return row.Parts[0]
}
