package wire

import (
	"math/bits"
	"slices"
)

// index is where the strings of a JSON text begin and end, in pairs. It is
// found 64 bytes at a time with hardly a branch; whoever reads the text then
// goes from quote to quote and looks at no byte of a string twice.
type index struct {
	quotes []uint32 // indices in the text; behind the last pair two of the end of the text
	high   bool     // a byte is not ASCII
}

// withEscapes is set in the index of a quote that ends a string with a
// backslash in it.
const withEscapes = 1 << 31

// make fills x with what is in text; false when the text cannot be JSON: it
// has a string without an end, a control character in a string or a backslash
// outside of one; or when it is 2 GiB long.
func (x *index) make(text []byte) bool {
	if len(text) >= withEscapes {
		return false
	}
	f := finder{quotes: slices.Grow(x.quotes[:0], len(text)+64)}
	at, sound := 0, true
	for ; at+64 <= len(text) && sound; at += 64 {
		sound = f.block((*[64]byte)(text[at:]), uint32(at))
	}
	if at < len(text) && sound {
		var last [64]byte
		for i := copy(last[:], text[at:]); i < len(last); i++ {
			last[i] = ' ' // NULs would not be passed over
		}
		sound = f.block(&last, uint32(at))
	}
	end := uint32(len(text))
	x.quotes, x.high = append(f.quotes, end, end), f.high != 0
	return sound && len(f.quotes)%2 == 0
}

// finder is an index in the making.
type finder struct {
	quotes []uint32 // with room for all that may come
	high   uint64   // not 0: a byte is not ASCII
	within bool     // the string that is open has a backslash
	next   bool     // the next byte is escaped
}

// block adds the quotes of 64 bytes, which stand at from.
func (f *finder) block(b *[64]byte, from uint32) bool {
	quotes, backslashes, controls, high := look(b)
	f.high |= high
	if backslashes|controls != 0 || f.within || f.next {
		return f.slowBlock(b, from)
	}
	n := len(f.quotes)
	to := f.quotes[:n+64]
	for ; quotes != 0; quotes &= quotes - 1 {
		to[n] = from + uint32(bits.TrailingZeros64(quotes))
		n++
	}
	f.quotes = to[:n]
	return true
}

// slowBlock is block with escapes and white space.
func (f *finder) slowBlock(b *[64]byte, from uint32) bool {
	for i, c := range b {
		inString := len(f.quotes)%2 == 1
		switch {
		case f.next:
			f.next = false
		case c == '"':
			at := from + uint32(i)
			if f.within {
				at, f.within = at|withEscapes, false
			}
			f.quotes = append(f.quotes, at)
		case c == '\\':
			if !inString {
				return false
			}
			f.within, f.next = true, true
		case c < ' ' && inString:
			return false
		}
	}
	return true
}
