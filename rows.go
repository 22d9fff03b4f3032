package roentgen

import (
	"slices"
	"time"
)

// Rows is one trace as far as expressions, graphs and lists look at it: its
// summary row, and mini rows for nodes, edges, segments and calls. Package
// graph makes them; a store may keep them as columns.
//
// Rows that speak of one another are tied by pointers. A nil pointer is a
// thing that is not known: it has no name and no fields.
type Rows struct {
	// Summary answers what stands outside of braces. Of a trace without a root
	// segment, what is said of the root is absent or false. Never nil.
	Summary *Summary
	// Account owns the trace: a node without an account of its own is in this
	// one. May be empty.
	Account string

	Nodes    []NodeRow    // every node of the trace, inferred and client ones too
	Edges    []EdgeRow    // every pair of nodes of which one called the other directly
	Segments []SegmentRow // every segment, inferred ones too
	Calls    []CallRow    // every call along an edge

	FaultCauses, ErrorCauses, ResponseTimeCauses []CauseRow

	// Due is when the rows will be others although nothing arrives: when the
	// next of the calls that wait for their callees has waited long enough.
	// Zero: never.
	Due Time
}

// Failing tells whether anything in the trace went wrong: an error, a throttle or
// a fault of the trace, of a segment or of a call.
func (r *Rows) Failing() bool {
	bad := func(f Flags) bool { return f != Flags{} }
	return r.Summary.Error || r.Summary.Fault || r.Summary.Throttle ||
		slices.ContainsFunc(r.Segments, func(s SegmentRow) bool { return bad(s.Flags) }) ||
		slices.ContainsFunc(r.Calls, func(c CallRow) bool { return bad(c.Flags) })
}

// ClientType is the type of the node that stands for whoever called a root.
const ClientType = "client"

// NodeRow is a node of the trace's graph.
type NodeRow struct {
	ServiceID          // type and account are empty where unknown
	Names     []string // other names it answers to
	Inferred  bool     // known from its callers, or from the header of a load balancer, only
	Root      bool     // holds the trace's root segment
}

// EdgeRow says that Source called Destination, without another node between
// them.
type EdgeRow struct{ Source, Destination *NodeRow }

// SegmentRow is a segment, or what was inferred of one from the call to it.
type SegmentRow struct {
	ID   SegmentID // of an inferred one: its own, the same at every reading
	Node *NodeRow
	Flags
	Start, End   Time   // End is zero while in progress
	Last         Time   // latest end of it and its local and remote subsegments; zero: none
	Duration     Number // seconds; not known while in progress
	HTTP         *HTTP  // nil: none
	User, Zone   string
	InstanceID   string
	ResourceARNs []string
	Annotations  []Annotation // its own and those of its local subsegments
}

// CallRow is a call as the caller saw it. Of the call from a client to the
// root segment nobody has seen more than the root did, so its fields are the
// root's; so it is along the edge from a load balancer.
type CallRow struct {
	ID SegmentID // of the calling subsegment; of the called segment where there is none
	EdgeRow
	Flags
	Start, End     Time         // End is zero while in progress
	Duration       Number       // seconds; not known while in progress
	HTTP           *HTTP        // of the calling subsegment; nil: none
	Annotations    []Annotation // of the calling subsegment
	Caller, Callee *SegmentRow  // nil: a client or a load balancer calls; nothing is known of the callee
	// Alias is the node that the callee would be, had it not sent a segment
	// of its own; the zero ServiceID for none.
	Alias ServiceID
	// Link is true for an event that was received from a queue: nobody waited
	// for it, and Age is how old it was then.
	Link bool
	Age  Number // seconds
}

// Flags are the outcomes of an entity, as Segment.Failed reports them.
type Flags struct{ Error, Throttle, Fault bool }

// Class is the one outcome by which an entity is counted: throttle comes
// before fault, that before error.
type Class uint8

// The classes.
const (
	ClassOK Class = iota
	ClassError
	ClassThrottle
	ClassFault
)

// Class returns the class of these flags.
func (f Flags) Class() Class {
	switch {
	case f.Throttle:
		return ClassThrottle
	case f.Fault:
		return ClassFault
	case f.Error:
		return ClassError
	}
	return ClassOK
}

// CauseRow is a root cause: a path through the trace, in the shape of X-Ray's
// API.
type CauseRow struct {
	ClientImpacting bool
	Services        []CauseServiceRow
}

// CauseServiceRow is a service on the path.
type CauseServiceRow struct {
	ServiceID
	Names    []string
	Inferred bool
	Entities []CauseEntityRow // EntityPath
}

// CauseEntityRow is a segment or subsegment of the service.
type CauseEntityRow struct {
	Name       string
	Coverage   Number // of response times: share of the root's, 0 to 1
	Remote     bool
	Exceptions []CauseExceptionRow // of faults and errors
}

// CauseExceptionRow is an exception of the entity.
type CauseExceptionRow struct {
	Name    string // its type
	Message string
}

// Number is a number that may be absent, which the zero Number is.
type Number struct {
	Value float64
	Known bool
}

// Known makes a Number that is there.
func Known(n float64) Number { return Number{n, true} }

// Seconds makes a Number of what Summary.Duration and its like return. The
// quotient is rounded once, so that 100 ms are 0.1, up to a hundred days.
func Seconds(d time.Duration, known bool) Number { return Number{float64(d) / 1e9, known} }
