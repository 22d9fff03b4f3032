package index

import (
	"encoding/binary"
	"math"
)

// The first bytes of the parts, and the version of their layout.
const (
	indexMagic   = "RGIX"
	summaryMagic = "RGSM"
	version      = 1
)

// Encode appends the index part.
func (b *Builder) Encode(dst []byte) []byte {
	d := b.draft()
	from := len(dst)
	b.pack.plain, b.pack.opened = false, 0
	dst = d.encode(dst)
	if b.pack.opened > unpackTimes*(len(dst)-from)+unpackMore {
		b.pack.plain = true
		dst = d.encode(dst[:from])
	}
	return dst
}

func (d *draft) encode(dst []byte) []byte {
	dst = append(append(dst, indexMagic...), version)
	dst = binary.AppendUvarint(dst, uint64(len(d.b.rows)))
	dst = d.columns(dst)
	dst = d.flags(dst)
	dst = d.dues(dst)
	dst = d.members(dst)
	dst = d.inverted(dst)
	return d.hashes(dst)
}

// columns writes ids and numbers.
func (d *draft) columns(dst []byte) []byte {
	b := d.b
	for i := range b.rows {
		dst = append(dst, b.rows[i].ID[len(b.rows[i].ID)-idBytes:]...)
	}
	if len(b.rows) > 0 {
		dst = binary.AppendVarint(dst, int64(b.rows[0].Start))
	}
	values, spare := make([]int64, len(b.rows)), make([]byte, 0, len(b.rows))
	for _, of := range columnsOf {
		for i := range b.rows {
			values[i] = of(b, i)
		}
		dst, spare = b.pack.appendColumn(dst, values, spare)
	}
	return dst
}

// columnsOf are the columns in the order in which they are written.
var columnsOf = [...]func(b *Builder, i int) int64{
	columnStart: func(b *Builder, i int) int64 { // how much earlier than the row before
		if i == 0 {
			return 0
		}
		return int64(b.rows[i-1].Start - b.rows[i].Start)
	},
	columnID: func(b *Builder, i int) int64 { // the first four bytes, against the second in which the trace starts
		id := &b.rows[i].ID
		return int64(binary.BigEndian.Uint32(id[:]) ^ second(int64(b.rows[i].Start)))
	},
	columnSpan: func(b *Builder, i int) int64 {
		if b.rows[i].End == 0 {
			return 0
		}
		return int64(b.rows[i].End - b.rows[i].Start)
	},
	columnUpdated:    func(b *Builder, i int) int64 { return int64(b.rows[i].Updated - b.rows[i].Start) },
	columnFirst:      func(b *Builder, i int) int64 { return int64(b.rows[i].Updated - b.rows[i].First) },
	columnDocuments:  func(b *Builder, i int) int64 { return int64(b.rows[i].Documents) },
	columnSuperseded: func(b *Builder, i int) int64 { return int64(b.rows[i].Revision - b.rows[i].Documents) },
	columnBytes:      func(b *Builder, i int) int64 { return int64(b.rows[i].Bytes) },
	columnAlso:       func(b *Builder, i int) int64 { return int64(b.rows[i].AllBytes - b.rows[i].Bytes) },
	columnRespond:    func(b *Builder, i int) int64 { return b.respond[i] },
}

const (
	columnStart = iota
	columnID
	columnSpan
	columnUpdated
	columnFirst
	columnDocuments
	columnSuperseded
	columnBytes
	columnAlso
	columnRespond
)

func second(nanoseconds int64) uint32 { return uint32(nanoseconds / 1e9) }

// flags writes the rows of each.
func (d *draft) flags(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, flagCount)
	rows := make([]uint32, 0, len(d.b.rows))
	for f := range flagCount {
		rows = rows[:0]
		for i, have := range d.b.flags {
			if have>>f&1 != 0 {
				rows = append(rows, uint32(i))
			}
		}
		dst = d.posting(dst, rows)
	}
	return dst
}

func (d *draft) dues(dst []byte) []byte {
	var rows []uint32
	for i := range d.b.rows {
		if d.b.rows[i].Due != 0 {
			rows = append(rows, uint32(i))
		}
	}
	dst = d.posting(dst, rows)
	for _, row := range rows {
		dst = binary.AppendVarint(dst, int64(d.b.rows[row].Due))
	}
	return dst
}

// posting writes a list by itself: its count, its length in bytes, its bytes.
func (d *draft) posting(dst []byte, rows []uint32) []byte {
	d.spare = appendPosting(d.spare[:0], rows, len(d.b.rows))
	list := d.spare
	dst = binary.AppendUvarint(dst, uint64(len(rows)))
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	return append(dst, list...)
}

func (d *draft) members(dst []byte) []byte {
	order, rows := d.b.memberRows()
	dst = binary.AppendUvarint(dst, uint64(len(order)))
	for _, at := range order {
		dst = appendText(dst, d.b.members[at].Group)
		dst = binary.AppendUvarint(dst, d.b.members[at].Version)
		dst = d.posting(dst, rows[at])
	}
	return dst
}

// inverted writes the fields: one section with their values, one with all posting lists.
func (d *draft) inverted(dst []byte) []byte {
	w := fieldWriter{d: d}
	w.words = binary.AppendUvarint(w.words, uint64(len(d.fields)))
	overflow := byte(0)
	if d.overflow {
		overflow = 1
	}
	w.words = append(w.words, overflow)
	values := 0
	for i := range d.fields {
		values += len(d.fields[i].values)
	}
	w.words = binary.AppendUvarint(w.words, uint64(values))
	for i := range d.fields {
		w.field(&d.fields[i])
	}
	dst = d.b.pack.section(dst, w.words)
	return d.b.pack.section(dst, w.lists)
}

type fieldWriter struct {
	d            *draft
	words, lists []byte
}

func (w *fieldWriter) field(f *draftField) {
	of := &w.d.b.table.fields[f.field]
	cut := byte(0)
	if f.cut {
		cut = 1
	}
	w.words = append(w.words, byte(of.code), cut)
	if of.code == codeAnnotation {
		w.words = appendText(w.words, of.key)
	}
	w.list(f.has)
	w.list(f.rest)
	w.words = binary.AppendUvarint(w.words, uint64(len(f.values)))
	for _, m := range f.values {
		w.value(of.code, m)
		w.list(w.d.rowsOf(m))
	}
}

// list writes a posting list: its count and its length to words, its bytes to lists.
func (w *fieldWriter) list(rows []uint32) {
	from := len(w.lists)
	w.lists = appendPosting(w.lists, rows, len(w.d.b.rows))
	w.words = binary.AppendUvarint(w.words, uint64(len(rows)))
	w.words = binary.AppendUvarint(w.words, uint64(len(w.lists)-from))
}

// How a value is written.
const (
	valueText  = iota // length, bytes
	valueFloat        // 8 bytes
	valueInt          // a signed varint
	valueFalse
	valueTrue
	valueEdge // places of two nodes among the values of their field
)

func (w *fieldWriter) value(c code, at uint32) {
	t := &w.d.b.table
	m := &t.terms[at]
	switch {
	case c == codeEdge:
		place := w.d.place(at)
		w.words = binary.AppendUvarint(append(w.words, valueEdge), uint64(place[0]))
		w.words = binary.AppendUvarint(w.words, uint64(place[1]))
	case m.kind == textTerm:
		w.words = binary.AppendUvarint(append(w.words, valueText), uint64(m.b))
		w.words = append(w.words, t.textOf(m)...)
	case m.kind == boolTerm:
		w.words = append(w.words, valueFalse+byte(m.b))
	default:
		w.number(numberOf(m))
	}
}

func (w *fieldWriter) number(n float64) {
	if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
		w.words = binary.AppendVarint(append(w.words, valueInt), int64(n))
		return
	}
	w.words = binary.LittleEndian.AppendUint64(append(w.words, valueFloat), math.Float64bits(n))
}

// hashes writes the hashed terms: how much each hash is above the one before, and the rows.
func (d *draft) hashes(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(d.hashed)))
	steps, rows := make([]int64, len(d.hashed)), make([]int64, len(d.hashed))
	before := uint64(0)
	for i, h := range d.hashed {
		steps[i], rows[i] = int64(h>>32-before), int64(h&math.MaxUint32)
		before = h >> 32
	}
	dst, spare := d.b.pack.appendColumn(dst, steps, nil)
	dst, _ = d.b.pack.appendColumn(dst, rows, spare)
	return dst
}
