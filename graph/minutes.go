package graph

import (
	"fmt"
	"time"

	"github.com/roentgen/roentgen"
)

// Minutes counts the requests of all documents that pass, kept or not: by the
// minute in which they began, by node and by call, each named as the map names
// them. It is for one goroutine; what Take and Checkpoint return is the
// caller's.
//
// A document is folded on its own. A segment that is complete counts at its
// node, where it stands behind a load balancer also there, and where it has no
// parent as a call of its client; a complete call in it, embedded however deep,
// counts as one of its service to what the caller says it called. What is in
// progress is not counted: it comes again when it is complete. An independent
// subsegment counts as a call of nobody in particular, because its document
// does not say whose it is. A document that comes again soon counts once; one
// that comes again after tens of thousands of others, or changed, counts twice.
//
// Services, calls and durations are bounded. What is one too many counts under
// a name that says so.
type Minutes struct {
	namer
	book  *book
	names names
	seen  recent
	stats MinutesStats
}

// MinutesStats counts documents since NewMinutes.
type MinutesStats struct {
	Counted    int64 // folded into roll-ups
	InProgress int64 // left for when they are complete
	Repeated   int64 // left out because they had come just before
	Others     int64 // nodes and calls counted as others
}

// minuteLimits keep Minutes below about 24 MiB, whatever comes.
var minuteLimits = limits{services: 1000, entries: 4000, all: 12_000, pages: 24_000, leaves: 96}

// NewMinutes returns Minutes that have counted nothing. Of opt the Account is
// looked at.
func NewMinutes(opt Options) *Minutes {
	m := &Minutes{namer: namer{opt.Account}, book: newBook(minuteLimits), seen: make(recent, recentDocuments)}
	m.names = newNames(m.book)
	return m
}

// Add counts one document. seg and its strings are not kept.
func (m *Minutes) Add(seg *roentgen.Segment) {
	switch {
	case seg.InProgress:
		m.stats.InProgress++
		return
	case m.seen.again(seg):
		m.stats.Repeated++
		return
	}
	m.stats.Counted++
	f := fold{Minutes: m, leaf: m.book.leaf(floor(seg.Start, time.Minute)), last: seg.End}
	if seg.Kind == roentgen.KindSegment {
		f.owner, f.caller = seg, m.names.service(&m.namer, seg)
		f.calls(seg.Subsegments)
		f.segment(seg)
		return
	}
	f.caller = m.book.number(roentgen.ServiceID{})
	f.call(seg)
	f.calls(seg.Subsegments)
}

// fold is one document on its way into a minute.
type fold struct {
	*Minutes
	leaf   *leaf
	owner  *roentgen.Segment // nil: of an independent subsegment
	caller uint32
	last   roentgen.Time // latest end
}

// segment counts at the node, and what led to it.
func (f *fold) segment(s *roentgen.Segment) {
	class, took := outcome(s)
	f.count(pair{f.caller, nobody}, class, took, max(took, bound(f.last.Sub(s.Start))))
	door := f.caller
	if s.AWS != nil && s.AWS.ALBSelf != "" {
		door = f.names.balancer(s)
		f.count(pair{door, nobody}, class, took, took)
		f.count(pair{door, f.caller}, class, took, took)
	}
	if s.Parent.IsZero() && !received(s) {
		f.count(pair{f.names.client(&f.namer, s), door}, class, took, took)
	}
}

// calls counts the calls in list and below.
func (f *fold) calls(list []roentgen.Segment) {
	for i := range list {
		s := &list[i]
		f.last = max(f.last, s.End)
		f.call(s)
		f.calls(s.Subsegments)
	}
}

// call counts s where it is a call that is over.
func (f *fold) call(s *roentgen.Segment) {
	if s.Namespace == roentgen.NamespaceNone || s.InProgress {
		return
	}
	class, took := outcome(s)
	f.count(pair{f.caller, f.names.callee(&f.namer, s, f.owner)}, class, took, took)
}

func (f *fold) count(key pair, class roentgen.Class, took, whole time.Duration) {
	f.book.add(f.book.entry(f.leaf, key), class, took, whole)
}

// outcome returns how s went and how long it took.
func outcome(s *roentgen.Segment) (roentgen.Class, time.Duration) {
	var flags roentgen.Flags
	flags.Error, flags.Throttle, flags.Fault = s.Failed()
	return flags.Class(), bound(s.End.Sub(s.Start))
}

// Take returns what was counted in the minutes that began before a time, and
// forgets it; nil where that is nothing. A minute that is not over may be
// taken, and comes in parts then, which add up where they are merged. The bytes
// are drawn in docs/format/rollup.md.
func (m *Minutes) Take(before roentgen.Time) []byte {
	n := 0
	for n < len(m.book.leaves) && m.book.leaves[n].begin < before {
		n++
	}
	if n == 0 {
		return nil
	}
	out := m.book.encode(nil, m.book.leaves[:n])
	if m.book.drop(n) {
		m.names = newNames(m.book)
	}
	return out
}

// Checkpoint appends all that was counted and not taken, in the form of Take,
// and forgets nothing. Whoever writes it down every second, together with what
// was taken and is not yet acknowledged, loses what was counted in the second
// before a kill, and counts nothing twice: the file has to be replaced as a
// whole.
func (m *Minutes) Checkpoint(dst []byte) []byte { return m.book.encode(dst, m.book.leaves) }

// Restore counts what a Checkpoint, or Take, returned. Of bytes that are
// damaged it counts nothing.
func (m *Minutes) Restore(b []byte) error {
	r, err := ParseMinutes(b)
	if err != nil {
		return fmt.Errorf("restore roll-ups: %w", err)
	}
	for i := range r.spans {
		m.book.merge(m.book.leaf(floor(r.spans[i].begin, time.Minute)), r, &r.spans[i], m.account, whole)
	}
	return nil
}

// Stats returns the counts.
func (m *Minutes) Stats() MinutesStats {
	s := m.stats
	s.Others = m.book.others
	return s
}
