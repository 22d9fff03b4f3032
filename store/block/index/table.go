package index

import (
	"math"
	"strings"

	"github.com/roentgen/roentgen"
)

// table keeps the fields and terms that a Builder has met. A value is copied when it is first met, because rows share
// memory with whole documents; after that a term is found without allocation, and what was met a moment ago without
// hashing: most values of a service are few.
type table struct {
	fields []field
	terms  []term
	slots  []uint32 // of a hash table: index of the term and 1; 0 is free. A power of two, at most half full
	arena  []byte   // the texts
	keys   map[string]uint32
	recent [64]recentKey     // by keySlot
	fixed  [codeCount]uint32 // index of the field and 1
	nodes  [64]recentNode    // by name
}

// recentKey is an annotation key and its field.
type recentKey struct {
	key   string
	field uint32
}

// field is one thing that traces are asked for.
type field struct {
	code   code
	own    bool   // an annotation key that has a field in what is written
	key    string // of codeAnnotation
	seed   uint64
	rest   uint32              // the term of the rows that have values which are hashed only
	recent [recentTerms]uint32 // terms and 1
}

// recentTerms is how many terms of a field are found without hashing. A power of two.
const recentTerms = 8

// term is a value of a field.
type term struct {
	hash  uint64
	field uint32
	last  uint32 // the last row that has it, and 1
	count uint32 // rows
	// Where a text stands in the arena; of a number the halves of its bits; of a boolean 0 and 1 for true; of an edge
	// the terms of its nodes.
	a, b uint32
	kind termKind
}

type termKind uint8

const (
	textTerm = termKind(roentgen.StringValue)
	numTerm  = termKind(roentgen.NumberValue)
	boolTerm = termKind(roentgen.BoolValue)
	edgeTerm = termKind(254)
	restTerm = termKind(255)
)

const (
	firstSlots = 1 << 10
	keptSlots  = 1 << 17
)

func newTable() table {
	return table{slots: make([]uint32, firstSlots), keys: map[string]uint32{}}
}

// reset forgets everything but the memory, and that too where there were uncommonly many terms.
func (t *table) reset() {
	if len(t.slots) > keptSlots || cap(t.arena) > maxValueBytes/4 {
		*t = newTable()
		return
	}
	t.fields, t.terms, t.arena = t.fields[:0], t.terms[:0], t.arena[:0]
	clear(t.slots)
	clear(t.keys)
	t.recent, t.nodes = [len(t.recent)]recentKey{}, [len(t.nodes)]recentNode{}
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

// textSlot tells texts apart that are not empty, well enough for a place among n, a power of two.
func textSlot(s string, n int) int {
	return (len(s) + 5*int(s[len(s)-1]) + 3*int(s[len(s)/2])) & (n - 1)
}

// keyField returns the field of an annotation key. It is false where the key is new and there are terms enough.
func (t *table) keyField(key string, room bool) (uint32, bool) {
	slot := 0
	if key != "" {
		slot = textSlot(key, len(t.recent))
	}
	if r := &t.recent[slot]; r.key == key && key != "" {
		return r.field, true
	}
	at, ok := t.keys[key]
	if !ok {
		if !room {
			return 0, false
		}
		key = strings.Clone(key)
		at = t.addField(codeAnnotation, key)
		t.keys[key] = at
	}
	t.recent[slot] = recentKey{t.fields[at].key, at}
	return at, true
}

// text finds a term, and makes it where there is room. Where there is none the hash is what remains.
func (t *table) text(f uint32, s string, room bool) (at uint32, hash uint64, ok bool) {
	slot := 0
	if s != "" {
		slot = textSlot(s, recentTerms)
	}
	if at := t.fields[f].recent[slot]; at != 0 && t.isText(at-1, f, s) {
		return at - 1, 0, true
	}
	hash = hashText(t.fields[f].seed, s)
	at, ok = t.hashedText(f, hash, s, room)
	if ok {
		t.fields[f].recent[slot] = at + 1
	}
	return at, hash, ok
}

func (t *table) isText(at, f uint32, s string) bool {
	m := &t.terms[at]
	return m.field == f && m.kind == textTerm && string(t.arena[m.a:m.a+m.b]) == s
}

func (t *table) hashedText(f uint32, hash uint64, s string, room bool) (at uint32, ok bool) {
	slot := t.slot(hash)
	for ; t.slots[slot] != 0; slot = t.next(slot) {
		if at := t.slots[slot] - 1; t.terms[at].hash == hash && t.isText(at, f, s) {
			return at, true
		}
	}
	if !room || len(t.arena)+len(s) > maxValueBytes {
		return 0, false
	}
	off := len(t.arena)
	t.arena = append(t.arena, s...)
	return t.add(slot, term{hash: hash, field: f, kind: textTerm, a: uint32(off), b: uint32(len(s))}), true
}

// pair is text for a value of two halves.
func (t *table) pair(f uint32, kind termKind, a, b uint32, room bool) (at uint32, hash uint64, ok bool) {
	quick := (a + b + b>>13) & (recentTerms - 1)
	if at := t.fields[f].recent[quick]; at != 0 && t.isPair(at-1, f, kind, a, b) {
		return at - 1, 0, true
	}
	hash = hashTerm(t.fields[f].seed, kind, a, b)
	slot := t.slot(hash)
	for ; t.slots[slot] != 0; slot = t.next(slot) {
		if at := t.slots[slot] - 1; t.isPair(at, f, kind, a, b) {
			t.fields[f].recent[quick] = at + 1
			return at, hash, true
		}
	}
	if !room {
		return 0, hash, false
	}
	at = t.add(slot, term{hash: hash, field: f, kind: kind, a: a, b: b})
	t.fields[f].recent[quick] = at + 1
	return at, hash, true
}

func (t *table) isPair(at, f uint32, kind termKind, a, b uint32) bool {
	m := &t.terms[at]
	return m.a == a && m.b == b && m.field == f && m.kind == kind
}

// hashTerm is hashValue for halves. That of an edge stays in the table.
func hashTerm(seed uint64, kind termKind, a, b uint32) uint64 {
	if kind == boolTerm {
		return hashBool(seed, b == 1)
	}
	return hashNumber(seed, uint64(b)<<32|uint64(a))
}

func (t *table) slot(hash uint64) uint32 { return uint32(hash) & uint32(len(t.slots)-1) }

func (t *table) next(slot uint32) uint32 { return (slot + 1) & uint32(len(t.slots)-1) }

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
			slot = t.next(slot)
		}
		t.slots[slot] = uint32(i + 1)
	}
}

// textOf returns a text, which shares memory with the table.
func (t *table) textOf(m *term) []byte { return t.arena[m.a : m.a+m.b] }

func numberOf(m *term) float64 { return math.Float64frombits(uint64(m.b)<<32 | uint64(m.a)) }

// recentNode is a node and its term.
type recentNode struct {
	nodeValue
	term uint32
	ok   bool
}

// is says whether it is the node of a row.
func (r *recentNode) is(n *roentgen.NodeRow, account string) bool {
	if !r.ok || r.ServiceID != n.ServiceID || len(r.Names) != len(n.Names) || n.AccountID == "" && r.owner != account {
		return false
	}
	for i := range n.Names {
		if n.Names[i] != r.Names[i] {
			return false
		}
	}
	return true
}

// node finds the term of a node; see text.
func (t *table) node(f uint32, n *roentgen.NodeRow, account string, spare []byte, room bool) (at uint32, ok bool, used []byte) {
	slot := len(n.Type) & (len(t.nodes) - 1)
	if n.Name != "" {
		slot = (slot + textSlot(n.Name, len(t.nodes))) & (len(t.nodes) - 1)
	}
	r := &t.nodes[slot]
	if r.is(n, account) {
		return r.term, true, spare
	}
	spare = appendNode(spare[:0], n, account)
	at, _, ok = t.text(f, string(spare), room)
	if ok {
		v, _ := parseNode(string(t.textOf(&t.terms[at])), nil)
		*r = recentNode{v, at, true}
	}
	return at, ok, spare
}
