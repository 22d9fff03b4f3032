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

const placeBits = 6

// place has a name, and its first and last eight bytes as numbers; of a shorter one all of it, above zeros, and nothing.
type place struct {
	head, tail uint64
	name       string
	inside     *vocabulary // of a block
	role       role
}

// nobody is the place of a name that has none. Never written.
var nobody place

// newVocabulary looks for the factor. Of the names, none are as long as another with the same first eight bytes.
func newVocabulary(names ...place) *vocabulary {
	for i := range names {
		p := &names[i]
		text := append([]byte(p.name), make([]byte, 8)...)
		p.head = headOf(text, uint(len(p.name)))
		if len(p.name) > 8 {
			p.tail = binary.LittleEndian.Uint64(text[len(p.name)-8:])
		}
	}
	v := &vocabulary{factor: 0x9e3779b97f4a7c15}
	for range 1 << 16 {
		if v.fill(names) {
			return v
		}
		v.factor = v.factor*0x5851f42d4c957f2d | 1
		v.places = [1 << placeBits]place{}
	}
	panic("redact: no two names of a vocabulary may have the same length and the same first eight bytes")
}

func (v *vocabulary) fill(names []place) bool {
	for _, p := range names {
		at := v.at(p.head, uint(len(p.name)))
		if at.name != "" {
			return false
		}
		*at = p
	}
	return true
}

func (v *vocabulary) at(head uint64, size uint) *place {
	return &v.places[(head+uint64(size))*v.factor>>(64-placeBits)]
}

// headOf returns the head of the name of that size that t begins with. t has eight bytes.
func headOf(t []byte, size uint) uint64 {
	head := binary.LittleEndian.Uint64(t)
	if size < 8 {
		head <<= 64 - 8*size
	}
	return head
}

// isTail says whether what is behind the first eight bytes of the name t[from:to] is that of p, which is as long.
func (p *place) isTail(t []byte, from, to uint) bool {
	size := to - from
	return size <= 8 || p.tail == binary.LittleEndian.Uint64(t[to-8:]) && (size <= 16 || p.name == string(t[from:to]))
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
