package index

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/roentgen/roentgen"
)

// inverted is the inverted index of a block.
type inverted struct {
	text     string // the directory: a text, so that values are texts without being copied
	lists    []byte
	overflow bool
	fixed    [codeCount]*fieldIndex
	keys     map[string]*fieldIndex
	values   []value // of all fields
	// The hashed terms: hashes ascending, and their rows.
	hashes []uint32
	hashed column
}

// fieldIndex is one field.
type fieldIndex struct {
	code      code
	cut       bool
	has, rest posting
	values    []value // ascending
}

// value is one value of a field: where it stands in words, and its rows.
type value struct {
	kind           byte
	at, len        uint32 // in the directory
	count          uint32 // rows
	lists, listLen uint32 // in the lists
}

func (v *inverted) read(r *reader, rows int) {
	words := r.section()
	v.lists = r.section()
	if r.err == nil {
		v.text = string(words)
		v.fields(r, words, rows)
	}
	n := r.count(math.MaxInt32)
	steps := r.column(n)
	v.hashed = r.column(n)
	if r.err != nil {
		return
	}
	if r.room -= 4 * n; r.room < 0 {
		r.fail("there are more hashed terms than its part could hold")
		return
	}
	v.hashes = make([]uint32, n)
	at := uint32(0)
	for i := range v.hashes {
		at += uint32(steps.get(i))
		v.hashes[i] = at
	}
	if !slices.IsSorted(v.hashes) {
		r.fail("hashed terms are not in order")
	}
}

// fields reads the directory. Its lists are decoded when they are asked for.
func (v *inverted) fields(r *reader, words []byte, rows int) {
	w := &reader{part: r.part, b: words}
	lists := &reader{part: r.part, b: v.lists}
	v.keys = map[string]*fieldIndex{}
	n := w.count(len(words))
	v.overflow = w.byte() != 0
	v.values = make([]value, 0, w.count(len(words)))
	for range n {
		f := &fieldIndex{code: code(w.byte()), cut: w.byte() != 0}
		switch {
		case f.code == codeAnnotation:
			v.keys[w.string()] = f
		case f.code == 0 || f.code >= codeCount:
			w.fail("a field is about nothing")
		default:
			v.fixed[f.code] = f
		}
		f.has, f.rest = w.list(lists, rows), w.list(lists, rows)
		v.readValues(w, lists, f, rows)
		if w.err != nil || lists.err != nil {
			break
		}
	}
	if w.err == nil && w.at != len(words) {
		w.fail("fields end before their section does")
	}
	if w.err != nil || lists.err != nil {
		r.fail("the directory of fields is damaged")
	}
}

func (r *reader) list(lists *reader, rows int) posting {
	return posting{count: r.count(rows), bytes: lists.bytes(r.count(len(lists.b)))}
}

func (v *inverted) readValues(w, lists *reader, f *fieldIndex, rows int) {
	n := w.count(len(w.b))
	from := len(v.values)
	if n > cap(v.values)-from {
		w.fail("there are more values than it says")
	}
	for range n {
		val := value{kind: w.byte(), at: uint32(w.at)}
		switch val.kind {
		case valueText:
			size := w.count(len(w.b))
			val.at = uint32(w.at)
			w.bytes(size)
		case valueFloat:
			w.bytes(8)
		case valueInt:
			w.varint()
		case valueEdge:
			w.uvarint()
			w.uvarint()
		case valueFalse, valueTrue:
		default:
			w.fail("a value is of no kind")
		}
		val.len = uint32(w.at) - val.at
		val.lists = uint32(lists.at)
		list := w.list(lists, rows)
		val.count, val.listLen = uint32(list.count), uint32(len(list.bytes))
		if w.err != nil || lists.err != nil {
			return
		}
		v.values = append(v.values, val)
	}
	f.values = v.values[from:len(v.values):len(v.values)]
}

func (v *inverted) sizeOf() int {
	return len(v.text) + cap(v.values)*24 + 4*len(v.hashes) + 96*len(v.keys)
}

// listOf returns the rows of a value.
func (v *inverted) listOf(val *value) posting {
	return posting{int(val.count), v.lists[val.lists : val.lists+val.listLen]}
}

func (v *inverted) textOf(val *value) string { return v.text[val.at : val.at+val.len] }

// valueOf returns a value that is no edge.
func (v *inverted) valueOf(val *value) roentgen.AnnotationValue {
	switch val.kind {
	case valueFloat:
		return roentgen.AnnotationValue{Kind: roentgen.NumberValue, Number: math.Float64frombits(binary.LittleEndian.Uint64([]byte(v.textOf(val))))}
	case valueInt:
		n, _ := binary.Varint([]byte(v.textOf(val)))
		return roentgen.AnnotationValue{Kind: roentgen.NumberValue, Number: float64(n)}
	case valueFalse, valueTrue:
		return roentgen.AnnotationValue{Kind: roentgen.BoolValue, Bool: val.kind == valueTrue}
	}
	return roentgen.AnnotationValue{Kind: roentgen.StringValue, String: v.textOf(val)}
}

// edgeOf returns the places of the nodes of an edge.
func (v *inverted) edgeOf(val *value) (from, to uint64) {
	b := []byte(v.textOf(val))
	from, n := binary.Uvarint(b)
	to, _ = binary.Uvarint(b[max(n, 0):])
	return from, to
}

// withHash adds the rows that have a hashed term.
func (v *inverted) withHash(hash uint64, to rowSet, rows int) {
	want := uint32(hash >> 32)
	at, _ := slices.BinarySearch(v.hashes, want)
	for ; at < len(v.hashes) && v.hashes[at] == want; at++ {
		if row := v.hashed.get(at); row >= 0 && row < int64(rows) {
			to.add(uint32(row))
		}
	}
}
