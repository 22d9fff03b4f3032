package graph

import (
	"slices"

	"github.com/roentgen/roentgen"
)

// maxCauseEntities bounds the root causes of one kind, in entities along all
// of their paths. A request that fails ten thousand times needs no list of
// them; those that began first are kept.
const maxCauseEntities = 10_000

// How much an entity that failed says about the failure, in rising order. A
// path goes to the child that says most.
const (
	rankNothing   uint8 = iota // it failed, and that is all
	rankLeads                  // something below says more
	rankException              // it holds an exception
	rankNode                   // what it called failed, and that sent nothing
)

// failures finds the root causes of one kind of failure.
type failures struct {
	*folder
	of      roentgen.Flags
	order   order
	thrown  map[string]int32
	rank    []uint8 // of each entity
	best    []int32 // of each entity: the child to go to
	claimed []bool  // of each entity: it failed, and so it belongs to the way from above
	passed  []int32 // of each entity: the number of the way that passed it last
}

// failures returns a cause for each entity with which a failure began: a
// segment, or a call whose callee sent nothing, that failed where nothing
// above it did. It has none when no exception and no failing callee tells why.
func (f *folder) failures(of roentgen.Flags, o order, thrown map[string]int32) []roentgen.CauseRow {
	w := &failures{
		folder: f, of: of, order: o, thrown: thrown,
		rank:    make([]uint8, len(f.entities)),
		best:    make([]int32, len(f.entities)),
		claimed: make([]bool, len(f.entities)),
		passed:  make([]int32, len(f.entities)),
	}
	for i := range w.best {
		w.best[i] = none
	}
	for _, i := range slices.Backward(o.list) {
		w.weigh(i)
	}
	var causes []roentgen.CauseRow
	root, left := f.root(), maxCauseEntities
	for n, i := range w.starts() {
		if left <= 0 {
			break
		}
		way := w.way(i, int32(n+1))
		left -= len(way)
		if services := w.services(way); len(services) > 0 {
			causes = append(causes, roentgen.CauseRow{ClientImpacting: i == root, Services: services})
		}
	}
	return causes
}

func (w *failures) hasFailed(i int32) bool {
	flags := w.entities[i].flags
	return w.of.Fault && flags.Fault || w.of.Error && flags.Error
}

// isEnd reports whether i is a failing call to an inferred node.
func (w *failures) isEnd(i int32) bool { return w.hasFailed(i) && w.entities[i].inferred() }

// weigh ranks i, of which all children have been ranked, and offers it to its
// parent. Of children that say as much the one that began last is taken: after
// what a request could not go on from, nothing else began.
func (w *failures) weigh(i int32) {
	if !w.hasFailed(i) {
		return
	}
	e := &w.entities[i]
	switch {
	case w.isEnd(i):
		w.rank[i] = rankNode
	case len(w.told(i)) > 0:
		w.rank[i] = rankException
	case w.best[i] != none:
		w.rank[i] = rankLeads
	default:
		return
	}
	if e.parent == none {
		return
	}
	best := w.best[e.parent]
	if best == none || w.rank[i] > w.rank[best] || w.rank[i] == w.rank[best] && w.compare(i, best) > 0 {
		w.best[e.parent] = i
	}
}

// told returns the exceptions of entity i; where it names the id of one that
// another entity holds, that one.
func (w *failures) told(i int32) []roentgen.Exception {
	c := w.entities[i].s.Cause
	if c == nil || len(c.Exceptions) > 0 {
		return exceptionsOf(c)
	}
	t, ok := w.thrown[c.Ref]
	if !ok {
		return nil
	}
	list := w.entities[t].s.Cause.Exceptions
	at := slices.IndexFunc(list, func(x roentgen.Exception) bool { return x.ID == c.Ref })
	return list[at : at+1]
}

func exceptionsOf(c *roentgen.Cause) []roentgen.Exception {
	if c == nil {
		return nil
	}
	return c.Exceptions
}

// starts returns where failures begin and something is known of why, by start.
func (w *failures) starts() []int32 {
	var list []int32
	for _, i := range w.order.list {
		if !w.hasFailed(i) {
			continue
		}
		e := &w.entities[i]
		claimed := e.parent != none && w.claimed[e.parent]
		starts := !claimed && (e.service || e.isCall() && !e.answered)
		w.claimed[i] = claimed || starts
		if starts && w.rank[i] != rankNothing {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, w.compare)
	return list
}

// way goes down from where a failure began to what tells why. Where an entity
// names the exception of one below it, the way leads there.
func (w *failures) way(start, number int32) []int32 {
	var way, detour []int32
	for i := start; i != none; {
		way = append(way, i)
		w.passed[i] = number
		if w.isEnd(i) {
			break
		}
		if len(detour) == 0 {
			detour = w.detour(i, detour)
		}
		if n := len(detour); n > 0 {
			i, detour = detour[n-1], detour[:n-1]
			continue
		}
		i = w.best[i]
	}
	return way
}

// detour appends what lies between i and the holder of the exception that i
// names, from the holder upward; nothing when the holder is not below i.
func (w *failures) detour(i int32, list []int32) []int32 {
	c := w.entities[i].s.Cause
	if c == nil || c.Ref == "" {
		return list
	}
	holder, ok := w.thrown[c.Ref]
	if !ok || !w.order.below(holder, i) {
		return list
	}
	for j := holder; j != i; j = w.entities[j].parent {
		list = append(list, j)
	}
	return list
}

// services writes a way down. The owner of a call with which a failure began
// did not fail itself, and is named only for the exceptions of the call.
func (w *failures) services(way []int32) []roentgen.CauseServiceRow {
	p := path{f: w.folder}
	for k, i := range way {
		end := k == len(way)-1 && w.isEnd(i)
		if row := (roentgen.CauseEntityRow{Exceptions: w.exceptions(i)}); k > 0 || !end || row.Exceptions != nil {
			p.add(i, row)
		}
		if end {
			p.end(i, roentgen.CauseEntityRow{})
		}
	}
	return p.rows
}

// exceptions returns what entity i, at which the way has passed last, shows:
// its own exceptions, and that of another only where the way does not lead
// there.
func (w *failures) exceptions(i int32) []roentgen.CauseExceptionRow {
	if w.leadsToHolder(i) {
		return nil
	}
	var rows []roentgen.CauseExceptionRow
	for _, x := range w.told(i) {
		rows = append(rows, roentgen.CauseExceptionRow{Name: x.Type, Message: x.Message})
	}
	return rows
}

func (w *failures) leadsToHolder(i int32) bool {
	c := w.entities[i].s.Cause
	if c == nil || len(c.Exceptions) > 0 {
		return false
	}
	holder, ok := w.thrown[c.Ref]
	return ok && w.passed[holder] == w.passed[i] && w.order.below(holder, i)
}
