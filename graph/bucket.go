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

// leastOf returns the least duration that falls into the bucket.
func leastOf(bucket int) time.Duration {
	octave := max(0, bucket>>bucketBits-1)
	return time.Duration(bucket-octave<<bucketBits) << octave
}
