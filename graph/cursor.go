package graph

import (
	"cmp"
	"encoding/binary"
	"fmt"
)

// cursor takes apart bytes that may be damaged. After the first thing that is
// wrong it has nothing more to give, and err says what that was. It moves a
// number along and not a slice, because a pointer is dear to move while memory
// is collected.
type cursor struct {
	b    []byte
	at   int
	err  error
	what string // is read; empty: a bundle
}

func newCursor(b []byte) *cursor { return &cursor{b: b} }

func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("read %s: at byte %d: %s", cmp.Or(c.what, "graph bundle"), c.at, fmt.Sprintf(format, args...))
	}
	c.at = len(c.b)
}

// left returns how many bytes there still are.
func (c *cursor) left() int { return len(c.b) - c.at }

func (c *cursor) byte() byte {
	if c.at >= len(c.b) {
		c.fail("it ends too early")
		return 0
	}
	c.at++
	return c.b[c.at-1]
}

func (c *cursor) uvarint() uint64 {
	if c.at < len(c.b) && c.b[c.at] < 0x80 { // most are
		c.at++
		return uint64(c.b[c.at-1])
	}
	v, n := binary.Uvarint(c.b[c.at:])
	if n <= 0 {
		c.fail("a number that is cut short or too large")
		return 0
	}
	c.at += n
	return v
}

func (c *cursor) varint() int64 {
	v, n := binary.Varint(c.b[c.at:])
	if n <= 0 {
		c.fail("a number that is cut short or too large")
		return 0
	}
	c.at += n
	return v
}

// below takes a number that has to be less than limit.
func (c *cursor) below(limit int) uint32 {
	v := c.uvarint()
	if v >= uint64(limit) && c.err == nil {
		c.fail("number %d of %d", v, limit)
	}
	if c.err != nil {
		return 0
	}
	return uint32(v)
}

// count takes how many things follow, each of at least so many bytes.
func (c *cursor) count(bytes int) int {
	v := c.uvarint()
	if v > uint64(c.left()/bytes) {
		c.fail("%d things in %d bytes", v, c.left())
		return 0
	}
	return int(v)
}

func (c *cursor) bytes(n uint64) []byte {
	if n > uint64(c.left()) {
		c.fail("%d bytes of %d", n, c.left())
		return nil
	}
	from := c.at
	c.at += int(n)
	return c.b[from:c.at]
}

// since returns what was taken from a place on; nothing after an error.
func (c *cursor) since(from int) []byte {
	if c.err != nil {
		return nil
	}
	return c.b[from:c.at]
}

func (c *cursor) string() string { return string(c.bytes(c.uvarint())) }

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
