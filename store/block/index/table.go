package index

import (
	"encoding/binary"
	"math"

	"github.com/roentgen/roentgen"
)

// table keeps the fields and terms that a Builder has met. A value is copied when it is first met, because rows share
// memory with whole documents; after that a term is found without allocation.
type table struct {
	fields []field
	terms  []term
	slots  []uint32 // of a hash table: index of the term and 1; 0 is free. A power of two, at most half full
	arena  []byte   // the values
	keys   map[string]uint32
	fixed  [codeCount]uint32 // index of the field and 1
}

// field is one thing that traces are asked for.
type field struct {
	code code
	key  string // of codeAnnotation
	seed uint64
	// rest is the term of the rows that have values which are hashed only.
	rest uint32
	// own is true of an annotation key that has a field in what is written.
	own bool
}

// term is a value of a field.
type term struct {
	hash     uint64
	field    uint32
	last     uint32 // the last row that has it, and 1
	count    uint32 // rows
	off, len uint32 // of the value in the arena
	kind     termKind
}

type termKind uint8

const (
	textTerm = termKind(roentgen.StringValue)
	numTerm  = termKind(roentgen.NumberValue) // 8 bytes of the arena
	boolTerm = termKind(roentgen.BoolValue)   // len is 1 for true
	restTerm = termKind(255)
)

const firstSlots = 1 << 10

func newTable() table {
	return table{slots: make([]uint32, firstSlots), keys: map[string]uint32{}}
}

// reset forgets everything but the memory.
func (t *table) reset() {
	t.fields, t.terms, t.arena = t.fields[:0], t.terms[:0], t.arena[:0]
	clear(t.slots)
	clear(t.keys)
	t.fixed = [codeCount]uint32{}
}

// fixedField returns the field of a code without a key.
func (t *table) fixedField(c code) uint32 {
	if at := t.fixed[c]; at != 0 {
		return at - 1
	}
	t.fixed[c] = t.addField(c, "") + 1
	return t.fixed[c] - 1
}

func (t *table) addField(c code, key string) uint32 {
	t.terms = append(t.terms, term{kind: restTerm, field: uint32(len(t.fields))})
	t.fields = append(t.fields, field{code: c, key: key, seed: fieldSeed(c, key), rest: uint32(len(t.terms) - 1)})
	return uint32(len(t.fields) - 1)
}

// keyField returns the field of an annotation key. It is false where the key is new and there are terms enough.
func (t *table) keyField(key string, room bool) (uint32, bool) {
	if at, ok := t.keys[key]; ok {
		return at, true
	}
	if !room {
		return 0, false
	}
	key = string(append([]byte(nil), key...))
	at := t.addField(codeAnnotation, key)
	t.keys[key] = at
	return at, true
}

// findText finds a term, and makes it where there is room.
func findText[S string | []byte](t *table, f uint32, hash uint64, s S, room bool) (at uint32, ok bool) {
	slot := t.slot(hash)
	for ; t.slots[slot] != 0; slot = (slot + 1) & uint32(len(t.slots)-1) {
		m := &t.terms[t.slots[slot]-1]
		if m.hash == hash && m.field == f && m.kind == textTerm && string(t.arena[m.off:m.off+m.len]) == string(s) {
			return t.slots[slot] - 1, true
		}
	}
	if !room || len(t.arena)+len(s) > maxValueBytes {
		return 0, false
	}
	off := len(t.arena)
	t.arena = append(t.arena, s...)
	return t.add(slot, term{hash: hash, field: f, kind: textTerm, off: uint32(off), len: uint32(len(s))}), true
}

// number and boolean are like findText.
func (t *table) number(f uint32, hash, bits uint64, room bool) (at uint32, ok bool) {
	slot := t.slot(hash)
	for ; t.slots[slot] != 0; slot = (slot + 1) & uint32(len(t.slots)-1) {
		m := &t.terms[t.slots[slot]-1]
		if m.hash == hash && m.field == f && m.kind == numTerm && binary.LittleEndian.Uint64(t.arena[m.off:]) == bits {
			return t.slots[slot] - 1, true
		}
	}
	if !room || len(t.arena)+8 > maxValueBytes {
		return 0, false
	}
	off := len(t.arena)
	t.arena = binary.LittleEndian.AppendUint64(t.arena, bits)
	return t.add(slot, term{hash: hash, field: f, kind: numTerm, off: uint32(off), len: 8}), true
}

func (t *table) boolean(f uint32, hash uint64, v bool, room bool) (at uint32, ok bool) {
	is := uint32(0)
	if v {
		is = 1
	}
	slot := t.slot(hash)
	for ; t.slots[slot] != 0; slot = (slot + 1) & uint32(len(t.slots)-1) {
		m := &t.terms[t.slots[slot]-1]
		if m.hash == hash && m.field == f && m.kind == boolTerm && m.len == is {
			return t.slots[slot] - 1, true
		}
	}
	if !room {
		return 0, false
	}
	return t.add(slot, term{hash: hash, field: f, kind: boolTerm, len: is}), true
}

func (t *table) slot(hash uint64) uint32 { return uint32(hash) & uint32(len(t.slots)-1) }

func (t *table) add(slot uint32, m term) uint32 {
	t.terms = append(t.terms, m)
	t.slots[slot] = uint32(len(t.terms))
	if 2*len(t.terms) > len(t.slots) {
		t.grow()
	}
	return uint32(len(t.terms) - 1)
}

func (t *table) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	for i := range t.terms {
		if t.terms[i].kind == restTerm {
			continue
		}
		slot := t.slot(t.terms[i].hash)
		for t.slots[slot] != 0 {
			slot = (slot + 1) & uint32(len(t.slots)-1)
		}
		t.slots[slot] = uint32(i + 1)
	}
}

// value returns the value of a term, which shares memory with the table.
func (t *table) value(m *term) []byte { return t.arena[m.off : m.off+m.len] }

func (t *table) numberOf(m *term) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(t.arena[m.off:]))
}
