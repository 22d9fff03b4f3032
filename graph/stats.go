package graph

import (
	"time"

	"github.com/roentgen/roentgen"
)

// Stats counts entities, each in one class.
type Stats struct {
	OK, Error, Throttle, Fault int64
	Total                      time.Duration // sum of response times
}

// Count returns how many entities were counted.
func (s Stats) Count() int64 { return s.OK + s.Error + s.Throttle + s.Fault }

// Add counts all that o counted as well.
func (s *Stats) Add(o Stats) {
	s.OK += o.OK
	s.Error += o.Error
	s.Throttle += o.Throttle
	s.Fault += o.Fault
	s.Total += o.Total
}

// count counts n, or takes it out: by is 1 or -1.
func (s *Stats) count(n count, by int64) {
	switch n.class {
	case roentgen.ClassThrottle:
		s.Throttle += by
	case roentgen.ClassFault:
		s.Fault += by
	case roentgen.ClassError:
		s.Error += by
	default:
		s.OK += by
	}
	if n.took != absent {
		s.Total += time.Duration(by) * n.took
	}
}
