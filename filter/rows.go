package filter

import (
	"time"

	"github.com/roentgen/roentgen"
)

// Rows is one trace as far as expressions look at it: its summary row, and mini rows for segments and calls. Needs
// says which parts an expression reads; the others may be left empty.
//
// Rows that speak of one another are tied by pointers. A nil pointer is a thing that is not known: it has no name and
// no fields.
type Rows struct {
	// Summary answers what stands outside of braces. Of a trace without a root segment, what is said of the root is
	// absent or false. Never nil.
	Summary *roentgen.Summary
	// Account owns the trace: a node without an account of its own is in this one. May be empty.
	Account string

	Nodes    []NodeRow    // every node of the trace, inferred and client ones too
	Edges    []EdgeRow    // every pair of nodes of which one called the other directly
	Segments []SegmentRow // every segment, inferred ones too
	Calls    []CallRow    // every call along an edge

	FaultCauses, ErrorCauses, ResponseTimeCauses []CauseRow
}

// NodeRow is a node of the trace's graph.
type NodeRow struct {
	roentgen.ServiceID          // type and account are empty where unknown
	Names              []string // other names it answers to
	Inferred           bool     // known from its callers only
	Root               bool     // holds the trace's root segment
}

// EdgeRow says that Source called Destination, without another node between them.
type EdgeRow struct{ Source, Destination *NodeRow }

// SegmentRow is a segment, or what was inferred of one from the call to it.
type SegmentRow struct {
	Node *NodeRow
	Flags
	Duration     Number         // seconds; not known while in progress
	HTTP         *roentgen.HTTP // nil: none
	User, Zone   string
	InstanceID   string
	ResourceARNs []string
	Annotations  []roentgen.Annotation // its own and those of its subsegments
}

// CallRow is a call as the caller saw it. Of the call from a client to the root segment nobody has seen more than the
// root did, so its fields are the root's.
type CallRow struct {
	EdgeRow
	Flags
	Duration       Number                // seconds; not known while in progress
	HTTP           *roentgen.HTTP        // of the calling subsegment; nil: none
	Annotations    []roentgen.Annotation // of the calling subsegment
	Caller, Callee *SegmentRow           // nil: a client calls; nothing is known of the callee
}

// Flags are the outcomes of an entity, as Segment.Failed reports them.
type Flags struct{ Error, Throttle, Fault bool }

// CauseRow is a root cause: a path through the trace, in the shape of X-Ray's API.
type CauseRow struct {
	ClientImpacting bool
	Services        []CauseServiceRow
}

// CauseServiceRow is a service on the path.
type CauseServiceRow struct {
	roentgen.ServiceID
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

// Seconds makes a Number of what Summary.Duration and its like return. The quotient is rounded once, so that 100 ms
// are 0.1, up to a hundred days.
func Seconds(d time.Duration, known bool) Number { return Number{float64(d) / 1e9, known} }

// NewSegmentRow returns the row of the segment that p is.
func NewSegmentRow(node *NodeRow, p *roentgen.Part) SegmentRow {
	row := SegmentRow{
		Node:     node,
		Flags:    Flags{p.Error, p.Throttle, p.Fault},
		Duration: Seconds(max(0, p.End.Sub(p.Start)), !p.InProgress),
		HTTP:     p.HTTP,
		User:     p.User, Zone: p.Zone, InstanceID: p.InstanceID,
		Annotations: p.Annotations,
	}
	if p.ResourceARN != "" {
		row.ResourceARNs = []string{p.ResourceARN}
	}
	return row
}
