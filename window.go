package roentgen

// Clock is the time by which a trace is found.
type Clock uint8

// The clocks.
const (
	ClockStart   Clock = iota // earliest start of its documents
	ClockUpdated              // server time at which its last new document arrived
	ClockEnd                  // latest end; a trace without any end has no such clock
)

// Window asks for the traces whose clock lies in [From, To), newest first: in
// descending order of the clock and, at equal clocks, in ascending order of
// the trace id.
type Window struct {
	Clock    Clock
	From, To Time
	// After continues behind a place that an earlier call reached; nil begins
	// at the newest trace.
	After *Place
}

// Place is a position in the order of a Window.
type Place struct {
	At    Time
	Trace TraceID
}

// Behind reports whether p comes after q in the order of a Window.
func (p Place) Behind(q Place) bool {
	if p.At != q.At {
		return p.At < q.At
	}
	return string(p.Trace[:]) > string(q.Trace[:])
}

// At returns the time of s on clock c, and whether it has one.
func (s *Summary) At(c Clock) (Time, bool) {
	switch c {
	case ClockUpdated:
		return s.Updated, true
	case ClockEnd:
		return s.End, s.End != 0
	}
	return s.Start, true
}
