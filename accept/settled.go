package accept

import (
	"sync"
	"time"

	"github.com/roentgen/roentgen"
)

// arrivals is the batches that were stamped and that the next step has not
// answered yet.
type arrivals struct {
	mu struct {
		sync.Mutex
		stamps map[roentgen.Time]int // batches by stamp
	}
}

// begin stamps a batch, which is under way until end.
func (a *arrivals) begin(now func() time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.mu.stamps == nil {
		a.mu.stamps = map[roentgen.Time]int{}
	}
	t := now()
	a.mu.stamps[roentgen.At(t)]++
	return t
}

func (a *arrivals) end(stamp time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := roentgen.At(stamp)
	if a.mu.stamps[t]--; a.mu.stamps[t] == 0 {
		delete(a.mu.stamps, t)
	}
}

// Settled returns a time before which nothing arrives any more: documents with
// an earlier Received have been stored, or will not be. It is the stamp of the
// oldest batch under way, and now when there is none; it does not wait.
func (a *Acceptor) Settled() roentgen.Time {
	a.arrivals.mu.Lock()
	defer a.arrivals.mu.Unlock()
	t := roentgen.At(a.cfg.Now())
	for stamp := range a.arrivals.mu.stamps {
		t = min(t, stamp)
	}
	return t
}
