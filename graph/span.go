package graph

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
)

// Levels of spans.
const (
	always = iota // all of time, without sums
	day
	hour
	tenMinutes // with them an hour that begins within a minute takes half the time
	minute
)

// widthOf is how long the spans of a level are.
func widthOf(level int) time.Duration {
	return [...]time.Duration{day: 24 * time.Hour, hour: time.Hour, tenMinutes: 10 * time.Minute, minute: time.Minute}[level]
}

// cellTraces is how many traces a span has to have for a sum to be kept: a few
// are as quickly added up one by one. It is dropped below half of that.
const cellTraces = 64

// span is a day or a part of it in which traces started. One without traces is
// not kept.
type span struct {
	level    int
	from     roentgen.Time
	lanes    []lane
	children []*span  // ascending; not of a minute
	tallies  []*Tally // of a minute
}

// lane is the members of one group within a span, all traces in the lane
// without a name.
type lane struct {
	group string
	admissions
	cell *cell // nil: there are few traces, or, but for a minute, nobody asked since it changed
}

// put adds t, and all spans on the way that are missing.
func (sp *span) put(t *Tally) {
	if sp.level == minute {
		t.place = len(sp.tallies)
		sp.tallies = append(sp.tallies, t)
	} else {
		sp.child(t.start).put(t)
	}
	sp.change(t, 1)
}

// take removes t, and the child that has no other.
func (sp *span) take(t *Tally) {
	if sp.level == minute {
		last := len(sp.tallies) - 1
		sp.tallies[t.place] = sp.tallies[last]
		sp.tallies[t.place].place = t.place
		sp.tallies[last] = nil
		sp.tallies = sp.tallies[:last]
	} else {
		child := sp.child(t.start)
		if child.take(t); len(child.lanes) == 0 {
			i, _ := sp.find(child.from)
			sp.children = slices.Delete(sp.children, i, i+1)
		}
	}
	sp.change(t, -1)
}

// join counts t in one more lane.
func (sp *span) join(t *Tally, m Member) {
	if sp.level != minute {
		sp.child(t.start).join(t, m)
	}
	sp.changeLane(m.Group, m.Version, t, 1)
}

// child returns the child that holds the time, new where there was none.
func (sp *span) child(at roentgen.Time) *span {
	from := floor(at, widthOf(sp.level+1))
	i, ok := sp.find(from)
	if !ok {
		sp.children = slices.Insert(sp.children, i, &span{level: sp.level + 1, from: from})
	}
	return sp.children[i]
}

func (sp *span) find(from roentgen.Time) (int, bool) {
	return slices.BinarySearchFunc(sp.children, from, func(c *span, from roentgen.Time) int { return cmp.Compare(c.from, from) })
}

// change counts t in its lanes, or takes it out: by is 1 or -1.
func (sp *span) change(t *Tally, by int) {
	sp.changeLane("", 0, t, by)
	for _, m := range t.members {
		sp.changeLane(m.Group, m.Version, t, by)
	}
}

func (sp *span) changeLane(group string, version uint64, t *Tally, by int) {
	l := sp.lane(group)
	if l == nil {
		sp.lanes = append(sp.lanes, lane{group: group})
		l = &sp.lanes[len(sp.lanes)-1]
	}
	l.admit(version, by)
	switch {
	case sp.level != minute || l.traces < cellTraces/2:
		l.cell = nil
	case l.cell != nil:
		l.cell.count(t, int64(by))
	case l.traces >= cellTraces:
		l.cell = sp.live(group)
	}
	if l.traces == 0 {
		sp.lanes = slices.DeleteFunc(sp.lanes, func(l lane) bool { return l.traces == 0 })
	}
}

// live returns the sum of a minute's lane.
func (sp *span) live(group string) *cell {
	c := newCell(sp.from)
	for _, t := range sp.tallies {
		if _, ok := t.in(group); ok {
			c.count(t, 1)
		}
	}
	return c
}

func (sp *span) lane(group string) *lane {
	for i := range sp.lanes {
		if sp.lanes[i].group == group {
			return &sp.lanes[i]
		}
	}
	return nil
}

// forget removes a lane here and below.
func (sp *span) forget(group string) {
	if sp.level != always && sp.lane(group) == nil {
		return
	}
	sp.lanes = slices.DeleteFunc(sp.lanes, func(l lane) bool { return l.group == group })
	for _, c := range sp.children {
		c.forget(group)
	}
	for _, t := range sp.tallies {
		t.members = slices.DeleteFunc(t.members, func(m Member) bool { return m.Group == group })
	}
}

// covered reports whether all of the span lies in w.
func (sp *span) covered(w window) bool {
	return sp.level != always && w.from <= sp.from && sp.end() <= w.to
}

// end is where the span ends, or the end of time.
func (sp *span) end() roentgen.Time { return endOf(sp.from, sp.level) }

func endOf(from roentgen.Time, level int) roentgen.Time { return after(from, widthOf(level)) }

// after returns the first multiple of d that is later, or the end of time.
func after(t roentgen.Time, d time.Duration) roentgen.Time {
	if end := t + roentgen.Time(d); end > t {
		return floor(end, d)
	}
	return math.MaxInt64
}

// within returns the children that share some time with w.
func (sp *span) within(w window) []*span {
	i, _ := slices.BinarySearchFunc(sp.children, w.from, func(c *span, from roentgen.Time) int {
		if c.end() <= from {
			return -1
		}
		return 1
	})
	j, _ := sp.find(w.to)
	return sp.children[min(i, j):j]
}

// weigh counts the traces of w, and finds the oldest version that admitted one.
func (sp *span) weigh(w window) (traces int, oldest uint64) {
	l := sp.lane(w.group)
	if l == nil {
		return 0, math.MaxUint64
	}
	if sp.covered(w) {
		return l.traces, l.oldest()
	}
	oldest = math.MaxUint64
	for _, c := range sp.within(w) {
		n, v := c.weigh(w)
		traces, oldest = traces+n, min(oldest, v)
	}
	for _, t := range sp.tallies {
		if v, ok := t.in(w.group); ok && w.holds(t) {
			traces, oldest = traces+1, min(oldest, v)
		}
	}
	return traces, oldest
}

func (w window) holds(t *Tally) bool { return t.start >= w.from && t.start < w.to }

// sum adds the traces of w to s.
func (sp *span) sum(s *sum, w window) {
	l := sp.lane(w.group)
	if l == nil {
		return
	}
	if !s.exact && sp.covered(w) {
		if sp.refresh(l); l.cell != nil {
			s.cell(l.cell)
			return
		}
	}
	for _, c := range sp.within(w) {
		c.sum(s, w)
	}
	for _, t := range sp.tallies {
		if _, ok := t.in(w.group); ok && w.holds(t) {
			s.tally(t)
		}
	}
}

// refresh makes the sum of what is longer than a minute where it is missing and worth it.
func (sp *span) refresh(l *lane) {
	if l.cell != nil || l.traces < cellTraces || sp.level == minute {
		return
	}
	s := sum{}
	for _, c := range sp.children {
		c.sum(&s, window{sp.from, math.MaxInt64, l.group})
	}
	l.cell = s.freeze(sp.from)
}
