package graph

import (
	"encoding/binary"
	"fmt"
)

// cursor takes apart bytes that may be damaged. After the first thing that is
// wrong it has nothing more to give, and err says what that was.
type cursor struct {
	b    []byte
	from int // how many bytes there were
	err  error
}

func newCursor(b []byte) *cursor { return &cursor{b: b, from: len(b)} }

func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("read graph bundle: at byte %d: %s", c.from-len(c.b), fmt.Sprintf(format, args...))
	}
	c.b = nil
}

func (c *cursor) byte() byte {
	if len(c.b) == 0 {
		c.fail("it ends too early")
		return 0
	}
	b := c.b[0]
	c.b = c.b[1:]
	return b
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.fail("a number that is cut short or too large")
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) varint() int64 {
	v, n := binary.Varint(c.b)
	if n <= 0 {
		c.fail("a number that is cut short or too large")
		return 0
	}
	c.b = c.b[n:]
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
	if v > uint64(len(c.b)/bytes) {
		c.fail("%d things in %d bytes", v, len(c.b))
		return 0
	}
	return int(v)
}

func (c *cursor) bytes(n uint64) []byte {
	if n > uint64(len(c.b)) {
		c.fail("%d bytes of %d", n, len(c.b))
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) string() string { return string(c.bytes(c.uvarint())) }

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
