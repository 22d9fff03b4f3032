package structure

import "encoding/binary"

const tops = 0x8080808080808080

// classes has of each byte a bit for each of its classes, eight bits apart, in the order of block; the last are control
// characters. Never written.
var classes = func() (t [256]uint64) {
	for i := range t {
		c := byte(i)
		space := c <= ' '
		for class, is := range [7]bool{
			c == '"',
			c == '\\',
			isBracket(c),
			space || c == ',' || c == ':' || c == '"' || isBracket(c),
			c >= '0' && c <= '9',
			c == '#' || c == '%' || c == '?' || c == '@' || c == '\\' || c >= 0x80,
			c < ' ',
		} {
			if is {
				t[i] |= 1 << (8 * class)
			}
		}
	}
	return t
}()

func isBracket(c byte) bool { return c == '{' || c == '}' || c == '[' || c == ']' }

// classifyTable is classify where there is nothing quicker: eight bytes make eight bits of each class, and eight times
// eight bytes are turned so that those of a class stand together.
func classifyTable(text []byte, out []block) (controls, high bool) {
	control, tall := uint64(0), uint64(0)
	for at := range out {
		bytes := (*[64]byte)(text[at*64:])
		var m [8]uint64
		for i := range m {
			w := binary.LittleEndian.Uint64(bytes[8*i:])
			tall |= w
			m[i] = classes[byte(w)] | classes[byte(w>>8)]<<1 | classes[byte(w>>16)]<<2 | classes[byte(w>>24)]<<3 |
				classes[byte(w>>32)]<<4 | classes[byte(w>>40)]<<5 | classes[byte(w>>48)]<<6 | classes[byte(w>>56)]<<7
		}
		turn(&m)
		control |= m[6]
		out[at] = block{quotes: m[0], backslashes: m[1], brackets: m[2], delimiters: m[3], digits: m[4], marks: m[5]}
	}
	return control != 0, tall&tops != 0
}

// turn makes byte j of word i byte i of word j.
func turn(m *[8]uint64) {
	a, b, c, d, e, f, g, h := m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]
	a, e = swap(a, e, 32, 0x00000000ffffffff)
	b, f = swap(b, f, 32, 0x00000000ffffffff)
	c, g = swap(c, g, 32, 0x00000000ffffffff)
	d, h = swap(d, h, 32, 0x00000000ffffffff)
	a, c = swap(a, c, 16, 0x0000ffff0000ffff)
	b, d = swap(b, d, 16, 0x0000ffff0000ffff)
	e, g = swap(e, g, 16, 0x0000ffff0000ffff)
	f, h = swap(f, h, 16, 0x0000ffff0000ffff)
	m[0], m[1] = swap(a, b, 8, 0x00ff00ff00ff00ff)
	m[2], m[3] = swap(c, d, 8, 0x00ff00ff00ff00ff)
	m[4], m[5] = swap(e, f, 8, 0x00ff00ff00ff00ff)
	m[6], m[7] = swap(g, h, 8, 0x00ff00ff00ff00ff)
}

// swap exchanges the upper parts of a with the lower ones of b.
func swap(a, b uint64, shift int, lower uint64) (uint64, uint64) {
	t := (a>>shift ^ b) & lower
	return a ^ t<<shift, b ^ t
}
