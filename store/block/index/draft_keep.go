package index

import (
	"bytes"
	"cmp"
	"slices"
)

// What the values of a field may take, in bytes for each trace that has one, and in addition. Beyond that, only values
// that several traces share are worth their letters.
const (
	bytesPerRow   = 6
	bytesPerField = 1 << 10
	nodeBytes     = 64 << 10
	sharedRows    = 8
)

// keep divides the terms of a field into those that are kept and those that are hashed.
func (d *draft) keep(f *field, terms []uint32, rows int) (kept, left []uint32) {
	t := &d.b.table
	most, room := d.b.opt.MaxValues, bytesPerRow*rows+bytesPerField
	if f.code == codeNode || f.code == codeEdge {
		room += nodeBytes
	}
	need := 0
	for _, m := range terms {
		need += cost(&t.terms[m])
	}
	if len(terms) <= most && need <= room {
		return terms, nil
	}
	for _, m := range terms {
		if t.terms[m].count < sharedRows {
			left = append(left, m)
		} else {
			kept = append(kept, m)
		}
	}
	slices.SortFunc(kept, func(i, j uint32) int {
		return cmp.Or(cmp.Compare(t.terms[j].count, t.terms[i].count), d.compare(&t.terms[i], &t.terms[j]))
	})
	for i, m := range kept {
		if room -= cost(&t.terms[m]); room < 0 || i == most {
			return kept[:i:i], append(left, kept[i:]...)
		}
	}
	return kept, left
}

// cost is about what a value takes where it is kept, in bytes.
func cost(m *term) int {
	if m.kind == textTerm {
		return int(m.b) + 2
	}
	return 4
}

// compare orders terms of a field as roentgen.AnnotationValue.Compare does; edges by the terms of their nodes.
func (d *draft) compare(a, b *term) int {
	switch {
	case a.kind == numTerm && b.kind == numTerm:
		return cmp.Or(cmp.Compare(numberOf(a), numberOf(b)), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
	case a.kind == textTerm && b.kind == textTerm:
		return bytes.Compare(d.b.table.textOf(a), d.b.table.textOf(b))
	}
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
}

// has returns the rows of the terms, but for those of a boolean that is false: which Has does not count.
func (d *draft) has(terms []uint32) []uint32 {
	list := make([]uint32, 0, len(terms))
	for _, m := range terms {
		if t := &d.b.table.terms[m]; t.kind != boolTerm || t.b == 1 {
			list = append(list, m)
		}
	}
	return d.union(list)
}

// union returns the rows of the terms.
func (d *draft) union(terms []uint32) []uint32 {
	if len(terms) == 1 {
		return d.rowsOf(terms[0])
	}
	set := newRowSet(len(d.b.rows))
	for _, m := range terms {
		for _, row := range d.rowsOf(m) {
			set.add(row)
		}
	}
	list := make([]uint32, 0, set.count())
	set.each(func(row uint32) { list = append(list, row) })
	return list
}
