package wire

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/roentgen/roentgen/redact/structure"
)

// quickReader goes over a JSON text by its index. It does not write to the
// text. Behind the end it reads NUL, with which nothing begins; whoever gives
// up stands there, so that every loop ends by itself.
type quickReader struct {
	index
	made     []uint32         // memory of the index, where it was not known
	brackets *structure.Index // nil: not known
	text     []byte
	at       int  // next byte to read
	next     int  // next of the quotes
	odd      bool // it gave up
	spaced   bool // there was white space between tokens
	once     bool // it is known that no key stands twice

	depth, maxDepth int
	keys            []uint32 // of the open objects: which of the quotes begins each
	meanings        []byte   // of strings that were written with escapes, one behind the other
}

// begin stands at the beginning of text, whose index is x unless that has no
// quotes; false when that cannot be read.
func (q *quickReader) begin(text []byte, x index, maxDepth int) bool {
	ok := true
	if x.quotes == nil {
		x.quotes = q.made
		ok = x.make(text)
		q.made = x.quotes
	}
	*q = quickReader{index: x, made: q.made, text: text, once: q.once, maxDepth: maxDepth, keys: q.keys[:0], meanings: q.meanings[:0]}
	return ok
}

func (q *quickReader) peek() byte {
	if q.at < len(q.text) {
		return q.text[q.at]
	}
	return 0
}

func (q *quickReader) giveUp() { q.odd, q.at = true, len(q.text) }

// space skips white space.
func (q *quickReader) space() {
	for q.peek() <= ' ' {
		switch q.peek() {
		case ' ', '\t', '\n', '\r':
			q.at++
			q.spaced = true
		default:
			return
		}
	}
}

// list is the state of reading one object or array.
type list struct {
	key    []byte // of the member that was reached
	before byte   // what stands before the next: the bracket, then commas
	first  int    // index in keys of the object's first key
	seen   uint64 // one bit for each hash of a key so far
}

// enter begins the object or array at q.at, whose bracket the first member or
// element takes.
func (q *quickReader) enter() list {
	if q.depth++; q.depth > q.maxDepth {
		q.giveUp()
	}
	return list{before: q.peek(), first: len(q.keys)}
}

// member goes to the value of the next member; false at the end of the object.
// The caller reads that value, and declares o outside of its for, as for
// scanner.member.
func (q *quickReader) member(o *list) bool {
	b, i, next := q.text, q.at, q.next
	quotes := q.quotes[next : next+2]
	from, to := int(quotes[0])+1, int(quotes[1])
	if from != i+2 || to+2 >= len(b) || b[i] != o.before || b[to+1] != ':' || b[to+2] <= ' ' {
		return q.slowMember(o)
	}
	q.at, q.next = to+2, next+2
	key := b[from:to]
	o.before, o.key = ',', key
	if q.once {
		return true
	}
	bit := keyBit(b, from, to)
	seen := o.seen
	o.seen = seen | bit
	if seen&bit != 0 {
		q.compare(o)
	}
	q.keys = append(q.keys, uint32(next))
	return true
}

func (q *quickReader) slowMember(o *list) bool {
	if q.peek() == '}' && o.before == ',' {
		q.at++
		q.depth--
		q.closeObject(o)
		return false
	}
	if !q.step(o, '}') {
		q.closeObject(o)
		return false
	}
	from, to := int(q.quotes[q.next]), int(q.quotes[q.next+1])
	if from != q.at || to >= len(q.text) { // no key, or one with escapes
		q.giveUp()
		return false
	}
	q.at = to + 1
	q.space()
	if q.peek() != ':' {
		q.giveUp()
		return false
	}
	q.at++
	q.space()
	o.key = q.text[from+1 : to]
	q.note(o)
	q.next += 2
	return true
}

// note remembers the key that was reached and gives up on one that was there
// before, as scanner.note.
func (q *quickReader) note(o *list) {
	if q.once {
		return
	}
	bit := keyBit(q.text, int(q.quotes[q.next])+1, int(q.quotes[q.next+1]))
	if o.seen&bit != 0 {
		q.compare(o)
	}
	o.seen |= bit
	q.keys = append(q.keys, uint32(q.next))
}

// keyBit picks one of 64 bits by what tells the key text[from:to] apart, which
// stands between quotes: its first eight bytes, its last one and its length.
func keyBit(text []byte, from, to int) uint64 {
	var head uint64
	if from+8 <= len(text) {
		head = binary.LittleEndian.Uint64(text[from:])
	} else {
		var b [8]byte
		copy(b[:], text[from:])
		head = binary.LittleEndian.Uint64(b[:])
	}
	size := uint(to - from)
	if size < 8 {
		head <<= 64 - 8*size
	}
	return 1 << ((head + uint64(size) + uint64(text[to-1])<<5) * keyFactor >> 58)
}

// keyFactor is one by which no two names that X-Ray gives the members of one
// object share a bit.
const keyFactor = 0x23e87504784a9ca1

func (q *quickReader) compare(o *list) {
	if len(q.keys)-o.first >= sortedFrom {
		return
	}
	for _, k := range q.keys[o.first:] {
		if string(q.keyAt(k)) == string(o.key) {
			q.giveUp()
			return
		}
	}
}

func (q *quickReader) keyAt(quote uint32) []byte {
	return q.text[q.quotes[quote]+1 : q.quotes[quote+1]]
}

// closeObject looks for keys that stand twice in a large object.
func (q *quickReader) closeObject(o *list) {
	if keys := q.keys[o.first:]; len(keys) > sortedFrom {
		slices.SortFunc(keys, func(a, b uint32) int { return bytes.Compare(q.keyAt(a), q.keyAt(b)) })
		for i := 1; i < len(keys); i++ {
			if string(q.keyAt(keys[i-1])) == string(q.keyAt(keys[i])) {
				q.giveUp()
				break
			}
		}
	}
	q.keys = q.keys[:o.first]
}

// element goes to the next element; false at the end of the array. The caller
// reads that element.
func (q *quickReader) element(a *list) bool { return q.step(a, ']') }

// step takes what stands before the next member or element, or the bracket
// behind the last, and the white space around it.
func (q *quickReader) step(l *list, end byte) bool {
	q.space()
	first := l.before != ','
	if first {
		q.at++
		q.space()
	}
	switch c := q.peek(); {
	case q.odd:
		return false
	case c == end:
		q.at++
		q.depth--
		return false
	case first:
	case c == ',':
		q.at++
		q.space()
	default:
		q.giveUp()
		return false
	}
	l.before = ','
	return true
}

// bytes reads a string and returns what it means; nil when there is none.
func (q *quickReader) bytes() []byte {
	next := q.next
	quotes := q.quotes[next : next+2]
	from, to := int(quotes[0]), int(quotes[1])
	if from != q.at {
		q.skip()
		return nil
	}
	if to >= len(q.text) {
		return q.escaped()
	}
	q.at, q.next = to+1, next+2
	return q.text[from+1 : to]
}

// string is bytes as a string.
func (q *quickReader) string() string { return share(q.bytes()) }

// escaped reads a string with escapes.
func (q *quickReader) escaped() []byte {
	content := q.passEscapes()
	start := len(q.meanings)
	q.meanings = unescape(q.meanings, content)
	return q.meanings[start:len(q.meanings):len(q.meanings)]
}

// passString passes over the string at q.at.
func (q *quickReader) passString() {
	next := q.next
	quotes := q.quotes[next : next+2]
	from, to := int(quotes[0]), int(quotes[1])
	if from != q.at || to >= len(q.text) {
		q.passEscapes()
		return
	}
	q.at, q.next = to+1, next+2
}

// passEscapes passes over a string with escapes and returns what stands
// between its quotes; nil when one of them is none.
func (q *quickReader) passEscapes() []byte {
	from, to := int(q.quotes[q.next]), int(q.quotes[q.next+1]&^withEscapes)
	if from != q.at || to >= len(q.text) {
		q.giveUp()
		return nil
	}
	for i := from + 1; ; {
		n := bytes.IndexByte(q.text[i:to], '\\')
		if n < 0 {
			break
		}
		size := escapeLen(q.text[i+n:])
		if size == 0 {
			q.giveUp()
			return nil
		}
		i += n + size
	}
	q.at = to + 1
	q.next += 2
	return q.text[from+1 : to]
}

// essential reports whether a value stands here that begins with opener. null
// counts as absent; at anything else it gives up.
func (q *quickReader) essential(opener byte) bool {
	c := q.peek()
	if c != opener && c != 'n' {
		q.giveUp()
	}
	return c == opener
}

func (q *quickReader) essentialText() []byte {
	q.essential('"')
	return q.bytes()
}

// essentialFlag reads a boolean.
func (q *quickReader) essentialFlag() bool {
	switch q.peek() {
	case 't', 'f', 'n':
		return q.flag()
	}
	q.giveUp()
	return false
}

// flag reads a boolean.
func (q *quickReader) flag() bool {
	set := q.peek() == 't'
	q.skip()
	return set
}

// is reports whether the bracket stands here; anything else it skips.
func (q *quickReader) is(bracket byte) bool {
	if q.peek() == bracket {
		return true
	}
	q.skip()
	return false
}

// skip passes over any value.
func (q *quickReader) skip() {
	switch q.peek() {
	case '"':
		q.passString()
	case '{':
		o := q.enter()
		for q.member(&o) {
			if q.peek() == '"' { // most
				q.passString()
				continue
			}
			q.skip()
		}
	case '[':
		a := q.enter()
		for q.element(&a) {
			q.skip()
		}
	case 't':
		q.word("true")
	case 'f':
		q.word("false")
	case 'n':
		q.word("null")
	default:
		q.number()
	}
}

func (q *quickReader) word(word string) {
	end := q.at + len(word)
	if end > len(q.text) || string(q.text[q.at:end]) != word {
		q.giveUp()
		return
	}
	q.at = end
}
