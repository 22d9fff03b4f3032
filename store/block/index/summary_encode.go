package index

import (
	"encoding/binary"
	"math"

	"github.com/roentgen/roentgen"
)

// Summary appends the part that stays in memory.
func (b *Builder) Summary(dst []byte) []byte {
	d := b.draft()
	s := b.sums()
	s.cut, s.present = d.cut, d.present()
	dst = append(append(dst, summaryMagic...), version)
	dst = s.append(dst)
	ids := make(bloom, idBloomSize(len(b.rows)))
	for i := range b.rows {
		ids.add(hashID(b.rows[i].ID))
	}
	dst = appendText(dst, string(ids))
	n := 0
	d.eachHash(func(uint64) { n++ })
	terms := make(bloom, bloomSize(n, bloomBits))
	d.eachHash(terms.add)
	return appendText(dst, string(terms))
}

// sums are what a Summary says of all rows.
type sums struct {
	totals       Totals
	any, every   flags // that some row has, that every row has
	cut, present uint32
	// bounds of the clocks, in the order of roentgen.Clock, and of the durations in nanoseconds: of traces, of roots, and
	// of traces whether they are over or not.
	clocks    [3]bounds
	durations [3]bounds
}

const (
	wholeDuration = iota
	rootDuration
	spanDuration
)

// bounds are the least and the greatest of n numbers.
type bounds struct {
	n        int
	min, max int64
}

func (b *bounds) add(v int64) {
	if b.n == 0 {
		b.min, b.max = v, v
	}
	b.n++
	b.min, b.max = min(b.min, v), max(b.max, v)
}

func (b *Builder) sums() sums {
	s := sums{every: math.MaxUint32}
	for i := range b.rows {
		s.add(&b.rows[i], b.flags[i], b.respond[i])
	}
	if len(b.rows) == 0 {
		s.every = 0
	}
	t := &s.totals
	t.MinStart = roentgen.Time(s.clocks[roentgen.ClockStart].min)
	t.MinUpdated = roentgen.Time(s.clocks[roentgen.ClockUpdated].min)
	t.MaxUpdated = roentgen.Time(s.clocks[roentgen.ClockUpdated].max)
	return s
}

func (s *sums) add(row *Row, f flags, respond int64) {
	t := &s.totals
	if t.Traces == 0 {
		t.Newest, t.Oldest = row.First, row.First
	}
	t.Traces++
	t.Documents += row.Documents
	t.Revision += row.Revision
	t.Bytes += int64(row.Bytes)
	t.AllBytes += int64(row.AllBytes)
	t.Newest, t.Oldest = max(t.Newest, row.First), min(t.Oldest, row.First)
	if row.Due != 0 && (t.Due == 0 || row.Due < t.Due) {
		t.Due = row.Due
	}
	if row.Failing {
		t.Failing++
	}
	s.any |= f
	s.every &= f
	s.clocks[roentgen.ClockStart].add(int64(row.Start))
	s.clocks[roentgen.ClockUpdated].add(int64(row.Updated))
	if f&hasEnd != 0 {
		s.clocks[roentgen.ClockEnd].add(int64(row.End))
	}
	s.lengths(int64(span(row.Start, row.End)), f, respond)
}

func (s *sums) lengths(span int64, f flags, respond int64) {
	if f&hasEnd != 0 {
		s.durations[spanDuration].add(span)
		if f&open == 0 {
			s.durations[wholeDuration].add(span)
		}
	}
	if f&responded != 0 {
		if f&respondsSpan != 0 {
			respond = span
		}
		s.durations[rootDuration].add(respond)
	}
}

func (s *sums) append(dst []byte) []byte {
	t := &s.totals
	for _, n := range [...]int64{int64(t.Traces), int64(t.Documents), int64(t.Revision), int64(t.Failing), t.Bytes, t.AllBytes,
		int64(t.Due), int64(t.Newest), int64(t.Oldest)} {
		dst = binary.AppendVarint(dst, n)
	}
	for _, f := range [...]uint32{uint32(s.any), uint32(s.every), s.cut, s.present} {
		dst = binary.LittleEndian.AppendUint32(dst, f)
	}
	for _, list := range [...][3]bounds{s.clocks, s.durations} {
		for _, b := range list {
			dst = binary.AppendUvarint(dst, uint64(b.n))
			dst = binary.AppendVarint(dst, b.min)
			dst = binary.AppendVarint(dst, b.max)
		}
	}
	return dst
}

// present are the codes of the fields that some row has.
func (d *draft) present() uint32 {
	var set uint32
	for i := range d.fields {
		set |= 1 << d.b.table.fields[d.fields[i].field].code
	}
	return set
}

// eachHash calls fn with what the filter of terms is made of: every value of every field, every annotation key, the
// names of nodes and those of the ends of edges. The values of root fields that are cut are those of all entities.
func (d *draft) eachHash(fn func(hash uint64)) {
	t := &d.b.table
	for i := range t.terms {
		m := &t.terms[i]
		of := &t.fields[m.field]
		switch {
		case m.kind == restTerm:
			if of.code == codeAnnotation {
				fn(fieldSeed(codeKey, of.key))
			}
		case of.code == codeNode:
			d.eachNodeHash(m, fn)
		case of.code == codeEdge:
			d.eachEdgeHash(m, fn)
		case d.cut&(1<<of.code) == 0:
			fn(m.hash)
		}
	}
	for _, h := range d.b.hashes {
		fn(h)
	}
}
