package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// Drain counts the requests in hand and, once told, refuses new ones. Probes are neither counted nor refused.
type Drain struct {
	mu struct {
		sync.Mutex
		inHand   int
		draining bool
		idle     chan struct{} // made by Begin; closed when nothing is in hand
	}
}

// Draining reports whether new work is refused.
func (d *Drain) Draining() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.mu.draining
}

// DrainState is how far a drain is.
type DrainState struct {
	Draining bool `json:"draining"`
	InHand   int  `json:"in_flight"`
}

// State reports the drain's state.
func (d *Drain) State() DrainState {
	d.mu.Lock()
	defer d.mu.Unlock()
	return DrainState{d.mu.draining, d.mu.inHand}
}

// Begin refuses new work from now on. The channel is closed when the work in hand has ended.
func (d *Drain) Begin() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.mu.draining {
		d.mu.draining = true
		d.mu.idle = make(chan struct{})
		d.closeIfIdleLocked()
	}
	return d.mu.idle
}

// Wait begins the drain and returns when it is over, or with the context's error.
func (d *Drain) Wait(ctx context.Context) error {
	select {
	case <-d.Begin():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *Drain) closeIfIdleLocked() {
	if d.mu.draining && d.mu.inHand == 0 {
		close(d.mu.idle)
	}
}

// enter reports whether the request may come in; leave follows then.
func (d *Drain) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mu.draining {
		return false
	}
	d.mu.inHand++
	return true
}

func (d *Drain) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mu.inHand--
	d.closeIfIdleLocked()
}

func (d *Drain) gate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isProbe(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		if !d.enter() {
			w.Header().Set("Connection", "close")
			WriteError(w, r, drainingError())
			return
		}
		defer d.leave()
		next.ServeHTTP(w, r)
	})
}

func drainingError() *Error {
	e := Fail(http.StatusServiceUnavailable, contract.Draining, "the service is stopping: ask again, another instance will answer")
	e.RetryAfter = time.Second
	return e
}
