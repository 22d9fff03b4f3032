package upstream

import (
	"sync"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// States of a breaker.
const (
	Closed   = "closed"    // calls pass
	HalfOpen = "half_open" // one call is, or may be, the trial
	Open     = "open"      // no call passes
)

// State is how a neighbour's breaker stands.
type State struct {
	State     string             `json:"state"`                // Closed, HalfOpen or Open
	Failures  int                `json:"consecutive_failures"` // as counted by the breaker
	OpenedAt  *time.Time         `json:"opened_at,omitempty"`  // nil while closed
	LastError contract.ErrorType `json:"last_error,omitempty"` // of the last failure; "" if there was none since Reset
}

// outcome is what a call says of the neighbour.
type outcome int

const (
	noVerdict outcome = iota // the caller went away
	works
	fails
)

// breaker stops calls to a neighbour that fails. It is safe for concurrent use.
type breaker struct {
	most int           // consecutive failures that open it
	rest time.Duration // that it stays open
	now  func() time.Time

	mu struct {
		sync.Mutex
		state    string
		failures int
		opened   time.Time
		last     contract.ErrorType
		trial    bool // in HalfOpen: the trial is under way
		// generation counts changes of state; what began in an earlier one is no verdict on this one.
		generation int
	}
}

func newBreaker(most int, rest time.Duration, now func() time.Time) *breaker {
	b := &breaker{most: most, rest: rest, now: now}
	b.mu.state = Closed
	return b
}

// permit lets one call pass. Its holder gives it back to leave, once.
type permit struct {
	generation int
	state      string // at the time of the call
}

// enter asks for a permit. Without one, wait is how long to leave the neighbour alone, at least a second.
func (b *breaker) enter() (p permit, wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ripenLocked()
	p = permit{b.mu.generation, b.mu.state}
	switch {
	case b.mu.state == Open:
		return p, max(b.mu.opened.Add(b.rest).Sub(b.now()), time.Second), false
	case b.mu.state == HalfOpen && b.mu.trial:
		return p, time.Second, false
	}
	b.mu.trial = b.mu.state == HalfOpen
	return p, 0, true
}

// leave gives a permit back with what the call has shown, and kind, why it failed. It reports whether that has opened or
// closed the breaker.
func (b *breaker) leave(p permit, o outcome, kind contract.ErrorType) (changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.generation != b.mu.generation {
		return false
	}
	b.mu.trial = false
	switch o {
	case works:
		b.mu.failures = 0
		if b.mu.state != Closed {
			b.changeLocked(Closed)
		}
	case fails:
		b.mu.failures++
		b.mu.last = kind
		if b.mu.state == HalfOpen || b.mu.failures >= b.most {
			b.changeLocked(Open)
			b.mu.opened = b.now()
		}
	}
	return p.generation != b.mu.generation
}

// ripenLocked lets a breaker that has rested long enough try again.
func (b *breaker) ripenLocked() {
	if b.mu.state == Open && b.now().Sub(b.mu.opened) >= b.rest {
		b.changeLocked(HalfOpen)
	}
}

func (b *breaker) changeLocked(state string) {
	b.mu.state, b.mu.trial = state, false
	b.mu.generation++
}

// reset closes the breaker and forgets.
func (b *breaker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changeLocked(Closed)
	b.mu.failures, b.mu.last = 0, ""
}

// stands reports the state, in which an open breaker that has rested long enough is half open.
func (b *breaker) stands() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ripenLocked()
	s := State{State: b.mu.state, Failures: b.mu.failures, LastError: b.mu.last}
	if b.mu.state != Closed {
		opened := b.mu.opened
		s.OpenedAt = &opened
	}
	return s
}
