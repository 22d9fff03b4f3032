package graph

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Histogram counts durations. The zero Histogram is empty and ready.
//
// Up to 100 different durations stand in it as they are. Of more, those of one
// bucket are counted together, as their mean; a bucket is at most 1/128 of its
// values wide, so that none is further than 0.8 % from what stands for it, and
// one that is alone in its bucket, however often, is exact; over 36 minutes to
// the microsecond. Negative durations count as none, and those over 100 days as
// 100 days.
//
// The same durations make the same Histogram in whatever order they were added
// and merged. What has become coarse stays so when durations are taken out.
type Histogram struct {
	bins   bins
	coarse bool
}

// Entry is durations that are counted together.
type Entry struct {
	Value time.Duration
	Count int64
}

const (
	exactValues = 100 // how many different durations stand as they are
	longest     = 100 * 24 * time.Hour
)

// Add counts a duration.
func (h *Histogram) Add(d time.Duration) { h.add(bound(d), 1) }

// Sub takes out a duration that was added.
func (h *Histogram) Sub(d time.Duration) { h.add(bound(d), -1) }

func (h *Histogram) add(d time.Duration, n int64) {
	if h.coarse {
		h.bins.count(d, n)
		return
	}
	h.bins.add(bin{key: int64(d), n: n})
	h.limit()
}

// Merge counts all that o has. o is not changed.
func (h *Histogram) Merge(o *Histogram) {
	theirs := o.bins
	switch {
	case o.coarse:
		h.coarsen()
	case h.coarse:
		theirs = theirs.coarse()
	}
	h.bins = h.bins.merge(theirs)
	h.limit()
}

// scaled returns the histogram with so many durations, in the same proportion.
// What is lost by rounding in one bin goes into the next, so that their number
// is right.
func (h *Histogram) scaled(to int64) Histogram {
	out, have := Histogram{coarse: h.coarse}, h.Count()
	rest := 0.5
	for _, b := range h.bins {
		rest += float64(b.n) * float64(to) / float64(have)
		n := int64(rest)
		if rest -= float64(n); n > 0 {
			out.bins = append(out.bins, bin{b.key, n, int64(float64(b.over) / float64(b.n) * float64(n))})
		}
	}
	return out
}

// limit goes over to buckets when too many durations stand as they are.
func (h *Histogram) limit() {
	if len(h.bins) > exactValues {
		h.coarsen()
	}
}

func (h *Histogram) coarsen() {
	if !h.coarse {
		h.bins, h.coarse = h.bins.coarse(), true
	}
}

// Count returns how many durations were counted.
func (h *Histogram) Count() (n int64) {
	for _, b := range h.bins {
		n += b.n
	}
	return n
}

// Entries returns what was counted, in ascending order of the value; nil where
// nothing was.
func (h *Histogram) Entries() []Entry {
	if len(h.bins) == 0 {
		return nil
	}
	out := make([]Entry, len(h.bins))
	for i, b := range h.bins {
		out[i] = Entry{h.value(b), b.n}
	}
	return out
}

// Quantile returns the smallest value that at least the share q of all
// durations does not exceed: of q = 0 the least, of q = 1 the greatest, of an
// empty Histogram 0.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := max(1, int64(math.Ceil(q*float64(h.Count()))))
	for i, b := range h.bins {
		if rank -= b.n; rank <= 0 || i == len(h.bins)-1 {
			return h.value(b)
		}
	}
	return 0
}

// value is what stands for the durations of b.
func (h *Histogram) value(b bin) time.Duration {
	if !h.coarse {
		return time.Duration(b.key)
	}
	return leastOf(int(b.key)) + time.Duration(b.over/b.n)<<fineness(int(b.key))
}

// bound is d within what a Histogram holds.
func bound(d time.Duration) time.Duration { return min(max(d, 0), longest) }

// bin counts durations together: those of a bucket, or those that are equal.
// Bins add up and are taken out again in any order, which those of a digest do
// not.
type bin struct {
	key  int64 // number of the bucket, or the duration
	n    int64
	over int64 // by how much the durations of a bucket exceed its least, together; in units of its fineness
}

// bins are in ascending order of the key; none is empty.
type bins []bin

// count counts d n times in its bucket.
func (s *bins) count(d time.Duration, n int64) { s.add(binOf(d, n)) }

// binOf is d n times in its bucket.
func binOf(d time.Duration, n int64) bin {
	bucket := bucketOf(d)
	return bin{int64(bucket), n, n * int64((d-leastOf(bucket))>>fineness(bucket))}
}

// add adds one bin up, and leaves none that is empty.
func (s *bins) add(b bin) {
	i := s.find(b.key)
	if i == len(*s) || (*s)[i].key != b.key {
		*s = slices.Insert(*s, i, b)
		return
	}
	at := &(*s)[i]
	at.n += b.n
	at.over += b.over
	if at.n == 0 {
		*s = slices.Delete(*s, i, i+1)
	}
	if len(*s) == 0 {
		*s = nil
	}
}

// find returns where the bin with that key is or belongs. Most of counting is
// this search, and a function to compare by would double it.
func (s bins) find(key int64) int {
	low, high := 0, len(s)
	for low < high {
		if middle := int(uint(low+high) >> 1); s[middle].key < key {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// merge returns the bins of both. Neither is changed.
func (s bins) merge(o bins) bins {
	if len(s)+len(o) == 0 {
		return nil
	}
	out := make(bins, 0, len(s)+len(o))
	for len(s) > 0 && len(o) > 0 {
		switch cmp.Compare(s[0].key, o[0].key) {
		case -1:
			out, s = append(out, s[0]), s[1:]
		case 1:
			out, o = append(out, o[0]), o[1:]
		default:
			out = append(out, bin{s[0].key, s[0].n + o[0].n, s[0].over + o[0].over})
			s, o = s[1:], o[1:]
		}
	}
	return append(append(out, s...), o...)
}

// coarse returns bins of equal durations as buckets.
func (s bins) coarse() (out bins) {
	for _, b := range s {
		out.count(time.Duration(b.key), b.n)
	}
	return out
}
