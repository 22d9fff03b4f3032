package tail

import "time"

// bucket is a token bucket: one token a trace. It belongs to the owner.
type bucket struct {
	tokens float64
	filled time.Time // zero: it was never used, and is full
}

// take takes a token, if there is one.
func (b *bucket) take(now time.Time, rate, burst float64) bool {
	if b.filled.IsZero() {
		b.tokens = burst
	} else if passed := now.Sub(b.filled); passed > 0 {
		b.tokens += passed.Seconds() * rate
	}
	b.tokens, b.filled = min(b.tokens, burst), now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
