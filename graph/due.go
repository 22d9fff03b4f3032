package graph

import (
	"github.com/roentgen/roentgen"
)

// Due returns when Fold will say something else of t although nothing has
// arrived: when the next of the calls that wait for their callees at the time
// now has waited for Options.InferAfter. It returns false where none waits.
func Due(t *roentgen.Trace, now roentgen.Time, opt Options) (at roentgen.Time, ok bool) {
	after := opt.wait()
	seen := callees{trace: t}
	for i := range t.Documents {
		doc := t.Documents[i].Segment
		doc.Walk(func(s *roentgen.Segment) {
			due := s.End + after + 1
			if !waits(s) || s.InProgress || due <= now || ok && due >= at {
				return
			}
			if !seen.answered(s, doc) {
				at, ok = due, true
			}
		})
	}
	return at, ok
}

// callees finds segments by the call that they name as their parent. What it
// needs it reads off the trace when somebody asks.
type callees struct {
	trace *roentgen.Trace
	of    map[roentgen.SegmentID]callee
	home  map[roentgen.SegmentID]*roentgen.Segment // the document that an entity is embedded in
}

// callee is a segment that names a call as its parent, or several are.
type callee struct {
	id      roentgen.SegmentID
	several bool
}

// answered reports whether call s, which stands in doc, has a callee other than
// the segment that it is a part of: a segment may name one of its own calls as
// its parent, and that is no answer.
func (c *callees) answered(s, doc *roentgen.Segment) bool {
	if c.of == nil {
		c.read()
	}
	answer, ok := c.of[s.ID]
	return ok && (answer.several || answer.id != c.owner(doc))
}

func (c *callees) read() {
	c.of = make(map[roentgen.SegmentID]callee, len(c.trace.Documents))
	for _, d := range c.trace.Documents {
		if d.Segment.Kind == roentgen.KindSegment && !d.Segment.Parent.IsZero() {
			_, already := c.of[d.Segment.Parent]
			c.of[d.Segment.Parent] = callee{d.Segment.ID, already}
		}
	}
}

// owner returns the segment that doc is, or is a part of; none where that has
// not arrived. In a ring of subsegments there is none.
func (c *callees) owner(doc *roentgen.Segment) (none roentgen.SegmentID) {
	for range c.trace.Documents {
		if doc.Kind == roentgen.KindSegment {
			return doc.ID
		}
		if c.home == nil {
			c.settle()
		}
		next := c.home[doc.ID]
		if next == nil || next == doc {
			next = c.home[doc.Parent]
		}
		if doc = next; doc == nil {
			break
		}
	}
	return none
}

// settle finds the homes, that of a document itself only where it is embedded
// nowhere.
func (c *callees) settle() {
	c.home = make(map[roentgen.SegmentID]*roentgen.Segment, 2*len(c.trace.Documents))
	for _, d := range c.trace.Documents {
		d.Segment.Walk(func(s *roentgen.Segment) {
			if s != d.Segment {
				c.home[s.ID] = d.Segment
			}
		})
	}
	for _, d := range c.trace.Documents {
		if c.home[d.Segment.ID] == nil {
			c.home[d.Segment.ID] = d.Segment
		}
	}
}

// waits reports whether the callee of call s will send a segment of its own.
// Of a call that failed without an answer, nobody knows that it ever arrived:
// where nobody listens any more, the map has to show it at once.
func waits(s *roentgen.Segment) bool {
	if s.HTTP == nil || !s.HTTP.Traced {
		return false
	}
	failed := s.Error || s.Throttle || s.Fault
	return s.InProgress || !failed || s.HTTP.Status != 0
}
