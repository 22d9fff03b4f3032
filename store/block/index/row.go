package index

import (
	"fmt"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

// Row are the fixed columns of one trace.
type Row struct {
	ID roentgen.TraceID
	// Start, End and Updated are its clocks, as Summary.At has them. End is zero where there is none.
	Start, End, Updated roentgen.Time
	First               roentgen.Time // when the earliest of its documents was received
	// Due is when the rows of the trace change although nothing arrives; zero: never.
	Due roentgen.Time
	// Documents stand; Revision counts those that were superseded too.
	Documents, Revision int
	// Bytes are those of the standing documents, AllBytes those of all distinct ones.
	Bytes, AllBytes int
	Limited         bool // documents were refused because the trace was too large
	Failing         bool // error, throttle or fault anywhere in the trace
	// Members are the groups that the trace was counted for, by group and version, without duplicates.
	Members []graph.Member
}

// Totals are sums and bounds over the traces of a block. Of a block without traces all are zero.
type Totals struct {
	Traces, Documents, Revision, Failing int
	Bytes, AllBytes                      int64
	MinStart, MinUpdated, MaxUpdated     roentgen.Time
	Due                                  roentgen.Time // the earliest; zero: none
	Newest, Oldest                       roentgen.Time // of First
}

// DamageError says that bytes are not what a Builder wrote.
type DamageError struct {
	Part   string // "index" or "summary"
	Offset int    // within the part, where reading stopped
	Reason string
}

// Error says where and why.
func (e *DamageError) Error() string {
	return fmt.Sprintf("read the %s part of a block at byte %d: %s", e.Part, e.Offset, e.Reason)
}
