package index

import (
	"encoding/binary"
	"math"

	"github.com/roentgen/roentgen"
)

// Summary is what stays in memory of every block: bounds and sums, and two Bloom filters.
type Summary struct {
	sums
	ids, terms bloom
	size       int
}

// ParseSummary reads what Builder.Summary wrote. It keeps b, which must not change. The error is a *DamageError.
func ParseSummary(b []byte) (*Summary, error) {
	r := newReader("summary", b)
	r.head(summaryMagic)
	s := &Summary{size: len(b)}
	s.read(r)
	s.ids, s.terms = r.bloom(), r.bloom()
	if r.err == nil && r.at != len(b) {
		r.fail("there is more than what belongs to it")
	}
	if r.err != nil {
		return nil, r.err
	}
	return s, nil
}

// head reads the magic and the version.
func (r *reader) head(magic string) {
	if string(r.bytes(len(magic))) != magic {
		r.fail("it does not begin as it should")
	}
	if v := r.byte(); r.err == nil && v != version {
		r.fail("it was written by a newer version of the program")
	}
}

func (r *reader) bloom() bloom {
	b := bloom(r.bytes(r.count(len(r.b))))
	if len(b)%bloomBlock != 0 {
		r.fail("a filter is not made of whole blocks")
	}
	return b
}

func (r *reader) uint32() uint32 {
	if b := r.bytes(4); len(b) == 4 {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// natural reads a signed number that is not negative and fits an int.
func (r *reader) natural() int {
	n := r.varint()
	if n < 0 || n > math.MaxInt32 {
		r.fail("a count is out of range")
		return 0
	}
	return int(n)
}

func (s *Summary) read(r *reader) {
	t := &s.totals
	t.Traces, t.Documents, t.Revision, t.Failing = r.natural(), r.natural(), r.natural(), r.natural()
	t.Bytes, t.AllBytes = r.varint(), r.varint()
	t.Due, t.Newest, t.Oldest = roentgen.Time(r.varint()), roentgen.Time(r.varint()), roentgen.Time(r.varint())
	s.any, s.every, s.cut, s.present = flags(r.uint32()), flags(r.uint32()), r.uint32(), r.uint32()
	for _, list := range [...]*[3]bounds{&s.clocks, &s.durations} {
		for i := range list {
			list[i] = bounds{r.count(t.Traces), r.varint(), r.varint()}
		}
	}
	t.MinStart = roentgen.Time(s.clocks[roentgen.ClockStart].min)
	t.MinUpdated = roentgen.Time(s.clocks[roentgen.ClockUpdated].min)
	t.MaxUpdated = roentgen.Time(s.clocks[roentgen.ClockUpdated].max)
}

// HasTrace says whether the block may have the trace: about once in fifty thousand it says so of one that it has not.
func (s *Summary) HasTrace(id roentgen.TraceID) bool { return s.HasKey(KeyOf(id)) }

// HasKey is HasTrace for a trace whose key is known.
func (s *Summary) HasKey(key Key) bool { return s.ids.has(uint64(key)) }

// Bounds returns the least and the greatest time on a clock, and whether any trace has it.
func (s *Summary) Bounds(c roentgen.Clock) (min, max roentgen.Time, any bool) {
	if int(c) >= len(s.clocks) {
		return 0, 0, false
	}
	b := s.clocks[c]
	return roentgen.Time(b.min), roentgen.Time(b.max), b.n > 0
}

// Totals returns the sums.
func (s *Summary) Totals() Totals { return s.totals }

// Size is what the Summary takes in memory, in bytes.
func (s *Summary) Size() int { return s.size + 512 }
