package graph

import (
	"slices"
	"time"

	"github.com/roentgen/roentgen"
)

// subtotal is what many traces of a group come to, with the words that it needs.
// It is not changed.
type subtotal struct {
	vocabulary
	admissions
	of [kinds][]numbered // in ascending order of the number
}

// numbered is the figures of the node or edge with that number.
type numbered struct {
	number uint32
	figures
}

// subtotal returns the sum, which is not exact, of the traces that were
// admitted. Nothing is added to it afterwards.
func (s *sum) subtotal(v vocabulary, a admissions) *subtotal {
	out := &subtotal{vocabulary: v, admissions: a}
	for kind := range kinds {
		for number, to := range s.of[kind] {
			if to == nil || to.traces == 0 {
				continue
			}
			f := to.figures
			f.took, f.other = to.sheets[took].bins(), to.sheets[other].bins()
			out.share(kind, uint32(number), &f)
			out.of[kind] = append(out.of[kind], numbered{uint32(number), f})
		}
	}
	return out
}

// share keeps bins once that are there twice: mostly nothing trails a segment,
// and the calls to a node that sends no segments are all that is known of it.
func (st *subtotal) share(kind int, number uint32, f *figures) {
	if kind == nodeKind {
		if slices.Equal(f.took, f.other) {
			f.other = f.took
		}
		return
	}
	if node := st.node(st.pairs[number].to); node != nil && slices.Equal(f.took, node.took) {
		f.took = node.took
	}
}

func (st *subtotal) node(number uint32) *figures {
	i, ok := slices.BinarySearchFunc(st.of[nodeKind], number, func(n numbered, to uint32) int { return int(n.number) - int(to) })
	if !ok {
		return nil
	}
	return &st.of[nodeKind][i].figures
}

// addSubtotal adds what many traces come to.
func (s *sum) addSubtotal(st *subtotal, tr *translator) {
	for kind := range kinds {
		for i := range st.of[kind] {
			f := &st.of[kind][i]
			to := s.get(kind, tr.thing(kind, f.number))
			to.extend(f.first, f.last)
			to.add(&f.figures, kind, tr)
		}
	}
}

// subtract takes a trace out of a sum that is not exact. It returns false where
// the sum is no longer what it should be: when nobody knows any more in which
// second the first or the last of the other traces began.
func (s *sum) subtract(t *Tally) bool {
	second, sure := floor(t.start, time.Second), true
	for kind := range kinds {
		for _, m := range t.marks[kind] {
			to := s.get(kind, m.number)
			to.mark(m, -1)
			sure = sure && (to.traces == 0 || to.traces > 0 && second > to.first && second < to.last)
		}
		for _, n := range t.counts[kind] {
			s.of[kind][n.number].uncount(n, t.weight)
		}
	}
	for _, a := range t.also {
		s.of[a.kind][a.of].name(a.number, -1)
	}
	return sure
}

func (to *total) uncount(n count, weight int64) {
	to.kept--
	to.stats.count(n, -weight)
	if n.took != absent {
		to.total = to.total.plus(n.took, -weight)
		to.sheets[took].add(binOf(n.took, -weight))
	}
	if n.other != absent {
		to.sheets[other].add(binOf(n.other, -weight))
	}
}

const (
	figuresBytes = 200 // of figures, without bins
	binBytes     = 24
	alsoBytes    = 32 // of an entry of figures.also
)

// size returns about how many bytes of memory it takes.
func (st *subtotal) size() int {
	size := 200 + 16*len(st.versions) + 8*len(st.pairs)
	for _, s := range st.services {
		size += 3*stringBytes + len(s.Name) + len(s.Type) + len(s.AccountID)
	}
	for _, s := range st.names {
		size += stringBytes + len(s)
	}
	for kind := range kinds {
		for i := range st.of[kind] {
			f := &st.of[kind][i].figures
			size += figuresBytes + alsoBytes*len(f.also) + st.binsSize(kind, &st.of[kind][i])
		}
	}
	return size
}

// binsSize counts bins that are shared once.
func (st *subtotal) binsSize(kind int, f *numbered) int {
	n := len(f.took)
	if !identical(f.took, f.other) {
		n += len(f.other)
	}
	if kind == edgeKind {
		if node := st.node(st.pairs[f.number].to); node != nil && identical(f.took, node.took) {
			n -= len(f.took)
		}
	}
	return binBytes * n
}

// identical reports whether two bins are one.
func identical(a, b bins) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// seconds returns the whole seconds between two times, the later one second.
func seconds(from, to roentgen.Time) uint64 { return (uint64(to) - uint64(from)) / uint64(time.Second) }
