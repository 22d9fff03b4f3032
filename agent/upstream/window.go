package upstream

import (
	"context"
	"math"
	"sync"
)

// Window is how many batches may be ahead of the oldest that is under way. The
// books of the agent remember so many, and the server's answers are kept for
// twice as many: what comes later could not be told from what was counted.
const Window = 64

// window keeps batches close together.
type window struct {
	mu     sync.Mutex
	under  map[uint64]struct{} // numbers of the batches under way
	newest uint64
	change chan struct{} // closed when one of them has ended
}

func newWindow() *window {
	return &window{under: map[uint64]struct{}{}, change: make(chan struct{})}
}

// enter takes note of a batch, before anything else is cut by the same worker.
func (w *window) enter(seq uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.under[seq] = struct{}{}
	w.newest = max(w.newest, seq)
}

// hampers tells whether others will have to wait for this batch soon.
func (w *window) hampers(seq uint64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.newest > seq && w.newest-seq >= Window/2
}

// leave ends one.
func (w *window) leave(seq uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.under, seq)
	close(w.change)
	w.change = make(chan struct{})
}

// permits tells whether the batch is less than Window ahead of the oldest.
func (w *window) permits(seq uint64) bool {
	permitted, _ := w.look(seq)
	return permitted
}

// look says it too, and when to look again.
func (w *window) look(seq uint64) (permitted bool, change <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	oldest := uint64(math.MaxUint64)
	for s := range w.under {
		oldest = min(oldest, s)
	}
	return seq < oldest || seq-oldest < Window, w.change
}

// wait returns when the batch is permitted.
func (w *window) wait(ctx context.Context, seq uint64) error {
	for {
		permitted, change := w.look(seq)
		if permitted {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
