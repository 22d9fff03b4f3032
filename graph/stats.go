package graph

import (
	"math"
	"time"

	"github.com/roentgen/roentgen"
)

// Stats counts entities, each in one class.
type Stats struct {
	OK, Error, Throttle, Fault int64
	Total                      time.Duration // sum of response times, 292 years at most
}

// Count returns how many entities were counted.
func (s Stats) Count() int64 { return s.OK + s.Error + s.Throttle + s.Fault }

// Add counts all that o counted as well.
func (s *Stats) Add(o Stats) {
	s.OK += o.OK
	s.Error += o.Error
	s.Throttle += o.Throttle
	s.Fault += o.Fault
	s.Total = longSum{}.plus(s.Total, 1).plus(o.Total, 1).duration()
}

// count counts n so many times, or takes it out where by is negative.
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
}

// longSum is a sum of durations, which may be longer than a Duration can be: a
// thousand segments of which the clocks ran wild are. It adds up, and goes down
// again, exactly.
type longSum struct{ seconds, nanoseconds int64 }

// plus returns the sum with d in it so many times more.
func (s longSum) plus(d time.Duration, times int64) longSum {
	return longSum{s.seconds + times*int64(d/time.Second), s.nanoseconds + times*int64(d%time.Second)}.plain()
}

// and returns the sum of both.
func (s longSum) and(o longSum) longSum {
	return longSum{s.seconds + o.seconds, s.nanoseconds + o.nanoseconds}.plain()
}

// share returns a part of the sum.
func (s longSum) share(part float64) longSum {
	if part == 1 {
		return s
	}
	seconds, rest := math.Modf(float64(s.seconds) * part)
	return longSum{int64(seconds), int64(rest*1e9 + float64(s.nanoseconds)*part)}.plain()
}

// plain returns the same sum with less than a second of nanoseconds.
func (s longSum) plain() longSum {
	over := s.nanoseconds / 1e9
	if s.nanoseconds%1e9 < 0 {
		over--
	}
	return longSum{s.seconds + over, s.nanoseconds - over*1e9}
}

// duration returns the sum, or the longest Duration.
func (s longSum) duration() time.Duration {
	seconds, rest := s.seconds+s.nanoseconds/1e9, s.nanoseconds%1e9
	if seconds >= math.MaxInt64/int64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(seconds*1e9 + rest)
}
