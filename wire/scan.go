package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// scanner reads JSON strictly as RFC 8259 has it and, in the same pass, moves
// every token to the left over the white space before it. When a value has
// been read, buf[:w] is its canonical text and is not written again, so what
// was read may be sliced out of it.
//
// The first error ends the reading: the scanner then stands at the NUL behind
// the text, where nothing can be read, and every loop ends by itself.
//
// Producers write canonical text already. While r and w are the same nothing
// has to be moved, and member and str have a quick path for that: they fall
// back to the slow one, having taken nothing, wherever anything else stands.
type scanner struct {
	buf []byte // the text and padding, so that reading buf[r] needs no check
	end int    // of the text, in buf
	r   int    // next byte to read
	w   int    // end of the canonical text; never above r

	depth, maxDepth int
	keys            []key    // of the open objects
	escapedKeys     [][]byte // what those mean that were written with escapes
	duplicate       bool     // an object had a key twice
	err             *syntaxError
}

// padding stands behind every text that is scanned. NULs end every loop, and
// eight of them let a loop take eight bytes at a time up to the end.
const padding = "\x00\x00\x00\x00\x00\x00\x00\x00"

// key is where a key of an open object stands: in the text or, if it was
// written with escapes, in escapedKeys. It holds no pointers, so that noting
// one costs no write barrier.
type key struct {
	from int // in buf, or index in escapedKeys
	to   int // in buf; 0: written with escapes
}

// syntaxError is what is wrong with the text and where.
type syntaxError struct {
	at   int // byte offset in the text
	what string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("byte %d: %s", e.at, e.what) }

// scan sets the scanner to the beginning of buf, which ends with padding.
func (s *scanner) scan(buf []byte, maxDepth int) {
	*s = scanner{buf: buf, end: len(buf) - len(padding), maxDepth: maxDepth, keys: s.keys[:0]}
	s.space()
}

// done reports that the text was one value and nothing else.
func (s *scanner) done() bool {
	if s.err == nil && s.r != s.end {
		s.fail("text goes on after the end of the value; send one value for each document")
	}
	return s.err == nil
}

func (s *scanner) fail(what string) { s.failAt(s.r, what) }

func (s *scanner) failAt(at int, what string) {
	if s.err == nil {
		s.err = &syntaxError{at, what}
	}
	s.r = s.end
}

// unexpected fails because of the byte at r.
func (s *scanner) unexpected(wanted string) {
	if s.r == s.end {
		s.fail("text ends where " + wanted + " should stand")
		return
	}
	s.fail(fmt.Sprintf("found %q where %s should stand", s.buf[s.r], wanted))
}

// space skips white space. The NUL at the end is not white space.
func (s *scanner) space() {
	if s.buf[s.r] > ' ' {
		return
	}
	s.skipSpace()
}

func (s *scanner) skipSpace() {
	for {
		switch s.buf[s.r] {
		case ' ', '\t', '\n', '\r':
			s.r++
		default:
			return
		}
	}
}

// punct takes the one byte at r and the white space behind it.
func (s *scanner) punct() {
	s.buf[s.w] = s.buf[s.r]
	s.w++
	s.r++
	s.space()
}

// token takes the bytes up to end and returns where they now stand.
func (s *scanner) token(end int) (from, to int) {
	from = s.w
	if s.w != s.r {
		copy(s.buf[s.w:], s.buf[s.r:end])
	}
	s.w += end - s.r
	s.r = end
	return from, s.w
}

// object is the state of reading one object.
type object struct {
	key    []byte // unescaped key of the member that was reached
	first  int    // index in keys of the object's first key
	seen   uint64 // one bit for each hash of a key so far
	opened bool
}

// sortedFrom is the number of keys from which duplicates are found by
// sorting at the end of the object and no longer by comparing each with all.
const sortedFrom = 16

// openObject enters the object at r.
func (s *scanner) openObject() object {
	s.open()
	return object{first: len(s.keys)}
}

// open takes the bracket at r.
func (s *scanner) open() {
	if s.depth++; s.depth > s.maxDepth {
		s.fail(fmt.Sprintf("more than %d objects and arrays stand in one another; flatten the value", s.maxDepth))
		return
	}
	s.punct()
}

// close takes the bracket at r.
func (s *scanner) close() {
	s.depth--
	s.punct()
}

// member goes to the value of the next member; false at the end of the
// object or of the text. The caller reads that value. It declares o outside of
// its for: within, Go would make a copy of it for each member.
func (s *scanner) member(o *object) bool {
	return s.quickMember(o) || s.slowMember(o)
}

// quickMember takes comma, key and colon at once.
func (s *scanner) quickMember(o *object) bool {
	b, i := s.buf, s.r
	if i != s.w {
		return false
	}
	if o.opened {
		if b[i] != ',' {
			return false
		}
		i++
	}
	if b[i] != '"' {
		return false
	}
	from := i + 1
	i = plain(b, from)
	if b[i] != '"' || b[i+1] != ':' || b[i+2] <= ' ' {
		return false
	}
	s.r, s.w = i+2, i+2
	o.opened = true
	o.key = b[from:i]
	s.note(o, key{from, i})
	return true
}

func (s *scanner) slowMember(o *object) bool {
	switch c := s.buf[s.r]; {
	case c == '}':
		s.closeObject(o)
		return false
	case !o.opened:
		o.opened = true
	case c == ',':
		s.punct()
	default:
		s.unexpected("a comma or the end of the object")
		return false
	}
	if s.buf[s.r] != '"' {
		s.unexpected("a key in quotes")
		return false
	}
	from := s.w + 1
	content, escaped := s.str()
	k := key{from, from + len(content)}
	if escaped {
		content = unescape(nil, content)
		k = key{from: len(s.escapedKeys)}
		s.escapedKeys = append(s.escapedKeys, content)
	}
	if s.buf[s.r] != ':' {
		s.unexpected("a colon")
		return false
	}
	s.punct()
	o.key = content
	s.note(o, k)
	return true
}

// note remembers the key that was reached and compares it with those before.
func (s *scanner) note(o *object, k key) {
	bit := hashBit(o.key)
	if o.seen&bit != 0 && len(s.keys)-o.first < sortedFrom {
		s.compare(o)
	}
	o.seen |= bit
	s.keys = append(s.keys, k)
}

// compare looks for the object's key among those before it.
func (s *scanner) compare(o *object) {
	for _, k := range s.keys[o.first:] {
		if string(s.means(k)) == string(o.key) {
			s.duplicate = true
			return
		}
	}
}

// means returns k unescaped.
func (s *scanner) means(k key) []byte {
	if k.to == 0 {
		return s.escapedKeys[k.from]
	}
	return s.buf[k.from:k.to]
}

// hashBit picks one of 64 bits by what tells short keys apart.
func hashBit(key []byte) uint64 {
	n := len(key)
	if n == 0 {
		return 1
	}
	return 1 << ((uint(n)*7 + uint(key[0])*31 + uint(key[n-1])*17 + uint(key[n/2])) & 63)
}

// closeObject sorts the keys of a large object, so that a document of many
// keys costs n log n and not n squared.
func (s *scanner) closeObject(o *object) {
	if keys := s.keys[o.first:]; len(keys) > sortedFrom && !s.duplicate {
		slices.SortFunc(keys, func(a, b key) int { return bytes.Compare(s.means(a), s.means(b)) })
		for i := 1; i < len(keys) && !s.duplicate; i++ {
			s.duplicate = string(s.means(keys[i-1])) == string(s.means(keys[i]))
		}
	}
	s.keys = s.keys[:o.first]
	s.close()
}

// array is the state of reading one array.
type array struct {
	index int // of the element that was reached
}

// openArray enters the array at r.
func (s *scanner) openArray() array {
	s.open()
	return array{index: -1}
}

// element goes to the next element; false at the end of the array or of the
// text. The caller reads that element.
func (s *scanner) element(a *array) bool {
	switch c := s.buf[s.r]; {
	case c == ']':
		s.close()
		return false
	case a.index < 0:
	case c == ',':
		s.punct()
		if s.buf[s.r] == ']' {
			s.unexpected("a value")
			return false
		}
	default:
		s.unexpected("a comma or the end of the array")
		return false
	}
	a.index++
	return s.err == nil
}

// skip reads any value.
func (s *scanner) skip() {
	switch c := s.buf[s.r]; c {
	case '"':
		s.str()
	case '{':
		o := s.openObject()
		for s.member(&o) {
			s.skip()
		}
	case '[':
		a := s.openArray()
		for s.element(&a) {
			s.skip()
		}
	case 't':
		s.literal("true")
	case 'f':
		s.literal("false")
	case 'n':
		s.literal("null")
	default:
		s.number()
	}
}

// literal reads the word that the byte at r has announced.
func (s *scanner) literal(word string) {
	end := s.r + len(word)
	if end > len(s.buf) || string(s.buf[s.r:end]) != word {
		s.unexpected("a value (" + word + "?)")
		return
	}
	s.token(end)
	s.space()
}

// number reads a number and returns its literal.
func (s *scanner) number() []byte {
	i := s.r
	if s.buf[i] == '-' {
		i++
	}
	i, ok := s.integer(i)
	if ok && s.buf[i] == '.' {
		i, ok = s.digits(i + 1)
	}
	if ok && s.buf[i]|0x20 == 'e' {
		i++
		if s.buf[i] == '+' || s.buf[i] == '-' {
			i++
		}
		i, ok = s.digits(i)
	}
	if !ok {
		s.notNumber(i)
		return nil
	}
	from, to := s.token(i)
	s.space()
	return s.buf[from:to]
}

// notNumber says what is wrong at i: no value at all, or a broken number.
func (s *scanner) notNumber(i int) {
	if i == s.r {
		s.unexpected("a value")
		return
	}
	s.r = i
	s.unexpected("a digit")
}

// integer skips the digits before a fraction: 0, or digits that do not begin
// with 0.
func (s *scanner) integer(i int) (int, bool) {
	if s.buf[i] == '0' {
		return i + 1, true
	}
	return s.digits(i)
}

func (s *scanner) digits(i int) (int, bool) {
	start := i
	for s.buf[i]-'0' <= 9 {
		i++
	}
	return i, i > start
}

// str reads the string at r and the white space behind it, and returns what
// stands between the quotes, and whether there is a backslash in it.
func (s *scanner) str() (content []byte, escaped bool) {
	b, r := s.buf, s.r
	if i := plain(b, r+1); s.w == r && b[i] == '"' && b[i+1] > ' ' {
		s.r, s.w = i+1, i+1
		return b[r+1 : i], false
	}
	return s.slowStr()
}

func (s *scanner) slowStr() (content []byte, escaped bool) {
	i := s.r + 1
	for {
		i = plain(s.buf, i)
		switch s.buf[i] {
		case '"':
			from, to := s.token(i + 1)
			s.space()
			return s.buf[from+1 : to-1], escaped
		case '\\':
			n := escapeLen(s.buf[i:])
			if n == 0 {
				s.failAt(i, "no escape sequence of JSON begins here")
				return nil, false
			}
			i, escaped = i+n, true
		default:
			s.badString(i)
			return nil, false
		}
	}
}

func (s *scanner) badString(i int) {
	if i >= s.end {
		s.failAt(s.r, "the string that begins here has no end")
		return
	}
	s.failAt(i, fmt.Sprintf("control character %#02x in a string; write it as \\u%04x", s.buf[i], s.buf[i]))
}

// Words of eight equal bytes, to look at eight characters at a time.
const (
	ones      = 0x0101010101010101
	tops      = 0x8080808080808080
	spaces    = ' ' * ones
	quotes    = '"' * ones
	backslash = '\\' * ones
)

// special returns a word whose lowest set bit is the top bit of the first byte
// of w that is a quote, a backslash or a control character; 0 when none is.
// Behind that bit anything may be set: borrows run upwards.
func special(w uint64) uint64 {
	q, e := w^quotes, w^backslash
	// Of each byte the top bit: set where it is below a space or equal to one
	// of the two; characters from 0x80 up are masked out.
	return ((w-spaces)&^w | (q-ones)&^q | (e-ones)&^e) & tops
}

// plain returns the index of the first byte at or after i that is a quote, a
// backslash or a control character, as the padding behind the text is.
func plain(b []byte, i int) int {
	for {
		if hit := special(binary.LittleEndian.Uint64(b[i:])); hit != 0 {
			return i + trailingBytes(hit)
		}
		i += 8
	}
}
