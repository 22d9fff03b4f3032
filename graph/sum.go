package graph

import (
	"time"

	"github.com/roentgen/roentgen"
)

// exactTraces is how many traces are added up without buckets, so that a graph
// of a few traces shows their durations as they were. It goes by the number of
// traces, because what went into buckets cannot be taken out as it was.
const exactTraces = 256

// sum adds tallies and cells up to an answer.
type sum struct {
	exact bool            // only tallies are added
	of    [kinds][]*total // by number; nil where there is none
}

// total is the figures of a node or an edge while they are added up: its bins
// stand in the sheets or, in an exact sum, in the histograms.
type total struct {
	figures
	exact  [2]Histogram
	sheets [2]sheet
}

// The histograms of a node or an edge.
const (
	took  = iota // response times
	other        // durations of a node, ages of a link
)

// get returns the total with that number, new where there was none.
func (s *sum) get(kind int, number uint32) *total {
	if missing := int(number) + 1 - len(s.of[kind]); missing > 0 {
		s.of[kind] = append(s.of[kind], make([]*total, missing)...)
	}
	t := s.of[kind][number]
	if t == nil {
		t = &total{}
		s.of[kind][number] = t
	}
	return t
}

// tally adds one trace.
func (s *sum) tally(t *Tally) {
	second := floor(t.start, time.Second)
	for kind := range kinds {
		for _, m := range t.marks[kind] {
			to := s.get(kind, m.number)
			to.extend(second, second)
			to.mark(m, 1)
		}
		for _, n := range t.counts[kind] {
			to := s.of[kind][n.number]
			to.kept++
			to.stats.count(n, t.weight)
			if n.took != absent {
				to.total = to.total.plus(n.took, t.weight)
			}
			to.duration(took, n.took, t.weight, s.exact)
			to.duration(other, n.other, t.weight, s.exact)
		}
	}
	for _, a := range t.also {
		s.of[a.kind][a.of].name(a.number, 1)
	}
}

func (to *total) duration(which int, d time.Duration, times int64, exact bool) {
	switch {
	case d == absent:
	case exact:
		to.exact[which].add(bound(d), times)
	default:
		to.sheets[which].add(binOf(d, times))
	}
}

// cell adds many traces.
func (s *sum) cell(c *cell) {
	for kind, of := range c.of {
		for number, f := range of {
			to := s.get(kind, number)
			to.extend(f.bounds(c.from))
			to.add(f, kind, nil)
		}
	}
}

// add adds up figures, of which the names have other numbers. Their bounds come
// before them.
func (to *total) add(f *figures, kind int, t *translator) {
	to.traces += f.traces
	to.roots += f.roots
	to.inferred += f.inferred
	to.links += f.links
	to.kept += f.kept
	to.stats.Add(f.stats)
	to.total = to.total.and(f.total)
	to.sheets[took].addAll(f.took)
	to.sheets[other].addAll(f.other)
	for number, traces := range f.also {
		to.name(t.also(kind, number), traces)
	}
}

// extend makes the bounds hold first and last. It comes before the traces.
func (f *figures) extend(first, last roentgen.Time) {
	if f.traces == 0 {
		f.first, f.last = first, last
	}
	f.first, f.last = min(f.first, first), max(f.last, last)
}

// freeze returns a sum that is not exact as a cell.
func (s *sum) freeze(from roentgen.Time) *cell {
	c := newCell(from)
	for kind, of := range s.of {
		for number, to := range of {
			if to == nil {
				continue
			}
			f := to.figures
			f.took, f.other = to.sheets[took].bins(), to.sheets[other].bins()
			c.of[kind][uint32(number)] = &f
		}
	}
	return c
}

// inAll returns the stats with their total.
func (f *figures) inAll() Stats {
	s := f.stats
	s.Total = f.total.duration()
	return s
}

// histogram returns one of the two.
func (to *total) histogram(which int, exact bool) Histogram {
	if exact {
		return to.exact[which]
	}
	return Histogram{bins: to.sheets[which].bins(), coarse: true}
}
