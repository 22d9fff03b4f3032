package graph

import "github.com/roentgen/roentgen"

// cell is the sum of the tallies of a span, or of those of them that are in a
// group.
type cell struct {
	from roentgen.Time // beginning of the span
	of   [kinds]map[uint32]*figures
}

// figures of a node or an edge. All of them add up and are taken out again.
type figures struct {
	traces, roots, inferred, links int64   // traces with it, and with it as such
	kept                           int64   // segments or calls that are behind stats
	stats                          Stats   // without Total; weighted, as are all durations
	total                          longSum // of the response times
	took, other                    bins
	also                           map[uint32]int64 // other names or aliases, in how many traces
	// seconds counts the traces that began in each second, within the cell of
	// a minute. Other cells only have the first and the last such second.
	seconds     *[60]uint32
	first, last roentgen.Time
}

func newCell(from roentgen.Time) *cell {
	c := &cell{from: from}
	for kind := range c.of {
		c.of[kind] = map[uint32]*figures{}
	}
	return c
}

// count adds t to the cell of a minute, or takes it out: by is 1 or -1.
func (c *cell) count(t *Tally, by int64) {
	second := t.start.Sub(c.from) / 1e9
	for kind, of := range c.of {
		for _, m := range t.marks[kind] {
			f := of[m.number]
			if f == nil {
				f = &figures{seconds: new([60]uint32)}
				of[m.number] = f
			}
			f.mark(m, by)
			f.seconds[second] += uint32(by)
		}
		for _, n := range t.counts[kind] {
			of[n.number].count(n, by, t.weight)
		}
	}
	for _, a := range t.also {
		c.of[a.kind][a.of].name(a.number, by)
	}
	if by < 0 {
		c.sweep(t)
	}
}

// sweep leaves out what no trace has any more.
func (c *cell) sweep(t *Tally) {
	for kind, of := range c.of {
		for _, m := range t.marks[kind] {
			if f := of[m.number]; f != nil && f.traces == 0 {
				delete(of, m.number)
			}
		}
	}
}

func (f *figures) mark(m mark, by int64) {
	f.traces += by
	if m.root {
		f.roots += by
	}
	if m.inferred {
		f.inferred += by
	}
	if m.link {
		f.links += by
	}
}

func (f *figures) count(n count, by, weight int64) {
	f.kept += by
	by *= weight
	f.stats.count(n, by)
	if n.took != absent {
		f.total = f.total.plus(n.took, by)
		f.took.count(n.took, by)
	}
	if n.other != absent {
		f.other.count(n.other, by)
	}
}

func (f *figures) name(number uint32, by int64) {
	if f.also == nil {
		f.also = map[uint32]int64{}
	}
	if f.also[number] += by; f.also[number] == 0 {
		delete(f.also, number)
	}
}

// bounds returns the first and the last second in which a trace began.
func (f *figures) bounds(from roentgen.Time) (first, last roentgen.Time) {
	if f.seconds == nil {
		return f.first, f.last
	}
	low, high := 0, len(f.seconds)-1
	for low < high && f.seconds[low] == 0 {
		low++
	}
	for low < high && f.seconds[high] == 0 {
		high--
	}
	return from + roentgen.Time(low)*1e9, from + roentgen.Time(high)*1e9
}
