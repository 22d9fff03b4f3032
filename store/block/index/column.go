package index

import (
	"encoding/binary"
	"math"
)

// column is one number of each row. A number is base + scale × u; the bytes of all u stand plane by plane, the lowest
// first, so that those that hardly change pack well. A plane that is all zero is left out.
type column struct {
	base, scale int64
	planes      [][]byte
	shifts      []uint8
}

// scales are tried from the largest: most clocks are read to the microsecond.
var scales = [...]int64{1_000_000_000, 1_000_000, 1_000}

// appendColumn writes values. spare is memory that it may use; it returns it grown.
func (p *packer) appendColumn(dst []byte, values []int64, spare []byte) ([]byte, []byte) {
	base, scale, most := frameOf(values)
	dst = binary.AppendVarint(dst, base)
	dst = binary.AppendUvarint(dst, uint64(scale))
	width := 0
	for most>>(8*width) != 0 && width < 8 {
		width++
	}
	dst = append(dst, byte(width))
	for k := range width {
		spare = spare[:0]
		for _, v := range values {
			spare = append(spare, byte(uint64(v-base)/uint64(scale)>>(8*k)))
		}
		dst = p.section(dst, spare)
	}
	return dst, spare
}

// frameOf returns the least value, what all differences from it are multiples of, and the greatest of those.
func frameOf(values []int64) (base, scale int64, most uint64) {
	if len(values) == 0 {
		return 0, 1, 0
	}
	least, greatest := int64(math.MaxInt64), int64(math.MinInt64)
	for _, v := range values {
		least, greatest = min(least, v), max(greatest, v)
	}
	scale = 1
	for _, s := range scales {
		if multiples(values, least, uint64(s)) {
			scale = s
			break
		}
	}
	return least, scale, uint64(greatest-least) / uint64(scale)
}

func multiples(values []int64, base int64, of uint64) bool {
	for _, v := range values {
		if uint64(v-base)%of != 0 {
			return false
		}
	}
	return true
}

// column reads one of so many rows.
func (r *reader) column(rows int) column {
	c := column{base: r.varint(), scale: int64(r.uvarint())}
	width := int(r.byte())
	if width > 8 {
		r.fail("a column is wider than 8 bytes")
		return c
	}
	for k := range width {
		plane := r.section()
		if r.err != nil {
			return c
		}
		if len(plane) != rows {
			r.fail("a column has not as many values as there are rows")
			return c
		}
		c.planes, c.shifts = append(c.planes, plane), append(c.shifts, uint8(8*k))
	}
	return c
}

func (c *column) get(i int) int64 {
	var u uint64
	for k, plane := range c.planes {
		u |= uint64(plane[i]) << c.shifts[k]
	}
	return c.base + c.scale*int64(u)
}

// all returns every value.
func (c *column) all(rows int) []int64 {
	out := make([]int64, rows)
	for k, plane := range c.planes {
		shift := c.shifts[k]
		for i, b := range plane[:rows] {
			out[i] |= int64(uint64(b) << shift)
		}
	}
	for i, u := range out {
		out[i] = c.base + c.scale*u
	}
	return out
}
