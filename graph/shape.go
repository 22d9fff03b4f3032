package graph

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
)

// A shape is what many tallies have in common: all of it but times. Tallies of
// one shape differ in the durations of its counts, in the same order, which are
// its columns.

// shapeKey appends t without its durations. It puts t in the order of a shape:
// by number and class, and then by duration, so that equal ones have one.
func shapeKey(dst []byte, t *Tally) []byte {
	dst = binary.AppendUvarint(dst, uint64(t.weight))
	for kind := range kinds {
		slices.SortFunc(t.marks[kind], func(a, b mark) int { return cmp.Compare(a.number, b.number) })
		dst = binary.AppendUvarint(dst, uint64(len(t.marks[kind])))
		before := uint32(0)
		for _, m := range t.marks[kind] {
			dst = binary.AppendUvarint(dst, uint64(m.number-before)<<3|flags(m.root, m.inferred, m.link))
			before = m.number
		}
	}
	for kind := range kinds {
		slices.SortFunc(t.counts[kind], count.compare)
		dst = binary.AppendUvarint(dst, uint64(len(t.counts[kind])))
		before := uint32(0)
		for _, n := range t.counts[kind] {
			dst = binary.AppendUvarint(dst, uint64(n.number-before)<<4|uint64(n.class)<<2|flags(n.took != absent, n.other != absent))
			before = n.number
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(t.also)))
	for _, a := range t.also {
		dst = binary.AppendUvarint(dst, uint64(a.kind))
		dst = binary.AppendUvarint(dst, uint64(a.of))
		dst = binary.AppendUvarint(dst, uint64(a.number))
	}
	return dst
}

// flags returns a number with a bit for each, the first the lowest.
func flags(set ...bool) (n uint64) {
	for i, is := range set {
		if is {
			n |= 1 << i
		}
	}
	return n
}

// compare orders counts of a tally. An absent duration has its place among
// those that are there, because a shape says which are.
func (n count) compare(o count) int {
	if c := cmp.Or(cmp.Compare(n.number, o.number), cmp.Compare(n.class, o.class)); c != 0 {
		return c
	}
	if c := cmp.Or(cmp.Compare(min(n.took, 0), min(o.took, 0)), cmp.Compare(min(n.other, 0), min(o.other, 0))); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(n.took, o.took), cmp.Compare(n.other, o.other))
}

// durations calls fn for each column of t, in their order.
func (t *Tally) durations(fn func(d *time.Duration)) {
	for kind := range kinds {
		for i := range t.counts[kind] {
			if n := &t.counts[kind][i]; n.took != absent {
				fn(&n.took)
			}
			if n := &t.counts[kind][i]; n.other != absent {
				fn(&n.other)
			}
		}
	}
}

// guesses says of each column which earlier one it is about equal to, by how
// many columns back; 0: none. What trails a segment is mostly nothing, and a
// call takes about as long as the segment that it led to.
func guesses(t *Tally, pairs []pair) (back []int) {
	type callee struct {
		node  uint32
		class roentgen.Class
	}
	seen := map[callee][]int{}
	for _, n := range t.counts[nodeKind] {
		k := callee{n.number, n.class}
		seen[k] = append(seen[k], len(back))
		back = append(back, 0, 1)
	}
	for _, n := range t.counts[edgeKind] {
		k := callee{pairs[n.number].to, n.class}
		if n.took != absent {
			guess := 0
			if columns := seen[k]; len(columns) > 0 {
				guess, seen[k] = len(back)-columns[0], columns[1:]
			}
			back = append(back, guess)
		}
		if n.other != absent {
			back = append(back, 0)
		}
	}
	return back
}

// appendShape appends the shape with that key.
func appendShape(dst, key []byte, back []int) []byte {
	dst = append(dst, key...)
	for _, n := range back {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	return dst
}

// shapeReader reads shapes one after the other into the same memory: a tally of
// which the durations are still missing, and the guesses.
type shapeReader struct {
	t    Tally
	back []int
	// columns are the durations in t by column.
	columns []*time.Duration
}

// read reads one shape of a bundle.
func (r *shapeReader) read(c *cursor, x *Bundle) {
	v := &x.vocabulary
	r.t.weight = 1
	if x.version > 1 {
		if r.t.weight = int64(c.below(maxWeight + 1)); r.t.weight == 0 {
			c.fail("a shape that stands for no request")
		}
	}
	things := [kinds]int{len(v.services), len(v.pairs)}
	for kind := range kinds {
		r.readMarks(c, kind, things[kind])
	}
	for kind := range kinds {
		r.readCounts(c, kind)
	}
	r.readAlso(c, v)
	r.columns = r.columns[:0]
	r.t.durations(func(d *time.Duration) { r.columns = append(r.columns, d) })
	r.back = r.back[:0]
	for i := range r.columns {
		r.back = append(r.back, int(c.below(i+1)))
	}
}

func (r *shapeReader) readMarks(c *cursor, kind, things int) {
	r.t.marks[kind] = r.t.marks[kind][:0]
	number := uint64(0)
	for n := c.count(1); n > 0; n-- {
		code := c.uvarint()
		if number += code >> 3; number >= uint64(things) || len(r.t.marks[kind]) > 0 && code>>3 == 0 {
			c.fail("a shape with thing %d of %d", number, things)
			return
		}
		r.t.marks[kind] = append(r.t.marks[kind], mark{uint32(number), code&1 != 0, code&2 != 0, code&4 != 0})
	}
}

// readCounts reads counts, each of something that has a mark.
func (r *shapeReader) readCounts(c *cursor, kind int) {
	r.t.counts[kind] = r.t.counts[kind][:0]
	marks, number := r.t.marks[kind], uint64(0)
	for n := c.count(1); n > 0; n-- {
		code := c.uvarint()
		number += code >> 4
		for len(marks) > 0 && uint64(marks[0].number) < number {
			marks = marks[1:]
		}
		if len(marks) == 0 || uint64(marks[0].number) != number {
			c.fail("a shape that counts what is not in it")
			return
		}
		entry := count{number: uint32(number), class: roentgen.Class(code >> 2 & 3), took: absent, other: absent}
		if code&1 != 0 {
			entry.took = 0
		}
		if code&2 != 0 {
			entry.other = 0
		}
		r.t.counts[kind] = append(r.t.counts[kind], entry)
	}
}

func (r *shapeReader) readAlso(c *cursor, v *vocabulary) {
	r.t.also = r.t.also[:0]
	names := [kinds]int{len(v.names), len(v.services)}
	for n := c.count(3); n > 0; n-- {
		kind := int(c.below(kinds))
		a := also{kind, uint32(min(c.uvarint(), 1<<32-1)), c.below(names[kind])}
		if _, ok := slices.BinarySearchFunc(r.t.marks[kind], a.of, func(m mark, n uint32) int { return cmp.Compare(m.number, n) }); !ok {
			c.fail("a shape that names what is not in it")
			return
		}
		r.t.also = append(r.t.also, a)
	}
}

// translate gives the numbers in the tally those of another vocabulary.
func (r *shapeReader) translate(tr *translator) {
	for kind := range kinds {
		for i := range r.t.marks[kind] {
			r.t.marks[kind][i].number = tr.thing(kind, r.t.marks[kind][i].number)
		}
		for i := range r.t.counts[kind] {
			r.t.counts[kind][i].number = tr.thing(kind, r.t.counts[kind][i].number)
		}
	}
	for i := range r.t.also {
		a := &r.t.also[i]
		a.of, a.number = tr.thing(a.kind, a.of), tr.also(a.kind, a.number)
	}
}
