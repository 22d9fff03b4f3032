package graph

import (
	"encoding/binary"
	"math"

	"github.com/roentgen/roentgen"
)

// whole is the share of all.
const whole share = 1

// share is the part of a span that counts.
type share float64

// of returns the share of n, to the nearest whole number.
func (s share) of(n int64) int64 {
	if s == whole {
		return n
	}
	return int64(math.Round(float64(n) * float64(s)))
}

// merge adds a share of a span to a leaf. account owns the traces: nodes of it
// carry none.
func (b *book) merge(l *leaf, r *Minutely, s *rolled, account string, part share) {
	numbers := make([]uint32, len(r.services)) // one more than the number in the book; 0: not met yet
	number := func(n uint32) uint32 {
		if numbers[n] == 0 {
			id := r.services[n]
			if id.AccountID == account {
				id.AccountID = ""
			}
			numbers[n] = b.number(id) + 1
		}
		return numbers[n] - 1
	}
	r.each(newCursor(s.body), func(k pair, e *rateReader) {
		if k.from = number(k.from); k.to != nobody {
			k.to = number(k.to)
		}
		b.addRate(b.entry(l, k), e, part)
	})
}

func (b *book) addRate(to *rate, e *rateReader, part share) {
	to.stats.OK += part.of(e.stats.OK)
	to.stats.Error += part.of(e.stats.Error)
	to.stats.Throttle += part.of(e.stats.Throttle)
	to.stats.Fault += part.of(e.stats.Fault)
	to.total = to.total.and(e.total.share(float64(part)))
	b.addSpread(&to.took, e, part)
	var trailed [2]spread
	if to.trailed != nil {
		trailed = *to.trailed
	}
	for i := range trailed {
		b.addSpread(&trailed[i], e, part)
	}
	if trailed != ([2]spread{}) {
		to.keepTrailed(trailed)
	}
}

// keepTrailed keeps what was counted beside the entry, where it was empty.
func (r *rate) keepTrailed(trailed [2]spread) {
	if r.trailed == nil {
		r.trailed = new([2]spread)
	}
	*r.trailed = trailed
}

// addSpread adds a share of each bucket. What is lost by rounding in one goes
// into the next, so that the sum is right.
func (b *book) addSpread(to *spread, e *rateReader, part share) {
	if part == whole {
		b.addWhole(to, e)
		return
	}
	rest := 0.5
	e.next(func(bucket int, n int64) {
		rest += float64(n) * float64(part)
		n = int64(rest)
		if rest -= float64(n); n > 0 {
			b.count(to, bucket, n)
		}
	})
}

// addWhole adds a spread that was checked when it was parsed. A day of fifty
// services has two million buckets, which this loop is for.
func (b *book) addWhole(to *spread, e *rateReader) {
	left := e.count(2)
	text, at, bucket := e.b, e.at, 0
	var open *page
	number := -1
	for ; left > 0; left-- {
		step, n := uint64(text[at]), uint64(text[at+1])
		if step|n < 0x80 {
			at += 2
		} else {
			var size int
			step, size = binary.Uvarint(text[at:])
			at += size
			n, size = binary.Uvarint(text[at:])
			at += size
		}
		bucket += int(step)
		if bucket>>pageShift != number {
			number = bucket >> pageShift
			open = b.page(to, bucket)
		}
		if open != nil {
			open[bucket&(perPage-1)] += int64(n)
		}
	}
	e.at = at
	e.read++
}

// Sums adds roll-ups up: of many agents, of many minutes. It is for one
// goroutine at a time.
type Sums struct {
	account string
	book    *book
}

// sumLimits are those of an answer, or of an hour.
var sumLimits = limits{services: 10_000, entries: 30_000, all: 30_000, pages: 200_000, leaves: 1}

// NewSums returns Sums of nothing. Of opt the Account is looked at.
func NewSums(opt Options) *Sums { return &Sums{opt.Account, newBook(sumLimits)} }

// Add adds the minutes that begin in [from, to) whole.
func (s *Sums) Add(r *Minutely, from, to roentgen.Time) {
	for i := range r.spans {
		if at := r.spans[i].begin; at >= from && at < to {
			s.book.merge(s.book.leaf(0), r, &r.spans[i], s.account, whole)
		}
	}
}

// AddAll adds all minutes.
func (s *Sums) AddAll(r *Minutely) { s.AddShare(r, 1) }

// AddShare adds a share of all minutes: 0.25 for 15 of 60 seconds.
func (s *Sums) AddShare(r *Minutely, part float64) {
	for i := range r.spans {
		s.book.merge(s.book.leaf(0), r, &r.spans[i], s.account, share(part))
	}
}

// Reset forgets what was added, and keeps the memory for what will be.
func (s *Sums) Reset() { s.book.drop(len(s.book.leaves)) }

// Empty reports whether nothing was added.
func (s *Sums) Empty() bool { return len(s.book.leaves) == 0 }

// Encode returns what was added as one minute, or a longer span, that begins at
// a time; in the form of Minutes.Take.
func (s *Sums) Encode(begin roentgen.Time) []byte {
	if s.Empty() {
		return s.book.encode(nil, nil)
	}
	s.book.leaves[0].begin = begin
	return s.book.encode(nil, s.book.leaves)
}

// entry returns the entry with that key, nil for none.
func (s *Sums) entry(from, to roentgen.ServiceID, call bool) *rate {
	if s.Empty() {
		return nil
	}
	k := pair{to: nobody}
	var ok bool
	if k.from, ok = s.book.services.numbers[from]; !ok {
		return nil
	}
	if call {
		if k.to, ok = s.book.services.numbers[to]; !ok {
			return nil
		}
	}
	l := s.book.leaves[0]
	if at, ok := l.at[k]; ok {
		return &l.entries[at]
	}
	return nil
}

// Node returns what was counted at a node, and whether anything was.
func (s *Sums) Node(id roentgen.ServiceID) (Requests, bool) {
	if r := s.entry(id, id, false); r != nil {
		return s.book.requests(r), true
	}
	return Requests{}, false
}

// Call returns what was counted of a call, and whether anything was.
func (s *Sums) Call(c Call) (Requests, bool) {
	if r := s.entry(c.From, c.To, true); r != nil {
		return s.book.requests(r), true
	}
	return Requests{}, false
}

// Nodes returns the nodes at which something was counted, in no order.
func (s *Sums) Nodes() (out []roentgen.ServiceID) {
	s.eachKey(func(k pair, from, to roentgen.ServiceID) {
		if k.to == nobody {
			out = append(out, from)
		}
	})
	return out
}

// Calls returns the calls of which something was counted, in no order.
func (s *Sums) Calls() (out []Call) {
	s.eachKey(func(k pair, from, to roentgen.ServiceID) {
		if k.to != nobody {
			out = append(out, Call{from, to})
		}
	})
	return out
}

func (s *Sums) eachKey(fn func(k pair, from, to roentgen.ServiceID)) {
	if s.Empty() {
		return
	}
	keys := s.book.services.keys
	for _, k := range s.book.leaves[0].keys {
		var to roentgen.ServiceID
		if k.to != nobody {
			to = keys[k.to]
		}
		fn(k, keys[k.from], to)
	}
}
