package graph

import (
	"cmp"
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"github.com/roentgen/roentgen"
)

// sumTraces is how many traces a span within a block has to have that its sum
// is written beside its tallies: of fewer, a sum takes as much room as the
// tallies do.
const sumTraces = 1024

// maxSeconds is how many seconds the longest span of a sum has.
const maxSeconds = 24 * 60 * 60

// storedSum is the sum of the traces of a group that began in a span, dead ones
// too, as it stands in a bundle.
type storedSum struct {
	from, to roentgen.Time
	group    uint32
	body     []byte
}

// summer writes the sums of a bundle.
type summer struct {
	x      *Bundle
	least  int
	r      rowReader
	out    []byte
	n      int
	rows   []uint32 // of one group, by start
	summed []bool   // of each of rows: it is in a sum
}

// appendSums appends the sums of all spans with so many traces at least that
// are not in the sum of a part of it.
func (x *Bundle) appendSums(dst []byte, least int) []byte {
	s := summer{x: x, least: least}
	s.r.open(x, nil)
	for group, name := range x.groups {
		rows, _ := s.r.pick(window{math.MinInt64, math.MaxInt64, name})
		s.rows, s.summed = slices.Clone(rows), make([]bool, len(rows))
		slices.SortStableFunc(s.rows, func(a, b uint32) int { return cmp.Compare(s.r.starts[a], s.r.starts[b]) })
		for _, level := range []int{minute, hour, day} {
			s.level(uint32(group), level)
		}
	}
	return append(binary.AppendUvarint(dst, uint64(s.n)), s.out...)
}

// level writes the sums of one length.
func (s *summer) level(group uint32, level int) {
	for from, to := 0, 0; from < len(s.rows); from = to {
		begin, left := s.begin(from, level), 0
		for to = from; to < len(s.rows) && s.begin(to, level) == begin; to++ {
			if !s.summed[to] {
				left++
			}
		}
		if left >= s.least {
			for i := from; i < to; i++ {
				s.summed[i] = true
			}
			s.append(group, level, begin, s.rows[from:to])
		}
	}
}

func (s *summer) begin(i, level int) roentgen.Time {
	return floor(roentgen.Time(s.r.starts[s.rows[i]]), widthOf(level))
}

// append writes the sum of rows.
func (s *summer) append(group uint32, level int, begin roentgen.Time, rows []uint32) {
	total, a := sum{}, admissions{}
	versions := s.x.versions(s.x.groups[group])
	for _, row := range rows {
		v, _ := s.r.version(versions, int(row))
		a.admit(v, 1)
	}
	s.r.each(rows, nil, total.tally)
	s.out = append(s.out, byte(level))
	s.out = binary.AppendUvarint(s.out, uint64(group))
	s.out = binary.AppendVarint(s.out, int64(begin))
	w := sumWriter{from: begin}
	w.write(total.subtotal(s.x.vocabulary, a))
	s.out = appendString(s.out, string(w.out))
	s.n++
}

// sumWriter writes the body of a sum.
type sumWriter struct {
	from    roentgen.Time
	out     []byte
	written []bins
}

func (w *sumWriter) put(numbers ...uint64) {
	for _, n := range numbers {
		w.out = binary.AppendUvarint(w.out, n)
	}
}

func (w *sumWriter) write(st *subtotal) {
	w.put(uint64(len(st.versions)))
	for _, v := range st.versions {
		w.put(v.version, uint64(v.traces))
	}
	for kind := range kinds {
		w.put(uint64(len(st.of[kind])))
		before := uint32(0)
		for i := range st.of[kind] {
			f := &st.of[kind][i]
			w.put(uint64(f.number - before))
			before = f.number
			w.figures(&f.figures)
		}
	}
}

func (w *sumWriter) figures(f *figures) {
	w.put(uint64(f.traces), uint64(f.roots), uint64(f.inferred), uint64(f.links))
	w.put(uint64(f.stats.OK), uint64(f.stats.Error), uint64(f.stats.Throttle), uint64(f.stats.Fault), uint64(f.kept))
	w.put(uint64(f.total.seconds), uint64(f.total.nanoseconds))
	w.put(seconds(w.from, f.first), seconds(f.first, f.last), uint64(len(f.also)))
	for _, number := range slices.Sorted(maps.Keys(f.also)) {
		w.put(uint64(number), uint64(f.also[number]))
	}
	w.bins(f.took)
	w.bins(f.other)
}

// bins writes bins, or that they are those of before.
func (w *sumWriter) bins(all bins) {
	if len(all) == 0 {
		w.put(0)
		return
	}
	for i, before := range w.written {
		if len(all) == len(before) && slices.Equal(all, before) {
			w.put(uint64(i + 2))
			return
		}
	}
	w.written = append(w.written, all)
	unit := unitOfBins(all)
	w.put(1, uint64(unit), uint64(len(all)))
	before := int64(0)
	for _, b := range all {
		excess, _ := divide(b.over+remainder(b, unit), unit)
		w.put(uint64(b.key-before), uint64(b.n), uint64(excess))
		before = b.key
	}
}

// remainder returns what the durations of b, were they all the least of their
// bucket, would be beyond a multiple of the unit. With it, what they exceed
// that by is a multiple when the durations are.
func remainder(b bin, unit int) int64 {
	_, n := divide(b.n, unit)
	_, least := divide(int64(leastOf(int(b.key))), unit)
	_, rest := divide(n*least, unit)
	return rest
}

// unitOfBins returns the coarsest unit that all the sums of durations have.
func unitOfBins(all bins) int {
	u := units - 1
	for _, b := range all {
		for u > 0 && !isMultiple(b, u) {
			u--
		}
	}
	return u
}

func isMultiple(b bin, unit int) bool {
	_, rest := divide(b.over+remainder(b, unit), unit)
	return rest == 0 && fineness(int(b.key)) == 0
}

// parseSums finds the sums and reads each once.
func (x *Bundle) parseSums(c *cursor) {
	for n := c.count(4); n > 0 && c.err == nil; n-- {
		level, group, from := int(c.byte()), c.below(len(x.groups)), roentgen.Time(c.varint())
		if level < day || level > minute || from != floor(from, widthOf(min(max(level, day), minute))) {
			c.fail("a sum of level %d from %d", level, from)
			return
		}
		s := storedSum{from: from, to: endOf(from, level), group: group, body: c.bytes(c.uvarint())}
		if _, err := x.readSum(s); err != nil && c.err == nil {
			c.fail("a sum of %d bytes: %v", len(s.body), err)
		}
		x.sums = append(x.sums, s)
	}
	x.size += 56 * len(x.sums)
}

// sumReader reads the body of a sum.
type sumReader struct {
	*cursor
	x    *Bundle
	from roentgen.Time
	read []bins
}

func (x *Bundle) readSum(s storedSum) (*subtotal, error) {
	r := sumReader{cursor: newCursor(s.body), x: x, from: s.from}
	st := &subtotal{vocabulary: x.vocabulary}
	for n := r.count(2); n > 0; n-- {
		version, traces := r.uvarint(), r.tallied()
		if last := len(st.versions) - 1; last >= 0 && version <= st.versions[last].version {
			r.fail("versions in disorder")
			break
		}
		st.versions = append(st.versions, versionCount{version, int(traces)})
		st.traces += int(traces)
	}
	r.figuresOf(st, nodeKind, len(x.services), len(x.names))
	r.figuresOf(st, edgeKind, len(x.pairs), len(x.services))
	if r.left() > 0 {
		r.fail("%d bytes too many", r.left())
	}
	return st, r.err
}

// tallied takes how many traces or durations something was seen in: at least
// one, and not more than can be added up.
func (r *sumReader) tallied() int64 {
	n := r.uvarint()
	if n == 0 || n > math.MaxInt32*maxWeight {
		r.fail("a count of %d", n)
	}
	return int64(n)
}

func (r *sumReader) signed() int64 { return int64(r.uvarint()) }

func (r *sumReader) figuresOf(st *subtotal, kind, things, names int) {
	number := uint64(0)
	for n := r.count(14); n > 0 && r.err == nil; n-- {
		step := r.uvarint()
		if number += step; number >= uint64(things) || len(st.of[kind]) > 0 && step == 0 {
			r.fail("thing %d of %d", number, things)
			return
		}
		st.of[kind] = append(st.of[kind], numbered{uint32(number), r.figures(names)})
	}
}

func (r *sumReader) figures(names int) (f figures) {
	f.traces, f.roots, f.inferred, f.links = r.tallied(), r.signed(), r.signed(), r.signed()
	f.stats = Stats{OK: r.signed(), Error: r.signed(), Throttle: r.signed(), Fault: r.signed()}
	if f.kept = f.stats.Count(); r.x.version > 1 {
		f.kept = r.signed()
	}
	f.total = longSum{r.signed(), r.signed()}
	f.first = r.from + roentgen.Time(r.below(maxSeconds))*1e9
	f.last = f.first + roentgen.Time(r.below(maxSeconds))*1e9
	for n := r.count(2); n > 0; n-- {
		number := r.below(names)
		if traces := r.tallied(); r.err == nil {
			f.name(number, traces)
		}
	}
	f.took, f.other = r.bins(), r.bins()
	return f
}

func (r *sumReader) bins() bins {
	which := r.uvarint()
	switch {
	case which == 0:
		return nil
	case which >= 2:
		if which-2 < uint64(len(r.read)) {
			return r.read[which-2]
		}
		r.fail("bins %d of %d", which-2, len(r.read))
		return nil
	}
	unit := int(r.below(units))
	all, key := make(bins, r.count(3)), int64(0)
	for i := range all {
		step := r.below(pages * perOctave)
		if key += int64(step); key >= pages*perOctave || i > 0 && step == 0 || r.err != nil {
			r.fail("a bucket too many")
			return nil
		}
		b := bin{key: key, n: r.tallied()}
		b.over = r.signed()*unitOf(unit) - remainder(b, unit)
		all[i] = b
	}
	r.read = append(r.read, all)
	return all
}
