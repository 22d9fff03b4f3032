package graph

import "github.com/roentgen/roentgen"

// await has the rows be due when call s, whose callee has not come, has waited
// long enough. While it is in progress nobody knows when that will be.
func (f *folder) await(s *roentgen.Segment) {
	due := s.End + f.wait + 1
	if s.InProgress || due < s.End { // the end of time does not come
		return
	}
	if f.rows.Due == 0 || due < f.rows.Due {
		f.rows.Due = due
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
