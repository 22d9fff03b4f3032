package upstream

import (
	"context"
	"sync"
	"time"
)

// slowestFactor is how much longer the pauses are at the least after an error
// that only a person can mend, and how much shorter than the least one a lucky
// draw may be.
const slowestFactor = 10

// backoff paces attempts while the upstream does not take batches: all batches
// of a forwarder share it, because they meet the same upstream.
type backoff struct {
	min, max time.Duration
	jitter   func() float64
	mu       struct {
		sync.Mutex
		failures int // since the last success
	}
	better chan struct{} // closed at the first success after failures; under mu
}

// success ends the pause.
func (b *backoff) success() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mu.failures > 0 {
		close(b.better)
		b.better = make(chan struct{})
	}
	b.mu.failures = 0
}

// untilBetter is closed when a batch is taken after others were not.
func (b *backoff) untilBetter() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.better
}

// failure returns how long to wait: exponential with full jitter, no shorter
// than what the upstream asked for.
func (b *backoff) failure(e *Error) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	ceiling := b.max
	if shift := min(b.mu.failures, 30); b.min<<shift>>shift == b.min {
		ceiling = min(ceiling, b.min<<shift)
	}
	b.mu.failures++
	if e.Config {
		ceiling = min(b.max, max(ceiling, slowestFactor*b.min))
	}
	wait := time.Duration(b.jitter() * float64(ceiling))
	return max(wait, min(b.min, ceiling)/slowestFactor, e.RetryAfter)
}

// sleep waits, or until it is better, or ctx ends.
func sleep(ctx context.Context, d time.Duration, better <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-better:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
