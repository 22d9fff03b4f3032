package structure

import "math/bits"

// Match returns the index behind the bracket that closes the one at i of text, and which of Quotes is the first behind
// it. Kinds of brackets are not told apart. ok is false where none closes it.
func (x *Index) Match(text []byte, i int) (end, quote int, ok bool) {
	depth := 0
	for at := i / 64; at < len(x.blocks); at++ {
		b := &x.blocks[at]
		brackets := b.brackets
		if at == i/64 {
			brackets &= ^uint64(0) << (i % 64)
		}
		for ; brackets != 0; brackets &= brackets - 1 {
			bit := bits.TrailingZeros64(brackets)
			depth += int(text[at*64+bit]&2) - 1 // { and [ have that bit, } and ] do not
			if depth == 0 {
				return at*64 + bit + 1, int(b.before) + bits.OnesCount64(b.quotes&(1<<bit-1)), true
			}
		}
	}
	return 0, 0, false
}

// Delimiter returns where from i on a literal ends: at white space, a control character, a quote, a bracket, a comma or a
// colon, or with the text.
func (x *Index) Delimiter(i int) int {
	for at := i / 64; at < len(x.blocks); at++ {
		w := x.blocks[at].delimiters
		if at == i/64 {
			w &= ^uint64(0) << (i % 64)
		}
		if w != 0 {
			return min(at*64+bits.TrailingZeros64(w), x.length)
		}
	}
	return x.length
}

// Mark returns the first byte from i on that is # % ? @, a backslash, or not ASCII; the length of the text where there is
// none.
func (x *Index) Mark(i int) int {
	for at := i / 64; at < len(x.blocks); at++ {
		w := x.blocks[at].marks
		if at == i/64 {
			w &= ^uint64(0) << (i % 64)
		}
		if w != 0 {
			return at*64 + bits.TrailingZeros64(w)
		}
	}
	return x.length
}

// Digit returns the first digit from i on; the length of the text where there is none.
func (x *Index) Digit(i int) int {
	for at := i / 64; at < len(x.blocks); at++ {
		w := x.blocks[at].digits
		if at == i/64 {
			w &= ^uint64(0) << (i % 64)
		}
		if w != 0 {
			return at*64 + bits.TrailingZeros64(w)
		}
	}
	return x.length
}

// Digits returns where from i on four digits begin that stand side by side; the length of the text where none do.
func (x *Index) Digits(i int) int {
	for at := i / 64; at < len(x.blocks); at++ {
		d, next := x.blocks[at].digits, uint64(0)
		if at+1 < len(x.blocks) {
			next = x.blocks[at+1].digits
		}
		w := d & (d>>1 | next<<63) & (d>>2 | next<<62) & (d>>3 | next<<61)
		if at == i/64 {
			w &= ^uint64(0) << (i % 64)
		}
		if w != 0 {
			return at*64 + bits.TrailingZeros64(w)
		}
	}
	return x.length
}

// ends is how often the length of the text stands behind the quotes.
const ends = 4

// From returns which of Quotes is the first at i or behind.
func (x *Index) From(i int) int {
	if i/64 >= len(x.blocks) {
		return len(x.Quotes) - ends
	}
	b := &x.blocks[i/64]
	return int(b.before) + bits.OnesCount64(b.quotes&(1<<(i%64)-1))
}
