package chunk

import (
	"math/bits"
	"slices"
)

// A lane holds the integers of one hole: v-base in width bits, where both are
// learned from the values that passed. What does not fit is an exception.
type lane struct {
	base     int64
	lo, hi   int64          // of all values
	n        uint32         // values that passed
	since    uint32         // values since the last version
	miss     uint32         // of them not fitting
	check    uint32         // n at which lo and hi are looked at
	width    uint8          // unlearned: nothing fits
	queued   bool           // to be looked at after this trace
	samples  uint32         // taken into ring
	ring     [ringLen]int64 // of the newest values
	versions []laneVersion
}

// laneVersion holds from trace number epoch on.
type laneVersion struct {
	epoch uint32
	base  int64
	width uint8
}

const (
	ringLen         = 32
	unlearned       = 255
	firstCheck      = 256
	firstSamples    = 4  // after which a lane is learned
	maxLaneVersions = 24 // bounds what a column without pattern costs in the dictionary
	missBits        = 44 // about what an exception costs
)

// note counts v and reports whether it fits.
func (l *lane) note(v int64) bool {
	if l.n++; l.n == 1 {
		l.lo, l.hi = v, v
	}
	l.lo, l.hi = min(l.lo, v), max(l.hi, v)
	l.since++
	ok := l.fits(v)
	if !ok {
		l.miss++
	}
	if !ok || l.n <= 2*ringLen || l.n%8 == 0 {
		l.ring[l.samples%ringLen] = v
		l.samples++
	}
	return ok
}

func (l *lane) fits(v int64) bool {
	return l.width <= 64 && uint64(v-l.base)>>l.width == 0
}

// due reports whether learning anew may pay.
func (l *lane) due() bool {
	switch {
	case len(l.versions) >= maxLaneVersions:
		return false
	case l.n >= l.check:
		l.check *= 8
		return l.width != unlearned && l.width > l.bound()
	case l.width == unlearned:
		return l.n >= firstSamples
	}
	return l.miss >= 2+uint32(len(l.versions)) && l.miss*missBits > l.since
}

// bound is the width that would do for all values so far.
func (l *lane) bound() uint8 { return uint8(bits.Len64(uint64(l.hi - l.lo))) }

// learn chooses base and width for the newest values.
func (l *lane) learn(epoch uint32) {
	var tmp [ringLen]int64
	s := tmp[:min(int(l.samples), ringLen)]
	copy(s, l.ring[:])
	slices.Sort(s)
	lo, hi := trim(s)
	if r := hi - lo; r > 0 && hi < 1<<62 && lo > -1<<62 {
		more := r / 4
		if l.n < 2*ringLen {
			more = r
		}
		hi += more
		if lo -= more / 2; lo < 0 && s[0] >= 0 {
			lo = 0
		}
	}
	if len(l.versions) >= maxLaneVersions/2 && l.lo > -1<<61 && l.hi < 1<<61 {
		// They drift: room for as much again on both sides.
		lo, hi = l.lo-(l.hi-l.lo), l.hi+(l.hi-l.lo)
	}
	base, width := lo, uint8(bits.Len64(uint64(hi-lo)))
	if len(l.versions) < maxLaneVersions/2 && l.n >= firstCheck && l.bound() <= width {
		base, width, hi = l.lo, l.bound(), l.hi
	}
	l.miss, l.since = 0, 0
	if width == l.width && l.fits(base) && l.fits(hi) {
		return
	}
	l.base, l.width = base, width
	l.versions = append(l.versions, laneVersion{epoch, base, width})
}

// trim leaves out up to three values at each end of s, which is sorted, where
// that makes the whole cheaper.
func trim(s []int64) (lo, hi int64) {
	best := -1
	for i := range min(4, (len(s)+2)/3) {
		for j := range min(4, (len(s)+2)/3) {
			a, b := s[i], s[len(s)-1-j]
			cost := (len(s)-i-j)*bits.Len64(uint64(b-a)) + (i+j)*missBits
			if best < 0 || cost < best {
				best, lo, hi = cost, a, b
			}
		}
	}
	return lo, hi
}
