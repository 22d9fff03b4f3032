package graph

import (
	"encoding/binary"
	"math/bits"
)

// A frame is up to 256 numbers in the coarsest of three units that is exact,
// each as its distance from the least of them, in as many bits as the greatest
// distance needs.
const (
	frameRows = 256
	widths    = 65 // 0 to 64 bits
)

// units of frames, in nanoseconds.
func unitOf(u int) int64 { return [...]int64{1, 1e3, 1e6}[u] }

const units = 3

// divide returns how many units n has, and what is left. To divide by what the
// compiler knows takes a tenth of the time.
func divide(n int64, u int) (quotient, rest int64) {
	switch u {
	case 1:
		return n / 1e3, n % 1e3
	case 2:
		return n / 1e6, n % 1e6
	}
	return n, 0
}

func coarsestUnit(v []int64) int {
	u := units - 1
	for _, n := range v {
		for _, rest := divide(n, u); rest != 0; _, rest = divide(n, u) {
			u--
		}
		if u == 0 {
			break
		}
	}
	return u
}

// appendFrame appends v as a frame and leaves it in its unit.
func appendFrame(dst []byte, v []int64) []byte {
	u := coarsestUnit(v)
	least, _ := divide(v[0], u)
	most := least
	for i, n := range v {
		v[i], _ = divide(n, u)
		least, most = min(least, v[i]), max(most, v[i])
	}
	width := bits.Len64(uint64(most) - uint64(least))
	dst = append(dst, byte(u*widths+width))
	dst = binary.AppendVarint(dst, least)
	return appendBits(dst, v, least, width)
}

func appendBits(dst []byte, v []int64, least int64, width int) []byte {
	var word uint64
	used := 0
	for _, n := range v {
		d := uint64(n) - uint64(least)
		word |= d << used
		if used += width; used >= 64 {
			dst = binary.LittleEndian.AppendUint64(dst, word)
			used -= 64
			word = d >> (width - used) // of 64 bits or more: none
		}
	}
	for ; used > 0; used -= 8 {
		dst = append(dst, byte(word))
		word >>= 8
	}
	return dst
}

// frameHead is what stands in front of the bits of a frame.
type frameHead struct {
	unit  int64
	least int64
	width int
}

// frame takes the head and the bits of n numbers.
func (c *cursor) frame(n int) (h frameHead, packed []byte) {
	code := int(c.byte())
	if code >= units*widths {
		c.fail("a frame of kind %d", code)
		return frameHead{unit: 1}, nil
	}
	h = frameHead{unitOf(code / widths), c.varint(), code % widths}
	return h, c.bytes(uint64(n*h.width+7) / 8)
}

// read reads as many numbers as out has room for.
func (h frameHead) read(packed []byte, out []int64) {
	mask := uint64(1)<<h.width - 1
	for i := range out {
		at := i * h.width
		out[i] = int64(uint64(h.least)+bitsAt(packed, at, h.width)&mask) * h.unit
	}
}

// bitsAt returns the bits from at on, and others above.
func bitsAt(packed []byte, at, width int) uint64 {
	first, shift := at>>3, at&7
	if first+8 < len(packed) {
		word := binary.LittleEndian.Uint64(packed[first:]) >> shift
		if shift+width > 64 {
			word |= uint64(packed[first+8]) << (64 - shift)
		}
		return word
	}
	var word uint64
	for i := first; i < len(packed) && i-first < 9; i++ {
		if place := 8*(i-first) - shift; place < 0 {
			word |= uint64(packed[i]) >> -place
		} else {
			word |= uint64(packed[i]) << place
		}
	}
	return word
}

// series is numbers in frames, each as its difference from the one before it.
type series []byte

func appendSeries(dst []byte, v []int64) []byte {
	var frame [frameRows]int64
	before := int64(0)
	for len(v) > 0 {
		n := min(len(v), frameRows)
		for i, x := range v[:n] {
			frame[i], before = x-before, x
		}
		dst, v = appendFrame(dst, frame[:n]), v[n:]
	}
	return dst
}

// series takes a series of n numbers.
func (c *cursor) series(n int) series {
	from := c.at
	for ; n > 0 && c.err == nil; n -= frameRows {
		c.frame(min(n, frameRows))
	}
	return c.since(from)
}

// read reads as many numbers as out has room for, which is all of them.
func (s series) read(out []int64) {
	c, before := cursor{b: s}, int64(0)
	for len(out) > 0 {
		n := min(len(out), frameRows)
		h, packed := c.frame(n)
		h.read(packed, out[:n])
		for i := range out[:n] {
			before += out[i]
			out[i] = before
		}
		out = out[n:]
	}
}
