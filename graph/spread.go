package graph

import "time"

// Roll-ups count durations in buckets twice as wide as those of a Histogram, of
// each power of two 64: what stands for a duration is at most 0.8 % from it.
const (
	perPage   = perOctave / 2
	rollups   = pages * perPage // how many buckets there are
	pageShift = bucketBits - 1
)

// rollOf returns the number of the bucket that d, not negative, falls into.
func rollOf(d time.Duration) int { return bucketOf(bound(d)) >> 1 }

// page counts durations of one power of two.
type page [perPage]int64

// spread is a histogram on pages of a pager, each numbered from 1; 0: nothing
// is on it.
type spread [pages]uint32

// pager gives pages, and takes them back, so that counting one minute after the
// other takes no memory that it has not had before.
type pager struct {
	all  []*page
	free []uint32
	most int // pages
	// fresh are pages that were never used.
	fresh []page
}

// freshPages is how many pages are made at once.
const freshPages = 64

// page returns the page of a bucket, or nil where there are too many.
func (p *pager) page(s *spread, bucket int) *page {
	at := &s[bucket>>pageShift]
	switch last := len(p.free) - 1; {
	case *at != 0:
	case last >= 0:
		*at, p.free = p.free[last], p.free[:last]
	case len(p.all) >= p.most:
		return nil
	default:
		if len(p.fresh) == 0 {
			p.fresh = make([]page, freshPages)
		}
		p.all, p.fresh = append(p.all, &p.fresh[0]), p.fresh[1:]
		*at = uint32(len(p.all))
	}
	return p.all[*at-1]
}

// count counts n durations of one bucket, and reports whether there was room.
func (p *pager) count(s *spread, bucket int, n int64) bool {
	in := p.page(s, bucket)
	if in == nil {
		return false
	}
	in[bucket&(perPage-1)] += n
	return true
}

// each calls fn for the buckets that are not empty, in their order.
func (p *pager) each(s *spread, fn func(bucket int, n int64)) {
	for i, number := range s {
		if number == 0 {
			continue
		}
		for j, n := range p.all[number-1] {
			if n != 0 {
				fn(i<<pageShift+j, n)
			}
		}
	}
}

// release takes the pages of a spread back.
func (p *pager) release(s *spread) {
	for _, number := range s {
		if number != 0 {
			*p.all[number-1] = page{}
			p.free = append(p.free, number)
		}
	}
	*s = spread{}
}

// histogram returns what was counted, each bucket as its middle.
func (p *pager) histogram(s *spread) Histogram {
	h := Histogram{coarse: true}
	p.each(s, func(bucket int, n int64) { h.bins = append(h.bins, bin{key: int64(bucket)<<1 | 1, n: n}) })
	return h
}
