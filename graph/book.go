package graph

import (
	"time"

	"github.com/roentgen/roentgen"
)

// book counts requests by node and by call, on a leaf for each span of time.
// Leaves share words and pages.
type book struct {
	pager
	services interner[roentgen.ServiceID]
	limits   limits
	leaves   []*leaf // ascending
	spare    []*leaf
	other    uint32 // number of others
	others   int64  // what was counted as others
	held     int    // entries of all leaves
}

// limits bound what a book holds.
type limits struct {
	services int // of which one is said to be others
	entries  int // of a leaf
	all      int // entries of all leaves, but for those of others
	pages    int
	leaves   int
}

// leaf is one span of time.
type leaf struct {
	begin   roentgen.Time
	at      map[pair]int32 // where an entry is
	keys    []pair         // of each entry: a call, or a node with nobody as its callee
	entries []rate
}

// nobody is the number of no service.
const nobody = 1<<32 - 1

// noOthers is the number of others while there are none.
const noOthers = nobody - 1

// rate is what is counted of a node or a call.
type rate struct {
	stats   Stats // without Total
	total   longSum
	took    spread
	trailed *[2]spread // of a node, those segments that something trailed: took, and took with that; nil: none
}

// others stands for the services that are one too many.
var others = roentgen.ServiceID{Name: "others: too many services to tell apart", Type: "others"}

func newBook(l limits) *book {
	return &book{limits: l, pager: pager{most: l.pages}, other: noOthers}
}

// leaf returns that of a time, the nearest where there are too many.
func (b *book) leaf(begin roentgen.Time) *leaf {
	last := len(b.leaves) - 1
	for i := last; i >= 0 && b.leaves[i].begin >= begin; i-- {
		if b.leaves[i].begin == begin {
			return b.leaves[i]
		}
	}
	i := last + 1
	for i > 0 && b.leaves[i-1].begin > begin {
		i--
	}
	if len(b.leaves) >= b.limits.leaves {
		return b.leaves[min(i, last)]
	}
	l := b.take(begin)
	b.leaves = append(b.leaves, nil)
	copy(b.leaves[i+1:], b.leaves[i:])
	b.leaves[i] = l
	return l
}

// take returns an empty leaf.
func (b *book) take(begin roentgen.Time) *leaf {
	if last := len(b.spare) - 1; last >= 0 {
		l := b.spare[last]
		b.spare = b.spare[:last]
		l.begin = begin
		return l
	}
	return &leaf{begin: begin, at: map[pair]int32{}}
}

// spareLeaves is how many leaves are kept for later.
const spareLeaves = 4

// drop forgets the first n leaves, and reports whether it forgot words too.
func (b *book) drop(n int) (words bool) {
	for _, l := range b.leaves[:n] {
		for i := range l.entries {
			e := &l.entries[i]
			b.release(&e.took)
			if e.trailed != nil {
				b.release(&e.trailed[0])
				b.release(&e.trailed[1])
			}
			*e = rate{}
		}
		b.held -= len(l.keys)
		clear(l.at)
		l.keys, l.entries = l.keys[:0], l.entries[:0]
		if len(b.spare) < spareLeaves {
			b.spare = append(b.spare, l)
		}
	}
	b.leaves = append(b.leaves[:0], b.leaves[n:]...)
	if words = len(b.leaves) == 0 && len(b.services.keys) > b.limits.services/2; words {
		b.services, b.other = interner[roentgen.ServiceID]{}, noOthers
	}
	return words
}

// number returns that of a service, or of others.
func (b *book) number(id roentgen.ServiceID) uint32 {
	if n, ok := b.services.numbers[id]; ok {
		return n
	}
	if len(b.services.keys) >= b.limits.services-1 {
		b.other = b.services.number(others)
		return b.other
	}
	return b.services.number(id)
}

// entry returns the entry of a node or a call, or that of others.
func (b *book) entry(l *leaf, key pair) *rate {
	at, ok := l.at[key]
	if !ok && (len(l.keys) >= b.limits.entries-2 || b.held >= b.limits.all) { // there is room for a node and a call of others
		b.other = b.services.number(others)
		key.from = b.other
		if key.to != nobody {
			key.to = b.other
		}
		at, ok = l.at[key]
	}
	if key.from == b.other || key.to == b.other {
		b.others++
	}
	if ok {
		return &l.entries[at]
	}
	b.held++
	l.at[key] = int32(len(l.keys))
	l.keys = append(l.keys, key)
	l.entries = append(l.entries, rate{})
	return &l.entries[len(l.entries)-1]
}

// add counts one request that took so long, and whole with what trailed it.
func (b *book) add(r *rate, class roentgen.Class, took, whole time.Duration) {
	r.stats.count(count{class: class}, 1)
	r.total = r.total.plus(took, 1)
	b.count(&r.took, rollOf(took), 1)
	if whole <= took {
		return
	}
	if r.trailed == nil {
		r.trailed = new([2]spread)
	}
	b.count(&r.trailed[0], rollOf(took), 1)
	b.count(&r.trailed[1], rollOf(whole), 1)
}

// requests returns what was counted.
func (b *book) requests(r *rate) Requests {
	out := Requests{Stats: r.stats, ResponseTimes: b.histogram(&r.took)}
	out.Stats.Total = r.total.duration()
	out.Durations = out.ResponseTimes
	if r.trailed != nil {
		less, more := b.histogram(&r.trailed[0]), b.histogram(&r.trailed[1])
		for i := range less.bins {
			less.bins[i].n = -less.bins[i].n
		}
		out.Durations.bins = nonEmpty(out.Durations.bins.merge(less.bins).merge(more.bins))
	}
	return out
}

// nonEmpty leaves out bins without durations.
func nonEmpty(all bins) bins {
	out := all[:0]
	for _, b := range all {
		if b.n > 0 {
			out = append(out, b)
		}
	}
	return out
}

// Requests is how many there were, how they went and how long they took, each
// duration to within 0.8 %.
type Requests struct {
	Stats         Stats
	ResponseTimes Histogram
	Durations     Histogram // of a node: with what trails its segments
}
