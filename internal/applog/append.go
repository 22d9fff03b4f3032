package applog

import (
	"context"
	"fmt"
	"sync/atomic"
)

// request is one call on its way through the writer. The payloads stay the
// caller's: the writer reads them between claim and answer.
type request struct {
	records []Record
	bytes   int64                    // of their frames
	do      func() (Position, error) // instead of records: runs in the writer
	state   atomic.Int32
	done    chan result // holds one
}

type result struct {
	at  Position
	err error
}

// A request is settled once: claimed by the writer or withdrawn by the caller.
const (
	statePending int32 = iota
	stateClaimed
	stateWithdrawn
)

func (r *request) claim() bool    { return r.state.CompareAndSwap(statePending, stateClaimed) }
func (r *request) withdraw() bool { return r.state.CompareAndSwap(statePending, stateWithdrawn) }

// Append writes records, one behind the other in one file, and returns the
// position of the first once all are durable. Calls that come together share
// a write and an fsync; each sees its own records in the order of its calls.
//
// While the queue is full, and until the writer takes the call up, a done ctx
// ends it: the error is the context's and nothing was written. After that
// Append waits for the disk whatever ctx says, because the payloads are in use
// and the records may become durable. An error then means that they were not
// acknowledged: after ErrNoSpace they are not in the log, after ErrFailed they
// may be, whole and in order, when it is opened again.
func (l *Log) Append(ctx context.Context, records ...Record) (Position, error) {
	n, err := l.opt.frameBytes(records)
	if err != nil {
		return Position{}, fmt.Errorf("append to log in %s: %w", l.dir, err)
	}
	r := l.pool.Get().(*request)
	r.records, r.bytes = records, n
	at, err := l.submit(ctx, r)
	if err != nil {
		return Position{}, fmt.Errorf("append to log in %s: %w", l.dir, err)
	}
	return at, nil
}

// submit hands r to the writer and waits for the answer.
func (l *Log) submit(ctx context.Context, r *request) (Position, error) {
	if err := ctx.Err(); err != nil {
		return Position{}, err
	}
	select { // first, because a select among several that are ready chooses by chance
	case <-l.closing:
		return Position{}, ErrClosed
	default:
	}
	select {
	case l.queue <- r:
		return l.await(ctx, r)
	case <-ctx.Done():
		return Position{}, ctx.Err()
	case <-l.closing:
		return Position{}, ErrClosed
	}
}

func (l *Log) await(ctx context.Context, r *request) (Position, error) {
	select {
	case res := <-r.done:
		return l.settle(r, res)
	case <-ctx.Done():
		if r.withdraw() {
			return Position{}, ctx.Err()
		}
	case <-l.done: // the writer drained the queue and left before r came into it
		if r.withdraw() {
			return Position{}, ErrClosed
		}
	}
	return l.settle(r, <-r.done)
}

// settle keeps the answered request for another call. A withdrawn one is not
// kept: it may still lie in the queue.
func (l *Log) settle(r *request, res result) (Position, error) {
	r.records, r.bytes, r.do = nil, 0, nil
	r.state.Store(statePending)
	l.pool.Put(r)
	return res.at, res.err
}
