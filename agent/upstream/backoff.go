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
}

// success ends the pause.
func (b *backoff) success() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mu.failures = 0
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

// sleep waits, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
