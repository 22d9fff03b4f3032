package accept

import (
	"context"
	"time"
)

// failure of the next step, as it was last.
type failure struct {
	err error
	at  time.Time
}

// note remembers how the next step has ended. Who gave up waiting says nothing
// about it.
func (a *Acceptor) note(ctx context.Context, err error) {
	switch {
	case err == nil:
		if a.failed.Load() != nil { // most of the time nothing is written, so that doors do not wait for each other
			a.failed.Store(nil)
		}
	case ctx.Err() == nil:
		a.failed.Store(&failure{err, a.cfg.Now()})
	}
}

// Refusing returns why the next step failed and when, where nothing was stored
// since; nil: it works, or has not been asked yet.
func (a *Acceptor) Refusing() (at time.Time, err error) {
	if f := a.failed.Load(); f != nil {
		return f.at, f.err
	}
	return time.Time{}, nil
}
