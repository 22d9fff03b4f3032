package graph

import (
	"github.com/roentgen/roentgen"
)

// Minutes counts the requests of all documents that pass, kept or not: by the
// minute in which they began, by node and by call, each named as the map names
// them. It is for one goroutine; what Take and Checkpoint return is the
// caller's.
//
// A document is folded on its own. A segment that is complete counts at its
// node, and where it has no parent as a call of its client; a complete call in
// it, embedded however deep, counts as one of its service to what the caller
// says it called. What is in progress is not counted: it comes again when it is
// complete. An independent subsegment counts as a call of nobody in particular,
// because its document does not say whose it is. A document that comes again
// soon after counts once; after many others it counts again.
type Minutes struct {
	opt Options
}

// NewMinutes returns Minutes that have counted nothing.
func NewMinutes(opt Options) *Minutes { return &Minutes{opt: opt} }

// Add counts one document. seg and its strings are not kept.
func (m *Minutes) Add(seg *roentgen.Segment) {}

// Take returns what was counted in the minutes that began before a time, and
// forgets it; nil where that is nothing. A minute that is not over may be
// taken, and comes in parts then, which Merge adds up. The bytes are drawn in
// docs/format/rollup.md.
func (m *Minutes) Take(before roentgen.Time) []byte { return nil }

// Checkpoint appends all that was counted and not taken, and forgets nothing:
// what Restore counts again after the process was killed.
func (m *Minutes) Checkpoint(dst []byte) []byte { return dst }

// Restore counts what a Checkpoint, or Take, returned. Damaged bytes count
// nothing and are an error.
func (m *Minutes) Restore(b []byte) error { return nil }
