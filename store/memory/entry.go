package memory

import (
	"bytes"
	"slices"

	"github.com/roentgen/roentgen"
)

// entry is one trace. The store's mutex guards it; a partial that was read
// from it is never changed afterwards, only replaced.
type entry struct {
	id      roentgen.TraceID
	docs    map[roentgen.SegmentID]held
	partial roentgen.Partial
	bytes   int // of docs
	pending int // bytes that are on their way through the log
	limited bool
	placed  [3]place // where it stands in each order
	inOrder [3]bool
}

// held is the document that stands for one entity.
type held struct {
	roentgen.Stored
	gen *generation
}

// place is a position in the order of one clock.
type place struct {
	roentgen.Place
	entry *entry
}

// has reports whether this very document was stored before.
func (e *entry) has(s *roentgen.Segment) bool {
	p, found := e.part(s.ID)
	if !found {
		return false
	}
	_, known := slices.BinarySearch(p.Documents, s.Hash)
	return known
}

func (e *entry) part(id roentgen.SegmentID) (*roentgen.Part, bool) {
	i, found := slices.BinarySearchFunc(e.partial.Parts, id, func(p roentgen.Part, id roentgen.SegmentID) int {
		return bytes.Compare(p.ID[:], id[:])
	})
	if !found {
		return nil, false
	}
	return &e.partial.Parts[i], true
}

// add takes a document that the entry does not have. It returns how many
// bytes the documents grew by, and whether d stands now.
func (e *entry) add(d held) (grown int, stands bool) {
	p := roentgen.NewPartial(d.Stored)
	if e.partial.Parts == nil {
		e.partial = p
	} else {
		e.partial = e.partial.Merge(p)
	}
	old, exists := e.docs[d.Segment.ID]
	if exists && !d.Segment.Supersedes(old.Segment, d.Received, old.Received) {
		return 0, false
	}
	grown = len(d.Segment.Document)
	if exists {
		grown -= len(old.Segment.Document)
	}
	e.docs[d.Segment.ID] = d
	e.bytes += grown
	return grown, true
}

// remove takes out the document of one entity with all that is known of it.
func (e *entry) remove(id roentgen.SegmentID) {
	e.bytes -= len(e.docs[id].Segment.Document)
	delete(e.docs, id)
	e.partial.Parts = slices.DeleteFunc(slices.Clone(e.partial.Parts), func(p roentgen.Part) bool { return p.ID == id })
}

// clocks returns the times by which the entry is found, and which it has.
func (e *entry) clocks() (at [3]roentgen.Time, has [3]bool) {
	for i, p := range e.partial.Parts {
		if i == 0 || p.Start < at[roentgen.ClockStart] {
			at[roentgen.ClockStart] = p.Start
		}
		at[roentgen.ClockUpdated] = max(at[roentgen.ClockUpdated], p.Received)
		at[roentgen.ClockEnd] = max(at[roentgen.ClockEnd], p.Last)
	}
	any := len(e.partial.Parts) > 0
	return at, [3]bool{any, any, at[roentgen.ClockEnd] != 0}
}

// reorder moves e to where its clocks say; a trace without documents leaves.
func (s *Store) reorderLocked(e *entry) {
	at, has := e.clocks()
	for c, order := range s.mu.order {
		now := place{roentgen.Place{At: at[c], Trace: e.id}, e}
		if e.inOrder[c] && has[c] && e.placed[c].Place == now.Place {
			continue
		}
		if e.inOrder[c] {
			order.Delete(e.placed[c])
		}
		if e.inOrder[c] = has[c]; has[c] {
			order.ReplaceOrInsert(now)
			e.placed[c] = now
		}
	}
}
