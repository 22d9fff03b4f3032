package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/roentgen/roentgen/accept"
)

// receiver reads datagrams into the queue. While they come faster than one
// call can bring, reading is all it does: nothing else must fill the kernel's
// buffer. When there is nothing more to read it decides about them itself,
// because to wake another goroutine costs more than a decision.
type receiver struct {
	conn     *net.UDPConn
	networks accept.Networks
	queue    *queue
	decide   func() // decides about all that is queued
	at       uint64 // where the queue is written next; the receiver's own
	now      func() time.Time
}

// batchSize is how many datagrams one system call may bring.
const batchSize = 64

// gather is how long the receiver lets datagrams come together when they come
// faster than one in that time: a wakeup costs more than a datagram. The
// kernel's buffer holds many times what comes in it.
const gather = 2 * time.Millisecond

// run reads until the socket is closed, which it is when ctx ends.
func (r *receiver) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { r.conn.Close() })
	defer stop()
	r.at = r.queue.get(offWritten)
	err := r.read(context.WithoutCancel(ctx))
	if ctx.Err() != nil && errors.Is(err, net.ErrClosed) {
		return nil
	}
	r.conn.Close()
	return fmt.Errorf("read datagrams on %s: %w", r.conn.LocalAddr(), err)
}

func (r *receiver) read(ctx context.Context) error {
	b, err := newBatchReader(r.conn, len(r.networks) > 0)
	if err != nil {
		return err
	}
	for last := r.now(); ; {
		n, err := b.read()
		if err != nil {
			return err
		}
		if err := r.push(ctx, b, n); err != nil {
			return err
		}
		if n == batchSize { // there may be more: reading goes before all else
			r.queue.wake()
			continue
		}
		r.decide()
		now := r.now()
		if now.Sub(last) < 2*gather {
			time.Sleep(gather)
		}
		last = now
	}
}

// push puts a batch into the queue.
func (r *receiver) push(ctx context.Context, b *batchReader, n int) error {
	r.at = r.queue.rewind(r.at)
	for i := range n {
		flags := uint32(0)
		if !r.networks.Allow(b.from(i)) {
			flags = fromForeign
		}
		at, err := r.queue.push(ctx, r.at, b.datagram(i), flags)
		if err != nil {
			return err
		}
		r.at = at
	}
	r.queue.show(r.at, n)
	return nil
}
