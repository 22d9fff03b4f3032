package tracing

import "sync"

// queue hands finished (sub)segments from request goroutines to the sender.
// It is bounded; what does not fit is refused, so that a stalled sender costs
// requests nothing. The sender takes everything at once, which needs one lock
// for a whole batch.
type queue struct {
	wake  chan struct{} // capacity 1: "there is something, or the end"
	hurry chan struct{} // capacity 1: "do not wait for more"
	max   int
	many  int // how many items hurry the sender

	mu struct {
		sync.Mutex
		items  []*span
		closed bool
	}
}

func newQueue(limit int) *queue {
	return &queue{wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), max: limit, many: max(1, min(limit/2, maxGathered))}
}

type verdict uint8

const (
	taken verdict = iota
	refusedFull
	refusedClosed
)

// maxGathered bounds how many items the sender lets gather before it sends them.
const maxGathered = 256

// manner says how an item is to be treated.
type manner uint8

const (
	yields manner = 1 << iota // it makes room for others when the queue is nearly full
	urgent                    // it is sent at once
)

// push hands s over. One that yields finds the queue full when a quarter of it
// is still free, so that undecided segments never crowd out sampled ones.
func (q *queue) push(s *span, how manner) verdict {
	limit := q.max
	if how&yields != 0 {
		limit -= limit / 4
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.mu.closed:
		return refusedClosed
	case len(q.mu.items) >= limit:
		return refusedFull
	}
	q.mu.items = append(q.mu.items, s)
	if len(q.mu.items) == 1 {
		signal(q.wake)
	}
	if len(q.mu.items) == q.many || how&urgent != 0 {
		signal(q.hurry)
	}
	return taken
}

// swap gives the waiting items for an emptied slice to fill next. more is
// false when nothing will ever follow.
func (q *queue) swap(emptied []*span) (items []*span, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	items, q.mu.items = q.mu.items, emptied[:0]
	return items, !q.mu.closed
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.mu.closed = true
	signal(q.wake)
	signal(q.hurry)
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.mu.items)
}

// signal leaves word unless there is some.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
