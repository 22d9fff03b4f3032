package redact

import (
	"encoding/binary"
	"math/bits"
)

// documentByBytes is Redactor.Document as it was before there were indexes: what the one does to any bytes the other has to.
func documentByBytes(r *Redactor, doc []byte) (out []byte, c Counts) {
	s := scalar{r: r, b: doc}
	s.document()
	s.close()
	if s.bad || s.c == (Counts{}) {
		return doc, Counts{}
	}
	return append(s.out, doc[s.from:]...), s.c
}

// scalar is one pass, byte by byte and without an index, over one document. What it changes is copied to out, once there is something to change.
type scalar struct {
	r    *Redactor
	b    []byte
	i    int    // next byte to read
	out  []byte // the document so far, up to from
	from int
	c    Counts
	bad  bool // no JSON

	sqlBlock int  // where the sql block at hand begins; 0: there is none
	names    bool // in the statement at hand, double quotes hold names

	scratch *scratch // nil until needed
}

// memory takes what the last document left, or another one's where several are at work.
func (s *scalar) memory() *scratch {
	if s.scratch == nil {
		s.scratch = s.r.free.Swap(nil)
	}
	if s.scratch == nil {
		s.scratch = scratches.Get().(*scratch)
	}
	return s.scratch
}

func (s *scalar) close() {
	m := s.scratch
	s.scratch = nil
	if m == nil || cap(m.text) > maxScratch || cap(m.key) > maxScratch || cap(m.hits) > maxScratch/64 {
		return
	}
	if !s.r.free.CompareAndSwap(nil, m) {
		scratches.Put(m)
	}
}

// replace puts text in place of b[start:end].
func (s *scalar) replace(start, end int, text string) {
	if s.from == 0 && cap(s.out) < len(s.b) {
		s.out = make([]byte, 0, len(s.b)+64)
	}
	s.out = append(append(s.out, s.b[s.from:start]...), text...)
	s.from = end
}

// text reads the string at i, looking for what may be personal data on the way.
func (s *scalar) text() (q quoted) {
	b, i := s.b, s.i+1
	q.start = i
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
			q.marks |= hot | marked
		}
		if w&highs != 0 || before+digits >= fewDigits {
			q.marks |= hot
		}
		before = digits
		i += n
		if n == 8 {
			continue
		}
		if b[i] == '"' {
			q.end, s.i = i, i+1
			return q
		}
		// What is escaped may be anything: \u0040 is an @. The byte after the backslash is not the string's end.
		q.marks |= escaped
		if i+1 < len(b) && b[i+1] == 'u' {
			q.marks |= hot | marked
		}
		i += 2
	}
	return s.tail(q, i)
}

// tail reads the rest of a string within the last bytes of the document.
func (s *scalar) tail(q quoted, i int) quoted {
	q.marks |= hot | marked
	for ; i < len(s.b); i++ {
		switch s.b[i] {
		case '"':
			q.end, s.i = i, i+1
			return q
		case '\\':
			q.marks |= escaped
			i++
		}
	}
	s.fail()
	q.end = q.start
	return q
}

// name reads the string at i and looks at nothing in it.
func (s *scalar) name() (q quoted) {
	b, i := s.b, s.i+1
	q.start = i
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		ends := has(w, '"') | has(w, '\\')
		if ends == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(ends) / 8
		if b[i] == '"' {
			q.end, s.i = i, i+1
			return q
		}
		q.marks |= escaped
		i += 2
	}
	return s.tail(q, i)
}

// fail ends the pass: the text is no JSON.
func (s *scalar) fail() {
	s.bad = true
	s.i = len(s.b)
}

// next skips white space and returns the byte at i, or 0 at the end.
func (s *scalar) next() byte {
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
func (s *scalar) member() (quoted, bool) {
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
	q := s.name()
	if s.next() != ':' {
		s.fail()
		return q, false
	}
	s.i++
	s.next()
	return q, !s.bad
}

// element goes to the next value of an array. false: it ended.
func (s *scalar) element() bool {
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
func (s *scalar) skip() {
	for depth := 0; ; {
		switch s.next() {
		case '"':
			s.name()
		case '{', '[':
			depth++
			s.i++
		case '}', ']':
			depth--
			s.i++
		case ',', ':':
			s.i++
		case 0:
			s.fail()
		default:
			s.literal()
		}
		if depth <= 0 || s.bad {
			if depth < 0 {
				s.fail()
			}
			return
		}
	}
}

// literal reads a number, true, false or null.
func (s *scalar) literal() (start int) {
	start = s.i
	for s.i < len(s.b) {
		if c := s.b[s.i]; c <= ' ' || c == ',' || c == '}' || c == ']' || c == ':' || c == '"' || c == '{' || c == '[' {
			break
		}
		s.i++
	}
	return start
}
