package query

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/roentgen/roentgen"
)

// Cursor is where a page of summaries ended. It is opaque, and good for the
// question alone of which it is an answer. Its text is what callers keep.
type Cursor struct {
	began roentgen.Time // server clock when the first page was asked for
	pass  uint8         // 0: the window itself; from 1: what changed meanwhile
	moved bool          // this pass has met a trace that an earlier one may have missed
	last  bool          // no pass follows
	// The bounds of ClockUpdated in which a sweep looks; of the first pass there
	// is the upper one alone.
	from, to roentgen.Time
	after    *roentgen.Place // the last trace examined in this pass; nil: none yet
}

// The text is, in URL-safe base64: version (1 byte), pass (1), flags (1), began, from, to
// (8 each, big endian), and with flag 2 the clock (8) and the id (16) of a
// place.
const (
	cursorVersion = 2
	cursorHead    = 3 + 3*8
	cursorLen     = cursorHead + 8 + 16

	flagMoved = 1
	flagPlace = 2
	flagLast  = 4
)

// MarshalText writes the cursor in letters, digits, "-" and "_".
func (c *Cursor) MarshalText() ([]byte, error) {
	b := append(make([]byte, 0, cursorLen), cursorVersion, c.pass, 0)
	for _, t := range []roentgen.Time{c.began, c.from, c.to} {
		b = binary.BigEndian.AppendUint64(b, uint64(t))
	}
	if c.moved {
		b[2] |= flagMoved
	}
	if c.last {
		b[2] |= flagLast
	}
	if c.after != nil {
		b[2] |= flagPlace
		b = binary.BigEndian.AppendUint64(b, uint64(c.after.At))
		b = append(b, c.after.Trace[:]...)
	}
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText reads what MarshalText wrote. The error is of kind Invalid.
func (c *Cursor) UnmarshalText(text []byte) error {
	b, err := base64.RawURLEncoding.AppendDecode(nil, text)
	if err != nil || len(b) < cursorHead || b[0] != cursorVersion || b[2] > flagMoved|flagPlace|flagLast {
		return errNoCursor()
	}
	time := func(at int) roentgen.Time { return roentgen.Time(binary.BigEndian.Uint64(b[at:])) }
	*c = Cursor{pass: b[1], moved: b[2]&flagMoved != 0, last: b[2]&flagLast != 0, began: time(3), from: time(11), to: time(19)}
	switch hasPlace := b[2]&flagPlace != 0; {
	case hasPlace && len(b) == cursorLen:
		c.after = &roentgen.Place{At: time(cursorHead), Trace: roentgen.TraceID(b[cursorHead+8:])}
	case hasPlace || len(b) != cursorHead:
		return errNoCursor()
	}
	return nil
}

func errNoCursor() error {
	return roentgen.Invalidf("Invalid token: it is not one that this server gave; start without NextToken")
}
