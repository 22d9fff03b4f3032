package redact

import "encoding/binary"

// role is what a name means among the members of one kind of object.
type role uint8

const (
	stranger role = iota // not of X-Ray's structure
	skipped              // structure that is never looked at
	block                // an object with names of its own
	subsegments
	links
	exceptions
	address // the URL of a request
	statement
	connection
)

// vocabulary is the names that one kind of object has, found by one multiplication and two comparisons. Never written
// once it was made.
type vocabulary struct {
	factor uint64 // with which no two names share a place
	places [1 << placeBits]place
}

const placeBits = 7

// place has a name, and its first and last eight bytes as numbers; of a shorter one all of it.
type place struct {
	head, tail uint64
	name       string
	role       role
	inside     *vocabulary // of a block
}

// nobody is the place of a name that has none. Never written.
var nobody place

// newVocabulary looks for the factor.
func newVocabulary(names ...place) *vocabulary {
	v := &vocabulary{factor: 0x9e3779b97f4a7c15}
	for !v.fill(names) {
		v.factor = v.factor*0x5851f42d4c957f2d | 1
		v.places = [1 << placeBits]place{}
	}
	return v
}

func (v *vocabulary) fill(names []place) bool {
	for _, p := range names {
		text := append([]byte(p.name), make([]byte, 8)...)
		p.head, p.tail = headAndTail(text, 0, uint(len(p.name)))
		at := &v.places[v.at(p.head, uint(len(p.name)))]
		if at.name != "" {
			return false
		}
		*at = p
	}
	return true
}

func (v *vocabulary) at(head uint64, size uint) uint64 {
	return (head + uint64(size)) * v.factor >> (64 - placeBits)
}

// headAndTail returns the first and the last eight bytes of t[from:to]; of less, all of it behind zeros, twice. There are
// eight bytes at least from from on.
func headAndTail(t []byte, from, to uint) (head, tail uint64) {
	head = binary.LittleEndian.Uint64(t[from:])
	if to-from < 8 {
		head <<= 64 - 8*(to-from)
		return head, head
	}
	return head, binary.LittleEndian.Uint64(t[to-8:])
}

// find finds the name t[from:to], in which there is no escape.
func (v *vocabulary) find(t []byte, from, to uint) *place {
	if from+8 > uint(len(t)) {
		return v.findAny(t[from:to])
	}
	head, tail := headAndTail(t, from, to)
	p := &v.places[v.at(head, to-from)]
	if p.head != head || p.tail != tail || uint(len(p.name)) != to-from || to-from > 16 && p.name != string(t[from:to]) {
		return &nobody
	}
	return p
}

// findAny finds any name.
func (v *vocabulary) findAny(name []byte) *place {
	for i := range v.places {
		if p := &v.places[i]; p.role != stranger && p.name == string(name) {
			return p
		}
	}
	return &nobody
}
