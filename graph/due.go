package graph

import (
	"github.com/roentgen/roentgen"
)

// Due returns when Fold will say something else of t although nothing has
// arrived: when the next of the calls that wait for their callees at the time
// now has waited for Options.InferAfter. It returns false where none waits.
func Due(t *roentgen.Trace, now roentgen.Time, opt Options) (at roentgen.Time, ok bool) {
	after := roentgen.Time(opt.InferAfter)
	if after <= 0 {
		after = roentgen.Time(inferAfter)
	}
	var callees map[roentgen.SegmentID]bool
	look := func(s *roentgen.Segment) {
		due := s.End + after + 1
		if !waits(s) || s.InProgress || due <= now || ok && due >= at {
			return
		}
		if callees == nil {
			callees = calleesOf(t)
		}
		if !callees[s.ID] {
			at, ok = due, true
		}
	}
	for _, d := range t.Documents {
		d.Segment.Walk(look)
	}
	return at, ok
}

// calleesOf returns the ids that segments name as their parents.
func calleesOf(t *roentgen.Trace) map[roentgen.SegmentID]bool {
	out := make(map[roentgen.SegmentID]bool, len(t.Documents))
	for _, d := range t.Documents {
		if d.Segment.Kind == roentgen.KindSegment && !d.Segment.Parent.IsZero() {
			out[d.Segment.Parent] = true
		}
	}
	return out
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
