package block

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/wire"
)

// trace is everything the head holds of one trace: all there is of it. The mutex
// of its shard guards it.
type trace struct {
	id       roentgen.TraceID
	entities []entity[held] // by id
	bytes    int            // of all distinct documents
	limited  bool           // documents were refused for the size of the trace
	members  []graph.Member
	times    times
	places   [clocks]spotAt // in each order of the shard
	astray   bool           // they have to be looked at

	version uint64 // rises with every change, so that a flush sees what happened meanwhile
	pins    int    // batches on their way to the log that have planned with this trace
	planned int    // bytes of documents in those batches
	first   int    // of these, where in the batch the first one stands
	logged  uint64 // number of the first log file that holds something of it that no block has; 0: none

	older, newer *trace // in the order of the last change; nil at the ends

	dirty bool // waits to be counted
	// These belong to who holds Store.counter.
	tally *graph.Tally
}

// entity is the distinct documents of one segment or independent subsegment: held
// ones, or read ones.
type entity[D any] struct {
	id     roentgen.SegmentID
	copies []D // each supersedes the next: the first one stands
}

func (e *entity[D]) stands() D { return e.copies[0] }

// held is a document as the head holds it: its text, and what of it is wanted all
// the time. The rest is read again by those who want it. To keep it took as much
// memory as the text, all of it pointers, which the collector of garbage follows
// one by one, and to read the text again is quicker than to fetch from memory
// what was read long ago.
type held struct {
	text        []byte
	received    roentgen.Time
	keep        roentgen.Keep
	hash        uint64
	start, last roentgen.Time // last: latest end in it, zero for none
	inProgress  bool
}

func hold(d roentgen.Stored) held {
	s := d.Segment
	return held{s.Document, d.Received, d.Keep, s.Hash, s.Start, latest(s), s.InProgress}
}

func latest(s *roentgen.Segment) roentgen.Time {
	end := s.End
	for i := range s.Subsegments {
		end = max(end, latest(&s.Subsegments[i]))
	}
	return end
}

func (d *held) supersedes(old *held) bool {
	return d.claim().Supersedes(old.claim(), d.received, old.received)
}

// claim is as much of the segment as Supersedes looks at.
func (d *held) claim() *roentgen.Segment {
	return &roentgen.Segment{InProgress: d.inProgress, Hash: d.hash, Document: d.text}
}

// find returns where the entity is or belongs, and whether it is there.
func (t *trace) find(id roentgen.SegmentID) (int, bool) {
	return slices.BinarySearchFunc(t.entities, id, func(e entity[held], id roentgen.SegmentID) int {
		return bytes.Compare(e.id[:], id[:])
	})
}

// has reports whether the document is held.
func (t *trace) has(seg *roentgen.Segment) bool {
	i, ok := t.find(seg.ID)
	return ok && slices.ContainsFunc(t.entities[i].copies, func(d held) bool { return d.hash == seg.Hash })
}

// add puts d in, which the trace has not, and returns what became of it and the
// document that stood in its place, without a text where none did.
func (t *trace) add(id roentgen.SegmentID, d held) (outcome roentgen.Outcome, stood held) {
	t.version++
	t.bytes += len(d.text)
	i, ok := t.find(id)
	if !ok {
		t.entities = slices.Insert(t.entities, i, entity[held]{id, []held{d}})
		if len(t.entities) == 1 {
			t.times = times{start: d.start, end: d.last, updated: d.received, known: true}
			return roentgen.StoredNew, stood
		}
		t.times.add(&d, nil)
		return roentgen.StoredNew, stood
	}
	e := &t.entities[i]
	stood = e.stands()
	at := slices.IndexFunc(e.copies, func(old held) bool { return d.supersedes(&old) })
	if at < 0 {
		at = len(e.copies)
	}
	// A flush or a reader may be looking at the old list.
	copies := make([]held, 0, len(e.copies)+1)
	copies = append(append(append(copies, e.copies[:at]...), d), e.copies[at:]...)
	e.copies = copies
	if at > 0 {
		t.times.updated = max(t.times.updated, d.received)
		return roentgen.Replaced, stood
	}
	t.times.add(&d, &stood)
	return roentgen.StoredNew, stood
}

// still is a trace of the head at one moment: its lists are nobody's to change.
type still struct {
	id       roentgen.TraceID
	entities []entity[held]
	limited  bool
	members  []graph.Member
}

// still returns the trace as it is now. The copies of entities are never changed
// but replaced, so that they need no copy.
func (t *trace) still() still {
	return still{t.id, slices.Clone(t.entities), t.limited, t.members}
}

// read reads the documents.
func (t *still) read(p *wire.Parser) (*snapshot, error) {
	s := &snapshot{t.id, make([]entity[roentgen.Stored], len(t.entities)), t.limited, t.members}
	for i := range t.entities {
		e := &t.entities[i]
		s.entities[i] = entity[roentgen.Stored]{e.id, make([]roentgen.Stored, len(e.copies))}
		for j := range e.copies {
			seg, err := p.Parse(e.copies[j].text)
			if err != nil {
				return nil, fmt.Errorf("read document %s of a trace again: %w", e.id, err)
			}
			s.entities[i].copies[j] = roentgen.Stored{Segment: seg, Received: e.copies[j].received, Keep: e.copies[j].keep}
		}
	}
	return s, nil
}

// snapshot is a trace at one moment, with its documents read.
type snapshot struct {
	id       roentgen.TraceID
	entities []entity[roentgen.Stored]
	limited  bool
	members  []graph.Member
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
		p.Parts = append(p.Parts, part(s.entities[i].copies))
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
func part(copies []roentgen.Stored) roentgen.Part {
	row := roentgen.NewPartial(copies[0])
	for _, d := range copies[1:] {
		row = row.Merge(roentgen.NewPartial(d))
	}
	return row.Parts[0]
}

// snapshotOf arranges the documents that a block holds of a trace.
func snapshotOf(id roentgen.TraceID, docs []roentgen.Stored, limited bool, members []graph.Member) snapshot {
	slices.SortFunc(docs, compareDocuments)
	s := snapshot{id: id, entities: make([]entity[roentgen.Stored], 0, len(docs)), limited: limited, members: members}
	for len(docs) > 0 {
		n := 1
		for n < len(docs) && docs[n].Segment.ID == docs[0].Segment.ID {
			n++
		}
		s.entities = append(s.entities, entity[roentgen.Stored]{docs[0].Segment.ID, docs[:n:n]})
		docs = docs[n:]
	}
	return s
}

// compareDocuments orders by entity, and of each what supersedes first.
func compareDocuments(a, b roentgen.Stored) int {
	if c := bytes.Compare(a.Segment.ID[:], b.Segment.ID[:]); c != 0 {
		return c
	}
	switch {
	case a.Segment.Supersedes(b.Segment, a.Received, b.Received):
		return -1
	case b.Segment.Supersedes(a.Segment, b.Received, a.Received):
		return 1
	}
	return 0
}

// times are what the clocks of a trace show. They follow what is added, so that
// a trace of many documents that come one by one is not read through for each.
type times struct {
	start, updated, end roentgen.Time
	known               bool // false: they have to be read off the documents
}

// clock returns the times of a trace that has documents.
func (t *trace) clock() times {
	if !t.times.known {
		t.times = t.readTimes()
	}
	return t.times
}

func (t *trace) readTimes() times {
	w := times{start: t.entities[0].stands().start, known: true}
	for i := range t.entities {
		e := &t.entities[i]
		at := e.stands()
		w.start, w.end = min(w.start, at.start), max(w.end, at.last)
		for j := range e.copies {
			w.updated = max(w.updated, e.copies[j].received)
		}
	}
	return w
}

// add takes d in, in place of what stood for its entity; nil: nothing did.
func (w *times) add(d, stood *held) {
	w.updated = max(w.updated, d.received)
	if stood != nil && (stood.start < d.start && stood.start == w.start || stood.last > d.last && stood.last == w.end) {
		w.known = false
	}
	w.start, w.end = min(w.start, d.start), max(w.end, d.last)
}
