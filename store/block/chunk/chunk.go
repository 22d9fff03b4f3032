package chunk

import (
	"fmt"

	"github.com/roentgen/roentgen"
)

// Doc is one stored document of a trace.
type Doc struct {
	Text     []byte // canonical JSON, as wire.Parser leaves it
	Received roentgen.Time
	Keep     roentgen.Keep
}

// Error is damage in a chunk or in a dictionary. Whoever knows the file adds
// the rest.
type Error struct {
	Offset int // in the chunk or dictionary, in bytes; as near as can be said
	Reason string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("damaged at byte %d: %s", e.Offset, e.Reason) }

// Limits bounds what decoding may take. The zero value stands for the defaults.
type Limits struct {
	// Trace is the most bytes of documents in one trace. Default 1 GiB.
	Trace int
	// Dict is the most bytes of a dictionary once uncompressed. Default 64 MiB.
	Dict int
}

func (l Limits) withDefaults() Limits {
	if l.Trace <= 0 {
		l.Trace = 1 << 30
	}
	if l.Dict <= 0 {
		l.Dict = 64 << 20
	}
	return l
}

// version is the first byte of chunks and dictionaries.
const version = 1

// A column is a place for a value in a shape, or for the shape of an item. The
// first two columns belong to no shape.
const (
	colFirst    = 0 // shape of a trace's first document; as a reference: the X-Ray form of the trace's id, and the chunk's base time
	colAfterRaw = 1 // shape of an item behind one without a shape; as a reference: the W3C form of the trace's id
	builtin     = 2
)

// Kinds of places in a skeleton. JSON has no such bytes outside of strings, and
// none inside either, so they also stand in the skeleton's text.
const (
	slotValue  = 1 // a scalar
	slotObject = 2 // an object with a shape of its own
	slotList   = 3 // the items of an array, at least one; separated by commas
)

// Targets of the codes of shape columns, besides shapes.
const (
	targetEnd = -1 // the list ends here
	targetRaw = -2 // an item without a shape
	targetRun = -3 // in events only: a run of constants
)

// maxDepth is how deep items may stand in one another. What is deeper is kept
// as text.
const maxDepth = 48

const maxHoles = 12 // of a form

const maxSlots = 1 << 12 // of a shape

// Styles of numbers.
const (
	styleInt  = iota // -12
	styleDec         // -1.20: always k digits behind the point
	styleTrim        // -1.2: up to k digits, the last one not 0
	styleSci         // 1.2E9: Java's
	styles
)

// Kinds of holes in a form. They also stand in the form's text, followed by
// their arguments.
const (
	holeEnd   = 0 // nothing: only the literal
	holeInt   = 1 // decimal digits without leading zeros
	holePad   = 2 // n decimal digits
	holeLower = 3 // n lower-case hexadecimal digits, up to 16
	holeUpper = 4 // n upper-case hexadecimal digits, up to 16
	holeRef   = 5 // the newest value of another column in this trace, without its quotes
	holeNum   = 6 // a number in some style, as a difference to a column's newest number
	holeText  = 7 // anything
)

// hasLane reports whether holes of this kind are integers with a lane.
func hasLane(kind byte) bool {
	return kind == holeInt || kind == holePad || kind == holeNum || kind == holeText
}

// What a number may be relative to, besides columns.
const (
	noRef     = 1<<24 - 1 // nothing
	refNewest = 1<<24 - 2 // the newest number of the trace with as many digits behind the point, whatever its column
)

// hole is what stands behind a literal of a form.
type hole struct {
	kind  byte
	n     byte // digits
	style byte
	ref   int32
	lane  int32
	lit   []byte
}
