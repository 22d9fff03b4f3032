package graph

import (
	"math"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
)

// Rollups keeps what many traces contribute, by the time at which they started,
// and adds it up to the graph of any window: whole minutes, ten minutes,
// hours and days from sums that it keeps, the minutes in which the window
// begins and ends trace by trace. It is for one goroutine at a time.
//
// A sum is kept where many traces are. That of a minute follows every change;
// those of longer spans are made when they are asked for, and forgotten when a
// trace in them changes. So an idle time costs nothing, and a change costs one
// minute's sum.
type Rollups struct {
	words
	pen pen
	top span
}

// NewRollups returns Rollups without traces.
func NewRollups() *Rollups {
	return &Rollups{}
}

// Add counts a trace, also in the groups that it is a member of, and returns
// what takes it out again. A trace that has changed is taken out and added
// anew. rows are not kept.
func (r *Rollups) Add(rows *roentgen.Rows, members ...Member) *Tally {
	t := r.pen.tally(&r.words, rows)
	t.members = slices.Clone(members)
	r.top.put(t)
	return t
}

// Remove takes out what Add returned, once.
func (r *Rollups) Remove(t *Tally) {
	r.top.take(t)
	r.release(t)
}

// Join counts a trace that is there as a member of one more group.
func (r *Rollups) Join(t *Tally, m Member) {
	t.members = append(t.members, m)
	r.top.join(t, m)
}

// Forget makes a group have no members.
func (r *Rollups) Forget(group string) { r.top.forget(group) }

// Graph returns the graph of the traces that started in [from, to): of all, or
// of the members of a group. OldGroups tells whether a version before the given
// one admitted any of them.
func (r *Rollups) Graph(from, to roentgen.Time, group string, version uint64) *Graph {
	w := window{from, to, group}
	traces, oldest := r.top.weigh(w)
	s := sum{exact: traces <= exactTraces}
	r.top.sum(&s, w)
	g := s.graph(&r.words)
	g.OldGroups = group != "" && traces > 0 && oldest < version
	return g
}

// Of returns the graph of these traces, each given once. What is in progress
// is there and not counted.
func Of(rows ...*roentgen.Rows) *Graph {
	r := NewRollups()
	for _, one := range rows {
		r.Add(one)
	}
	return r.Graph(math.MinInt64, math.MaxInt64, "", 0)
}

// window is the traces of one question.
type window struct {
	from, to roentgen.Time
	group    string
}

// floor returns the last multiple of d up to t, or the beginning of time.
func floor(t roentgen.Time, d time.Duration) roentgen.Time {
	past := t % roentgen.Time(d)
	if past < 0 {
		past += roentgen.Time(d)
	}
	if t-past > t {
		return math.MinInt64
	}
	return t - past
}
