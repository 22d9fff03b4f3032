package redact

import (
	"encoding/binary"
	"math/bits"
	"sync"

	"github.com/roentgen/roentgen/redact/structure"
)

// scan is one pass over one document, from quote to quote of its index. What it changes is copied to out, once there is
// something to change.
type scan struct {
	r     *Redactor
	b     []byte
	x     *structure.Index
	i     int    // next byte to read, outside of all strings
	quote int    // next of the index's quotes
	mark  int    // next of its marks, as far as was looked
	digit int    // next of its four digits side by side
	out   []byte // the document so far, up to from
	from  int
	c     Counts
	bad   bool // no JSON

	sqlBlock int  // where the sql block at hand begins; 0: there is none
	names    bool // in the statement at hand, double quotes hold names

	scratch *scratch // nil until needed
}

// scratch is memory for what documents need: the index of one, and unescaped strings and what was found in them.
type scratch struct {
	index structure.Index
	text  []byte
	key   []byte
	hits  []hit
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// maxScratch is the largest memory that is kept for the next document.
const maxScratch = 1 << 20

// memory takes what the last document left, or another one's where several are at work.
func (s *scan) memory() *scratch {
	if s.scratch == nil {
		s.scratch = s.r.free.Swap(nil)
	}
	if s.scratch == nil {
		s.scratch = scratches.Get().(*scratch)
	}
	return s.scratch
}

func (s *scan) close() {
	m := s.scratch
	s.scratch = nil
	if m == nil || cap(m.text) > maxScratch || cap(m.key) > maxScratch || cap(m.hits) > maxScratch/64 || m.index.Memory() > maxScratch {
		return
	}
	if !s.r.free.CompareAndSwap(nil, m) {
		scratches.Put(m)
	}
}

// replace puts text in place of b[start:end].
func (s *scan) replace(start, end int, text string) {
	if s.from == 0 && cap(s.out) < len(s.b) {
		s.out = make([]byte, 0, len(s.b)+64)
	}
	s.out = append(append(s.out, s.b[s.from:start]...), text...)
	s.from = end
}

// quoted is a string of the document: b[start:end] stands between the quotes.
type quoted struct {
	start, end int
	marks      marks // in a byte, because the compiler keeps structs of up to four fields in registers
}

// marks say what a string has.
type marks uint8

const (
	escaped marks = 1 << iota // a backslash
	hot                       // something that may be personal data
	marked                    // an @ or a ?, as URLs have that something has to go from
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// has marks the bytes of w that are c with their high bit. Above the first mark there may be false ones.
func has(w uint64, c byte) uint64 {
	x := w ^ ones*uint64(c)
	return (x - ones) &^ x & highs
}

// digitsOf counts the bytes of w that are ASCII digits.
func digitsOf(w uint64) int {
	x := w ^ ones*'0'
	return 8 - bits.OnesCount64((x&^highs+ones*(0x80-10)|x)&highs)
}

// fewDigits is the least that two words side by side have when four digits stand together in them: so many have a PAN,
// an Aadhaar number and every way to write a phone number.
const fewDigits = 4

// text reads the string at i and looks at nothing in it. Of its marks, only escaped is known.
func (s *scan) text() (q quoted) {
	at := s.x.Quotes[s.quote : s.quote+2]
	q.start, q.end = int(at[0])+1, int(at[1]&^structure.Escaped)
	q.marks = marks(at[1] >> 31) // escaped
	s.quote, s.i = s.quote+2, q.end+1
	return q
}

// quiet says whether nothing in a string may be personal data, if nothing around it says so. Within the last bytes of a
// document none is.
func (s *scan) quiet(q quoted) bool {
	if s.mark < q.start {
		s.mark = s.x.Mark(q.start)
	}
	if s.digit < q.start {
		s.digit = s.x.Digits(q.start)
	}
	if s.mark < q.end || q.end+8 > len(s.b) {
		return false
	}
	return s.digit >= q.end || s.few(q)
}

// few says whether no number of a person is in a string of ASCII that has four digits side by side, as each such number
// has. With those around them they are ten at least, or they are part of a PAN.
func (s *scan) few(q quoted) bool {
	t := s.b[q.start:q.end]
	for s.digit < q.end {
		i := s.digit - q.start
		if i >= 5 && i+4 < len(t) && isUpper(t[i-1]) && isUpper(t[i+4]) {
			return false
		}
		digits := 0
		for from := i; from > 0 && isNumeral(t[from-1]); from-- {
			digits += digitBit(t[from-1])
		}
		for ; i < len(t) && isNumeral(t[i]); i++ {
			digits += digitBit(t[i])
		}
		if digits >= phoneDigits {
			return false
		}
		s.digit = s.x.Digits(q.start + i)
	}
	return true
}

// isNumeral is for digits and what may stand between those of a number.
func isNumeral(c byte) bool { return isDigit(c) || c == ' ' || c == '-' }

func digitBit(c byte) int {
	if isDigit(c) {
		return 1
	}
	return 0
}

// look finds out what a string has. Within the last bytes of a document it is taken to have everything.
func (s *scan) look(q quoted) (m marks) {
	b, i := s.b, q.start
	before := 0
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		ends := has(w, '"') | has(w, '\\')
		n := 8
		if ends != 0 {
			n = bits.TrailingZeros64(ends) / 8
			w &= 1<<(8*n) - 1
		}
		digits := digitsOf(w)
		if has(w, '@')|has(w, '?') != 0 {
			m |= hot | marked
		}
		if w&highs != 0 || before+digits >= fewDigits {
			m |= hot
		}
		before = digits
		i += n
		if n == 8 {
			continue
		}
		if b[i] == '"' {
			return m
		}
		// What is escaped may be anything: \u0040 is an @. The byte after the backslash is not the string's end.
		m |= escaped
		if i+1 < len(b) && b[i+1] == 'u' {
			m |= hot | marked
		}
		i += 2
	}
	return m | q.marks | hot | marked
}

// fail ends the pass: the text is no JSON.
func (s *scan) fail() {
	s.bad = true
	s.i = len(s.b)
}

// next skips white space and returns the byte at i, or 0 at the end.
func (s *scan) next() byte {
	for s.i < len(s.b) {
		if c := s.b[s.i]; c > ' ' {
			return c
		} else if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			break
		}
		s.i++
	}
	return 0
}

// member reads the next name of an object, whose brace or last value was read, and goes to its value. false: it ended.
func (s *scan) member() (quoted, bool) {
	c := s.next()
	if c == ',' || c == '{' {
		s.i++
		c = s.next()
	}
	if c != '"' {
		if c == '}' {
			s.i++
		} else {
			s.fail()
		}
		return quoted{}, false
	}
	q := s.text()
	if s.next() != ':' {
		s.fail()
		return q, false
	}
	s.i++
	s.next()
	return q, !s.bad
}

// element goes to the next value of an array. false: it ended.
func (s *scan) element() bool {
	c := s.next()
	if c == ',' || c == '[' {
		s.i++
		c = s.next()
	}
	if c == ']' {
		s.i++
		return false
	}
	if c == 0 {
		s.fail()
	}
	return !s.bad
}

// skip reads a value and looks at nothing in it.
func (s *scan) skip() {
	switch s.next() {
	case '"':
		s.text()
	case '{', '[':
		end, quote, ok := s.x.Match(s.b, s.i)
		if !ok {
			s.fail()
			return
		}
		s.i, s.quote = end, quote
	case ',', ':':
		s.i++
	case '}', ']', 0:
		s.fail()
	default:
		s.literal()
	}
}

// literal reads a number, true, false or null.
func (s *scan) literal() (start int) {
	start = s.i
	s.i = s.x.Delimiter(s.i)
	return start
}
