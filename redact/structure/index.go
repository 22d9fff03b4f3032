package structure

import (
	"math/bits"
	"slices"
)

// Escaped is set in the index of a quote that ends a string with a backslash in it.
const Escaped = 1 << 31

// Index is what was found in a text. The zero Index is ready for Make, which may be called any number of times; it holds
// for the text as it was then.
type Index struct {
	// Quotes are the indices of the quotes around strings, in pairs: an opening one, and a closing one that may have
	// Escaped. Behind the last pair stands the length of the text, four times, so that nobody need ask how many
	// are left.
	Quotes []uint32
	High   bool // a byte is not ASCII
	// Odd: there is a control character in a string, or a backslash outside of one, which is then taken for any other
	// byte. Neither is JSON.
	Odd   bool
	Open  bool // the last string has no end, or the text is 2 GiB long: nothing else holds then
	Stray bool // a control character that is no white space stands outside of strings: no JSON either

	blocks []block
	length int
}

// block is 64 bytes of a text, a bit for each, the first byte's the lowest.
type block struct {
	quotes      uint64 // around strings; at first, all
	backslashes uint64
	brackets    uint64 // of objects and arrays; at first, those in strings too
	delimiters  uint64 // what a literal ends at: white space, control characters, quotes, brackets, commas, colons
	digits      uint64
	marks       uint64 // # % ? @, backslashes, and bytes beyond ASCII
	_           uint64 // a block is one line of the processor's cache
	before      uint64 // how many quotes there are before the block
}

// Make finds what is in text.
func (x *Index) Make(text []byte) {
	x.length = len(text)
	x.High, x.Odd, x.Stray = false, false, false
	if x.Open = uint64(len(text)) >= Escaped; x.Open {
		x.blocks, x.length = x.blocks[:0], 0
		x.end(0)
		return
	}
	whole := len(text) / 64
	count := (len(text) + 63) / 64
	x.blocks = slices.Grow(x.blocks[:0], count)[:count]
	controls, high := classify(text[:whole*64], x.blocks[:whole])
	if whole < count {
		var last [64]byte
		for i := copy(last[:], text[whole*64:]); i < len(last); i++ {
			last[i] = ' ' // white space behind the end is nothing
		}
		c, h := classify(last[:], x.blocks[whole:])
		controls, high = controls || c, high || h
	}
	x.High = high
	x.Open = !x.strings(text)
	if controls {
		x.judgeControls(text)
	}
}

// Memory is how many bytes the index holds on to.
func (x *Index) Memory() int { return 4*cap(x.Quotes) + 64*cap(x.blocks) }

// state is how far the quotes of a text were told apart.
type state struct {
	count  int    // quotes around strings so far
	inside uint64 // all ones within a string
	at     uint64 // where the next block stands in the text
}

// ahead is how many blocks are read before there is made room for the quotes of more.
const ahead = 32

// strings tells the quotes around strings from those within, and brackets likewise.
func (x *Index) strings(text []byte) bool {
	var s state
	escaped, slashed := uint64(0), false // the next byte is; the string that is open has a backslash
	for blocks := x.blocks; len(blocks) > 0; {
		if len(x.Quotes)-s.count < 64*ahead {
			x.Quotes = slices.Grow(x.Quotes[:s.count], 64*ahead+s.count/2)
			x.Quotes = x.Quotes[:cap(x.Quotes)]
		}
		if escaped == 0 && !slashed {
			blocks = blocks[plainStrings(blocks[:min(len(blocks), ahead)], x.Quotes, &s):]
			if len(blocks) == 0 || blocks[0].backslashes == 0 {
				continue
			}
		}
		b := &blocks[0]
		b.quotes &^= escapes(b.backslashes, &escaped)
		b.leave(&s)
		if !x.note(b, &s, &slashed) {
			return x.oddStrings(text)
		}
		blocks = blocks[1:]
	}
	x.end(s.count)
	return s.count%2 == 0
}

// leave leaves out brackets within strings.
func (b *block) leave(s *state) {
	within := prefixes(b.quotes) ^ s.inside
	s.inside = uint64(int64(within) >> 63)
	b.brackets &^= within
	b.before = uint64(s.count)
}

// stringsPlain lists the quotes of blocks until one has a backslash, and returns how many it read. In quotes is room for
// 64 more of each block: it writes more than there are, so as to ask seldom.
func stringsPlain(blocks []block, quotes []uint32, s *state) (read int) {
	for i := range blocks {
		b := &blocks[i]
		if b.backslashes != 0 {
			return i
		}
		b.leave(s)
		to, left := quotes[s.count:s.count+64], b.quotes
		for len(to) >= 8 && left != 0 {
			for j := range 8 {
				to[j] = uint32(s.at) + uint32(bits.TrailingZeros64(left))
				left &= left - 1
			}
			to = to[8:]
		}
		s.count += bits.OnesCount64(b.quotes)
		s.at += 64
	}
	return len(blocks)
}

func (x *Index) end(n int) {
	end := uint32(x.length)
	x.Quotes = append(x.Quotes[:n], end, end, end, end)
}

// prefixes sets each bit from one that is set up to before the next one, and so on in turns.
func prefixes(w uint64) uint64 {
	w ^= w << 1
	w ^= w << 2
	w ^= w << 4
	w ^= w << 8
	w ^= w << 16
	return w ^ w<<32
}

// escapes returns which bytes stand behind a backslash that is not itself escaped. carry is whether the block's first
// byte does, and then whether the next block's.
func escapes(backslashes uint64, carry *uint64) (escaped uint64) {
	const even = 0x5555555555555555
	backslashes &^= *carry
	follows := backslashes<<1 | *carry
	// A run of backslashes that begins at an odd place, added to, carries to behind its end.
	odd := backslashes &^ (even | follows)
	ends, over := bits.Add64(odd, backslashes, 0)
	*carry = over
	return (even ^ ends<<1) & follows
}

// note lists the quotes of a block in which there are backslashes, or in the string that is open there. false: a
// backslash is outside of all strings.
func (x *Index) note(b *block, s *state, slashed *bool) bool {
	rest := b.backslashes
	for quotes := b.quotes; quotes != 0; quotes &= quotes - 1 {
		i := bits.TrailingZeros64(quotes)
		before := rest & (1<<i - 1)
		rest &^= before
		q := uint32(s.at) + uint32(i)
		switch opens := s.count%2 == 0; {
		case opens && before != 0:
			return false
		case !opens && (before != 0 || *slashed):
			q |= Escaped
		}
		*slashed = false
		x.Quotes[s.count] = q
		s.count++
	}
	s.at += 64
	open := s.count%2 == 1
	*slashed = open && (*slashed || rest != 0)
	return open || rest == 0
}

// oddStrings is strings where there are backslashes outside of strings, one byte after the other.
func (x *Index) oddStrings(text []byte) bool {
	x.Odd = true
	x.Quotes = x.Quotes[:0]
	slashed, skip := uint32(0), false
	for i, c := range text {
		b := &x.blocks[i/64]
		if i%64 == 0 {
			b.before, b.quotes, b.brackets = uint64(len(x.Quotes)), 0, 0
		}
		open := len(x.Quotes)%2 == 1
		switch {
		case skip:
			skip = false
		case c == '"':
			x.Quotes = append(x.Quotes, uint32(i)|slashed)
			b.quotes |= 1 << (i % 64)
			slashed = 0
		case open && c == '\\':
			slashed, skip = Escaped, true
		case !open && isBracket(c):
			b.brackets |= 1 << (i % 64)
		}
	}
	n := len(x.Quotes)
	x.end(n)
	return n%2 == 0
}

// judgeControls tells control characters in strings, and those that are no white space, from what JSON allows.
func (x *Index) judgeControls(text []byte) {
	next := 0
	for i, c := range text {
		if c >= ' ' {
			continue
		}
		for int(x.Quotes[next]&^Escaped) < i {
			next++
		}
		switch {
		case next%2 == 1:
			x.Odd = true
		case c != '\n' && c != '\t' && c != '\r':
			x.Stray = true
		}
	}
}
