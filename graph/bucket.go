package graph

import (
	"math/bits"
	"time"
)

// Of each power of two there are 128 buckets; below 256 ns each holds one
// value.
const (
	bucketBits = 7
	perOctave  = 1 << bucketBits
)

// bucketOf returns the number of the bucket that d, not negative, falls into:
// its power of two, and which 128th of that.
func bucketOf(d time.Duration) int {
	octave := max(0, bits.Len64(uint64(d))-bucketBits-1)
	return octave<<bucketBits + int(uint64(d)>>octave)
}

// coarsest is the last octave of which nanoseconds are told apart; of durations
// over 36 minutes microseconds are enough. Nanoseconds of a quarter of a million that are 100 days long would
// not fit into 64 bits together.
const coarsest = 33

// fineness returns to which power of two nanoseconds are told apart in the
// bucket.
func fineness(bucket int) int {
	if bucket>>bucketBits-1 > coarsest {
		return 10
	}
	return 0
}

// leastOf returns the least duration that falls into the bucket.
func leastOf(bucket int) time.Duration {
	octave := max(0, bucket>>bucketBits-1)
	return time.Duration(bucket-octave<<bucketBits) << octave
}
