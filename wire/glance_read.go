package wire

import (
	"bytes"
	"encoding/binary"

	"github.com/roentgen/roentgen"
)

// glanceReader goes over a JSON text that it must not write to and that has no
// padding behind it. Behind the end it reads NUL, which nothing can begin with,
// and whoever gives up stands there, so that every loop ends by itself.
type glanceReader struct {
	doc      []byte
	at       int    // next byte to read
	odd      bool   // a Parser has to read the document
	seen     uint64 // words that text was read from, ORed: top bits where one had any
	meanings []byte // of strings that were written with escapes, one behind the other
}

func (g *glanceReader) peek() byte { return byteAt(g.doc, g.at) }

// byteAt returns b[i], NUL behind the end.
func byteAt(b []byte, i int) byte {
	if i < len(b) {
		return b[i]
	}
	return 0
}

func (g *glanceReader) giveUp() { g.odd, g.at = true, len(g.doc) }

// space skips white space.
func (g *glanceReader) space() {
	for g.at < len(g.doc) && g.doc[g.at] <= ' ' {
		switch g.doc[g.at] {
		case ' ', '\t', '\n', '\r':
			g.at++
		default:
			g.giveUp()
		}
	}
}

// glancedList is the state of reading one object or array.
type glancedList struct {
	key    []byte // of the member that was reached
	before byte   // what stands before the next: the bracket, then commas
}

// enter opens the object or array at g.at, whose bracket the first member or
// element takes.
func (g *glanceReader) enter() glancedList { return glancedList{before: g.peek()} }

// member goes to the value of the next member; false at the end of the object.
// The caller reads that value.
func (g *glanceReader) member(o *glancedList) bool {
	b, i := g.doc, g.at
	if i+2 < len(b) && b[i] == o.before && b[i+1] == '"' {
		to := g.plain(i + 2)
		if to+2 < len(b) && b[to] == '"' && b[to+1] == ':' && b[to+2] > ' ' {
			g.at = to + 2
			o.before, o.key = ',', b[i+2:to]
			return true
		}
	}
	return g.slowMember(o)
}

func (g *glanceReader) slowMember(o *glancedList) bool {
	if !g.step(o, '}') {
		return false
	}
	from := g.at + 1
	to := g.plain(from)
	if g.peek() != '"' || byteAt(g.doc, to) != '"' {
		g.giveUp() // an escape, mostly
		return false
	}
	g.at = to + 1
	g.space()
	if g.peek() != ':' {
		g.giveUp()
		return false
	}
	g.at++
	g.space()
	o.key = g.doc[from:to]
	return !g.odd
}

// element goes to the next element; false at the end of the array. The caller
// reads that element.
func (g *glanceReader) element(a *glancedList) bool { return g.step(a, ']') }

// step takes what stands before the next member or element, or the bracket
// behind the last, and the white space around it.
func (g *glanceReader) step(l *glancedList, end byte) bool {
	g.space()
	first := l.before != ','
	if first {
		g.at++
		g.space()
	}
	switch c := g.peek(); {
	case c == end:
		g.at++
		g.space()
		return false
	case first:
	case c == ',':
		g.at++
		g.space()
	default:
		g.giveUp()
		return false
	}
	l.before = ','
	return !g.odd
}

// plain returns the index of the first byte at or after i that is a quote, a
// backslash or a control character, or the end.
func (g *glanceReader) plain(i int) int {
	b := g.doc
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		g.seen |= w
		if hit := special(w); hit != 0 {
			return i + trailingBytes(hit)
		}
		i += 8
	}
	for ; i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\'; i++ {
		g.seen |= uint64(b[i])
	}
	return i
}

// bytes reads a string and returns what it means; nil when there is none.
func (g *glanceReader) bytes() []byte {
	b, from := g.doc, g.at+1
	if g.peek() != '"' {
		g.skip()
		return nil
	}
	to := g.plain(from)
	if byteAt(b, to) == '"' {
		g.at = to + 1
		return b[from:to]
	}
	return g.escaped(from, to)
}

// text is bytes as a string.
func (g *glanceReader) text() string { return share(g.bytes()) }

// escaped reads a string whose content begins at from, with an escape at i.
func (g *glanceReader) escaped(from, i int) []byte {
	b := g.doc
	for byteAt(b, i) == '\\' {
		n := 0
		if i+8 <= len(b) { // a document goes on longer than that
			n = escapeLen(b[i:])
		}
		if n == 0 {
			g.giveUp()
			return nil
		}
		i = g.plain(i + n)
	}
	if byteAt(b, i) != '"' {
		g.giveUp()
		return nil
	}
	g.at = i + 1
	start := len(g.meanings)
	g.meanings = unescape(g.meanings, b[from:i])
	return g.meanings[start:len(g.meanings):len(g.meanings)]
}

// essential reports whether a value stands here that begins with opener. null
// counts as absent; of anything else a Parser has to speak.
func (g *glanceReader) essential(opener byte) bool {
	c := g.peek()
	if c != opener && c != 'n' {
		g.giveUp()
	}
	return c == opener
}

func (g *glanceReader) essentialText() []byte {
	g.essential('"')
	return g.bytes()
}

// progress reads in_progress.
func (g *glanceReader) progress() bool {
	switch g.peek() {
	case 't', 'f', 'n':
		return g.flag()
	}
	g.giveUp()
	return false
}

// flag reads a boolean.
func (g *glanceReader) flag() bool {
	set := g.peek() == 't'
	g.skip()
	return set
}

// is reports whether the bracket stands here; anything else it skips.
func (g *glanceReader) is(bracket byte) bool {
	if g.peek() == bracket {
		return true
	}
	g.skip()
	return false
}

// skip passes over any value.
func (g *glanceReader) skip() {
	switch g.peek() {
	case '"':
		g.at = endOfString(g.doc, g.at+1)
	case '{', '[':
		g.skipNested()
	default:
		g.skipWord()
	}
	if g.at > len(g.doc) {
		g.giveUp()
	}
}

// skipWord passes over a number, true, false or null.
func (g *glanceReader) skipWord() {
	from := g.at
	for g.at < len(g.doc) && wordBytes[g.doc[g.at]] {
		g.at++
	}
	if g.at == from {
		g.giveUp()
	}
}

// wordBytes are those of numbers, true, false and null.
var wordBytes = func() (table [256]bool) {
	for _, c := range []byte("0123456789+-.eEtrufalsn") {
		table[c] = true
	}
	return table
}()

// skipNested passes over an object or an array and everything in it.
func (g *glanceReader) skipNested() {
	b, depth := g.doc, 0
	for i := g.at; i < len(b); {
		switch b[i] {
		case '"':
			i = endOfString(b, i+1)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				g.at = i + 1
				return
			}
		}
		i++
	}
	g.giveUp()
}

// longString is from where bytes.IndexByte is quicker than words.
const longString = 32

// endOfString returns the index behind the quote that ends the string whose
// content goes on at i; beyond the end where there is none.
func endOfString(b []byte, i int) int {
	for from := i; i+8 <= len(b) && i-from < longString; {
		w := binary.LittleEndian.Uint64(b[i:])
		q, e := w^quotes, w^backslash
		hit := ((q-ones)&^q | (e-ones)&^e) & tops
		if hit == 0 {
			i += 8
			continue
		}
		if i += trailingBytes(hit); b[i] == '"' {
			return i + 1
		}
		i += 2 // an escape
	}
	return endOfLongString(b, i)
}

// endOfLongString is endOfString by the quotes alone: one ends the string
// unless an odd number of backslashes stands before it. None stands open at i.
func endOfLongString(b []byte, i int) int {
	for from := i; i < len(b); {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			break
		}
		i += n + 1
		slashes := 0
		for k := i - 2; k >= from && b[k] == '\\'; k-- {
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
	}
	return len(b) + 1
}

// seconds reads a time; 0 when there is none.
func (g *glanceReader) seconds() roentgen.Time {
	lit := g.essentialNumber()
	if lit == nil {
		return 0
	}
	t, why := parseSeconds(lit)
	if why != "" {
		g.giveUp()
	}
	return t
}

func (g *glanceReader) essentialNumber() []byte {
	switch c := g.peek(); {
	case c == '-' || c-'0' <= 9:
		return g.number()
	case c == 'n':
		g.skip()
	default:
		g.giveUp()
	}
	return nil
}

// number reads the number that begins at g.at and returns its literal; nil when
// it is none.
func (g *glanceReader) number() []byte {
	from := g.at
	g.skipWord()
	lit := g.doc[from:g.at]
	if !isNumberLiteral(lit) {
		g.giveUp()
		return nil
	}
	return lit
}

// isNumberLiteral reports whether b follows the grammar of JSON numbers.
func isNumberLiteral(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("-"))
	whole := digitsOf(b)
	if whole == 0 || whole > 1 && b[0] == '0' {
		return false
	}
	b = b[whole:]
	if len(b) > 0 && b[0] == '.' {
		n := digitsOf(b[1:])
		if n == 0 {
			return false
		}
		b = b[1+n:]
	}
	if len(b) > 0 && b[0]|0x20 == 'e' {
		b = b[1:]
		if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		return len(b) > 0 && digitsOf(b) == len(b)
	}
	return len(b) == 0
}

// digitsOf returns how many digits b begins with.
func digitsOf(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}
