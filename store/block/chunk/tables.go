package chunk

import (
	"github.com/cespare/xxhash/v2"
)

// seenTable remembers roughly which hashes it has seen lately, and how often.
type seenTable struct{ slots []uint32 }

func (s *seenTable) reset() {
	if s.slots == nil {
		s.slots = make([]uint32, seenLen)
	}
	clear(s.slots)
}

// add counts the hash and returns how often it was seen, this time included.
func (s *seenTable) add(h uint64) int {
	p := &s.slots[h%seenLen]
	print := uint32(h>>32)<<8 | 0xFF
	if *p|0xFF != print || *p&0xFF == 0 {
		*p = print&^0xFF | 1
		return 1
	}
	if *p&0xFF < 0xFF {
		*p++
	}
	return int(*p & 0xFF)
}

// count is what add would return, less this time.
func (s *seenTable) count(h uint64) int {
	p := s.slots[h%seenLen]
	if p|0xFF != uint32(h>>32)<<8|0xFF {
		return 0
	}
	return int(p & 0xFF)
}

// constTable finds the constants of all columns by their text.
type constTable struct {
	slots []constSlot
	n     int
}

type constSlot struct {
	hash uint64 // 0: free
	col  int32
	form int32
}

func (t *constTable) reset() {
	if t.slots == nil {
		t.slots = make([]constSlot, 1024)
	}
	clear(t.slots)
	t.n = 0
}

func constHash(col int32, text []byte) uint64 {
	h := xxhash.Sum64(text) ^ uint64(col)*0x9e3779b97f4a7c15
	if h == 0 {
		return 1
	}
	return h
}

func (t *constTable) add(col, form int32, text []byte) {
	if 2*t.n >= len(t.slots) {
		old := t.slots
		t.slots = make([]constSlot, 2*len(old))
		for _, s := range old {
			if s.hash != 0 {
				t.put(s)
			}
		}
	}
	t.put(constSlot{constHash(col, text), col, form})
	t.n++
}

func (t *constTable) put(s constSlot) {
	for i := s.hash; ; i++ {
		if p := &t.slots[i%uint64(len(t.slots))]; p.hash == 0 {
			*p = s
			return
		}
	}
}

// find returns the form of the column that may be text, or -1.
func (t *constTable) find(col int32, hash uint64) int32 {
	for i := hash; ; i++ {
		p := &t.slots[i%uint64(len(t.slots))]
		if p.hash == 0 {
			return -1
		}
		if p.hash == hash && p.col == col {
			return p.form
		}
	}
}
