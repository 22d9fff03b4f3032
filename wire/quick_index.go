package wire

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
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
	x.quotes, x.high = append(f.quotes, end, end), f.high
	return sound && len(f.quotes)%2 == 0
}

// finder is an index in the making.
type finder struct {
	quotes []uint32 // with room for all that may come
	high   bool     // a byte is not ASCII
	within bool     // the string that is open has a backslash
	next   bool     // the next byte is escaped
}

// block adds the quotes of 64 bytes, which stand at from.
func (f *finder) block(b *[64]byte, from uint32) bool {
	le := binary.LittleEndian
	w0, w1, w2, w3 := le.Uint64(b[0:]), le.Uint64(b[8:]), le.Uint64(b[16:]), le.Uint64(b[24:])
	w4, w5, w6, w7 := le.Uint64(b[32:]), le.Uint64(b[40:]), le.Uint64(b[48:]), le.Uint64(b[56:])
	var sound, marks uint64
	if high := (w0 | w1 | w2 | w3 | w4 | w5 | w6 | w7) & tops; high == 0 {
		sound = soundASCII(w0) & soundASCII(w1) & soundASCII(w2) & soundASCII(w3) & soundASCII(w4) & soundASCII(w5) & soundASCII(w6) & soundASCII(w7)
		marks = quoteMarks(w0) | quoteMarks(w1)<<8 | quoteMarks(w2)<<16 | quoteMarks(w3)<<24 |
			quoteMarks(w4)<<32 | quoteMarks(w5)<<40 | quoteMarks(w6)<<48 | quoteMarks(w7)<<56
	} else {
		f.high = true
		sound = tops
		for i, w := range [...]uint64{w0, w1, w2, w3, w4, w5, w6, w7} {
			low, also := w&^tops, w&tops // bytes beyond ASCII are sound, and no quotes
			sound &= soundASCII(low) | also
			marks |= (quoteMarks(low) &^ topMarks(also)) << (8 * i)
		}
	}
	if sound&tops != tops || f.within || f.next {
		return f.slowBlock(b, from)
	}
	n := len(f.quotes)
	to := f.quotes[:n+64]
	for ; marks != 0; marks &= marks - 1 {
		to[n] = from + uint32(bits.TrailingZeros64(marks))
		n++
	}
	f.quotes = to[:n]
	return true
}

// Eight characters of ASCII at a time: added to what makes 0x80 of the least
// that is looked for, each shows in its top bit whether it is as much.
const most = 0x7f * ones

// soundASCII sets the top bit of each byte of w that is neither a backslash nor
// a control character.
func soundASCII(w uint64) uint64 { return (w + (0x80-' ')*ones) & (w ^ backslash + most) }

// quoteMarks returns a bit for each byte of w that is a quote.
func quoteMarks(w uint64) uint64 {
	return topMarks(^(w ^ quotes + most) & tops)
}

// topMarks gathers the top bits of eight bytes.
func topMarks(w uint64) uint64 { return w * 0x0002040810204081 >> 56 }

// slowBlock is block with escapes, white space and bytes that are not ASCII.
func (f *finder) slowBlock(b *[64]byte, from uint32) bool {
	for i, c := range b {
		inString := len(f.quotes)%2 == 1
		f.high = f.high || c >= utf8.RuneSelf
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
