// Package gate lets a bounded number of calls run and a bounded number wait for their turn, in the order in which they
// came as far as Go's channels keep it. It starts no goroutine: the caller's own does the work.
package gate

import (
	"context"
	"errors"
	"time"
)

// ErrFull says that as many calls run and wait as may.
var ErrFull = errors.New("all workers are busy and the queue is full")

// Gate is a bounded pool of places. It is safe for concurrent use.
type Gate struct {
	places chan struct{} // one token per running or waiting call
	work   chan struct{} // one token per running call
	now    func() time.Time
}

// New makes a gate through which running calls pass at once while up to waiting more stand before it. Both are counts
// of calls; running below 1 counts as 1.
func New(running, waiting int, now func() time.Time) *Gate {
	running, waiting = max(running, 1), max(waiting, 0)
	return &Gate{
		places: make(chan struct{}, running+waiting),
		work:   make(chan struct{}, running),
		now:    now,
	}
}

// Enter waits for a turn and returns how long that took. The caller calls leave once when its work is done. The error
// is ErrFull, or the context's if that ended first; leave is nil then.
func (g *Gate) Enter(ctx context.Context) (leave func(), waited time.Duration, err error) {
	select {
	case g.places <- struct{}{}:
	default:
		return nil, 0, ErrFull
	}
	start := g.now()
	select {
	case g.work <- struct{}{}:
		return g.leave, g.now().Sub(start), nil
	case <-ctx.Done():
		<-g.places
		return nil, g.now().Sub(start), ctx.Err()
	}
}

func (g *Gate) leave() {
	<-g.work
	<-g.places
}

// State is how full a gate is.
type State struct {
	Running    int `json:"running"`
	MaxRunning int `json:"max_running"`
	Waiting    int `json:"waiting"`
	MaxWaiting int `json:"max_waiting"`
}

// State reports how full the gate is at about this moment.
func (g *Gate) State() State {
	running, held := len(g.work), len(g.places)
	return State{
		Running: running, MaxRunning: cap(g.work),
		Waiting: max(held-running, 0), MaxWaiting: cap(g.places) - cap(g.work),
	}
}
