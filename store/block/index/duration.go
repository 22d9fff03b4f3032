package index

import (
	"math"
	"math/bits"

	"github.com/roentgen/roentgen/filter"
)

// lasted returns the rows in which something may have a duration.
func (e *evaluation) lasted(k filter.Keyword, s filter.Scope) rowSet {
	switch {
	case s == filter.ScopeService:
		return e.flagged(segmentAny)
	case s == filter.ScopeEdge:
		return e.flagged(callAny)
	case k == filter.KeywordResponseTime:
		return e.flagged(responded)
	}
	return e.whole()
}

// whole returns the rows of which the duration is known.
func (e *evaluation) whole() rowSet {
	set := e.flagged(open)
	set.not(e.x.rows)
	return e.meet(set, e.flagged(hasEnd))
}

// duration decides a comparison of a duration.
func (e *evaluation) duration(c *filter.Compare, s filter.Scope) rowSet {
	if s != filter.ScopeTrace {
		return e.entityDuration(c, s)
	}
	r, ok := rangeOf(c)
	if !ok {
		return nil
	}
	if c.Operand.Keyword == filter.KeywordResponseTime {
		return e.responseTime(r)
	}
	return e.meet(e.within(r), e.whole())
}

// within returns the rows whose span is in the range, those without an end too.
func (e *evaluation) within(r nanoseconds) rowSet {
	set := e.set()
	width := uint64(r.to) - uint64(r.from)
	spans := e.x.spans()
	for i := range set {
		var w uint64
		for k, n := range spans[64*i : min(64*i+64, len(spans))] {
			_, in := bits.Sub64(uint64(n)-uint64(r.from), width, 0) // 1 where from <= n < to, without a branch
			w |= in << k
		}
		set[i] = w
	}
	if r.contrary {
		set.not(e.x.rows)
	}
	return set
}

func (e *evaluation) responseTime(r nanoseconds) rowSet {
	set := e.meet(e.within(r), e.flagged(respondsSpan))
	other := e.flagged(respondsSpan)
	other.not(e.x.rows)
	other = e.meet(other, e.flagged(responded))
	column := &e.x.columns[columnRespond]
	other.each(func(row uint32) {
		if r.has(column.get(int(row))) {
			set.add(row)
		}
	})
	e.done(other)
	return set
}

// entityDuration decides about some segment or call: none lasts longer than its trace, but for those marked.
func (e *evaluation) entityDuration(c *filter.Compare, s filter.Scope) rowSet {
	set := e.lasted(c.Operand.Keyword, s)
	if c.Op != filter.OpGreater && c.Op != filter.OpGreaterOrEqual && c.Op != filter.OpEqual {
		return set
	}
	long := e.within(nanoseconds{from: atLeast(c.Value.Number), to: math.MaxInt64})
	return e.meet(set, e.withFlags(long, longer))
}

// nanoseconds is a range of durations, or what is not in it.
type nanoseconds struct {
	from, to int64 // to is not in it
	contrary bool
}

func (r nanoseconds) has(n int64) bool { return (r.from <= n && n < r.to) != r.contrary }

// rangeOf says which durations satisfy a comparison of seconds. Seconds are made of nanoseconds by one division, which
// keeps their order, so that a range of one is a range of the other.
func rangeOf(c *filter.Compare) (r nanoseconds, ok bool) {
	v := c.Value.Number
	if math.IsNaN(v) {
		return r, false
	}
	r = nanoseconds{from: 0, to: math.MaxInt64}
	switch c.Op {
	case filter.OpEqual:
		r.from, r.to = atLeast(v), above(v)
	case filter.OpNotEqual:
		r = nanoseconds{atLeast(v), above(v), true}
	case filter.OpLess:
		r.to = atLeast(v)
	case filter.OpLessOrEqual:
		r.to = above(v)
	case filter.OpGreater:
		r.from = above(v)
	case filter.OpGreaterOrEqual:
		r.from = atLeast(v)
	default:
		return r, false
	}
	return r, true
}

// atLeast is the shortest duration that is v seconds or more, above the shortest that is more.
func atLeast(v float64) int64 { return shortest(func(s float64) bool { return s >= v }) }
func above(v float64) int64   { return shortest(func(s float64) bool { return s > v }) }

func shortest(is func(seconds float64) bool) int64 {
	low, high := int64(0), int64(math.MaxInt64)
	for low < high {
		middle := low + (high-low)/2
		if is(float64(middle) / 1e9) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}
