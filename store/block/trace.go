package block

import (
	"bytes"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

// trace is everything the head holds of one trace: all there is of it. The mutex
// of its shard guards it.
type trace struct {
	id       roentgen.TraceID
	entities []entity // by id
	bytes    int      // of all distinct documents
	limited  bool     // documents were refused for the size of the trace
	members  []graph.Member
	times    times
	places   [clocks]spotAt // in each order of the shard

	version uint64 // rises with every change, so that a flush sees what happened meanwhile
	pins    int    // batches on their way to the log that have planned with this trace
	planned int    // bytes of documents in those batches
	logged  uint64 // number of the first log file that holds something of it that no block has; 0: none

	older, newer *trace // in the order of the last change; nil at the ends

	dirty bool // waits to be counted
	// These belong to who holds Store.counter.
	tally *graph.Tally
}

// entity is the distinct documents of one segment or independent subsegment.
type entity struct {
	id     roentgen.SegmentID
	copies []roentgen.Stored // each supersedes the next: the first one stands
}

func (e *entity) stands() roentgen.Stored { return e.copies[0] }

// find returns where the entity is or belongs, and whether it is there.
func (t *trace) find(id roentgen.SegmentID) (int, bool) {
	return slices.BinarySearchFunc(t.entities, id, func(e entity, id roentgen.SegmentID) int {
		return bytes.Compare(e.id[:], id[:])
	})
}

// has reports whether the document is held.
func (t *trace) has(seg *roentgen.Segment) bool {
	i, ok := t.find(seg.ID)
	return ok && slices.ContainsFunc(t.entities[i].copies, func(d roentgen.Stored) bool { return d.Segment.Hash == seg.Hash })
}

// add puts d in, which the trace has not, and returns what became of it and the
// document that stood in its place, the zero Stored where none did.
func (t *trace) add(d roentgen.Stored) (outcome roentgen.Outcome, stood roentgen.Stored) {
	t.version++
	t.bytes += len(d.Segment.Document)
	i, ok := t.find(d.Segment.ID)
	if !ok {
		t.entities = slices.Insert(t.entities, i, entity{d.Segment.ID, []roentgen.Stored{d}})
		if len(t.entities) == 1 {
			at := span(d)
			t.times = times{start: at.start, end: at.end, updated: d.Received, known: true}
			return roentgen.StoredNew, stood
		}
		t.times.add(d, stood)
		return roentgen.StoredNew, stood
	}
	e := &t.entities[i]
	stood = e.stands()
	at := slices.IndexFunc(e.copies, func(old roentgen.Stored) bool { return supersedes(d, old) })
	if at < 0 {
		at = len(e.copies)
	}
	// A flush or a reader may be looking at the old list.
	copies := make([]roentgen.Stored, 0, len(e.copies)+1)
	copies = append(append(append(copies, e.copies[:at]...), d), e.copies[at:]...)
	e.copies = copies
	if at > 0 {
		t.times.updated = max(t.times.updated, d.Received)
		return roentgen.Replaced, stood
	}
	t.times.add(d, stood)
	return roentgen.StoredNew, stood
}

func supersedes(d, old roentgen.Stored) bool {
	return d.Segment.Supersedes(old.Segment, d.Received, old.Received)
}

// snapshot is a trace at one moment: its lists are nobody's to change.
type snapshot struct {
	id       roentgen.TraceID
	entities []entity
	limited  bool
	members  []graph.Member
}

// snapshot returns the trace as it is now. The copies of entities are never
// changed but replaced, so that they need no copy.
func (t *trace) snapshot() snapshot {
	return snapshot{t.id, slices.Clone(t.entities), t.limited, t.members}
}

// whole returns the trace as readers see it.
func (s *snapshot) whole() *roentgen.Trace {
	out := &roentgen.Trace{Documents: make([]roentgen.Stored, 0, len(s.entities))}
	s.fill(out)
	return out
}

// fill makes out what whole returns, in the memory that it has.
func (s *snapshot) fill(out *roentgen.Trace) {
	*out = roentgen.Trace{ID: s.id, LimitExceeded: s.limited, Documents: out.Documents[:0]}
	for i := range s.entities {
		out.Documents = append(out.Documents, s.entities[i].stands())
		out.Revision += len(s.entities[i].copies)
	}
}

// partial returns that of all documents.
func (s *snapshot) partial() roentgen.Partial {
	p := roentgen.Partial{Trace: s.id, Parts: make([]roentgen.Part, 0, len(s.entities))}
	for i := range s.entities {
		p.Parts = append(p.Parts, s.entities[i].part())
	}
	return p
}

// summary returns that of all documents. It lasts until z is used again.
func (s *snapshot) summary(z *roentgen.Summarizer) *roentgen.Summary {
	z.Begin(s.id)
	for i := range s.entities {
		z.Add(s.entities[i].copies...)
	}
	return z.Summary()
}

// part joins the rows of all copies.
func (e *entity) part() roentgen.Part {
	row := roentgen.NewPartial(e.copies[0])
	for _, d := range e.copies[1:] {
		row = row.Merge(roentgen.NewPartial(d))
	}
	return row.Parts[0]
}

// snapshotOf arranges the documents that a block holds of a trace.
func snapshotOf(id roentgen.TraceID, docs []roentgen.Stored, limited bool, members []graph.Member) snapshot {
	t := trace{id: id, limited: limited, members: members}
	for _, d := range docs {
		t.add(d)
	}
	return t.snapshot()
}

// times are what the clocks of a trace show. They follow what is added, so that
// a trace of many documents that come one by one is not read through for each.
type times struct {
	start, updated, end roentgen.Time
	known               bool // false: they have to be read off the documents
}

func (t *trace) readTimes() times {
	first := span(t.entities[0].stands())
	w := times{start: first.start, known: true}
	for i := range t.entities {
		e := &t.entities[i]
		at := span(e.stands())
		w.start, w.end = min(w.start, at.start), max(w.end, at.end)
		for _, d := range e.copies {
			w.updated = max(w.updated, d.Received)
		}
	}
	return w
}

// interval is the start of a document and the latest end in it, zero for none.
type interval struct{ start, end roentgen.Time }

func span(d roentgen.Stored) interval { return interval{d.Segment.Start, latest(d.Segment)} }

func latest(s *roentgen.Segment) roentgen.Time {
	end := s.End
	for i := range s.Subsegments {
		end = max(end, latest(&s.Subsegments[i]))
	}
	return end
}

// add takes d in, in place of what stood for its entity.
func (w *times) add(d, stood roentgen.Stored) {
	at := span(d)
	w.updated = max(w.updated, d.Received)
	if stood.Segment != nil {
		was := span(stood)
		if was.start < at.start && was.start == w.start || was.end > at.end && was.end == w.end {
			w.known = false
		}
	}
	w.start, w.end = min(w.start, at.start), max(w.end, at.end)
}
