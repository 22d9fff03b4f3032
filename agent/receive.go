package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/roentgen/roentgen/accept"
)

// receiver lets datagrams land, and decides about them itself where they are:
// to wake another goroutine costs more than a decision. When the kernel's buffer is
// a third full, reading is all it does, and copies go through the queue's ring to
// whoever decides there.
type receiver struct {
	socket   *socket
	networks accept.Networks
	queue    *queue
	desk     *desk
	decide   func() // decides about all that is queued
	buffer   int    // bytes that the kernel gives
	gather   time.Duration
	at       uint64 // where the ring is written next; the receiver's own
	now      func() time.Time
}

// run reads until ctx ends, and then what the kernel holds.
func (r *receiver) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, r.socket.end)
	defer stop()
	r.at = r.queue.get(offWritten)
	err := r.read(ctx)
	if ctx.Err() != nil && errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fmt.Errorf("read datagrams on %s: %w", r.socket.address, err)
}

// lastBatches bounds what is read after the end: senders may go on.
const lastBatches = 64

func (r *receiver) read(ctx context.Context) error {
	b := newBatchReader(r.socket, r.queue, len(r.networks) > 0)
	pace := newPace(r.gather, r.buffer)
	for left := lastBatches; left > 0; {
		before := r.now()
		n, err := b.read()
		if err != nil {
			return err
		}
		quiet := pace.quiet(r.now().Sub(before))
		if err := r.take(context.WithoutCancel(ctx), n); err != nil {
			return err
		}
		switch {
		case ctx.Err() != nil:
			left--
		case n < batchSize && !quiet: // otherwise there may be more
			r.socket.pause(pace.pause)
			pace.adapt(r.socket.fill())
		}
	}
	return net.ErrClosed
}

// crowded is how full the kernel's buffer is when there is no time for anything
// but reading.
const crowded = 0.3

// take decides about what has landed in the first n slots, or lets others.
func (r *receiver) take(ctx context.Context, n int) error {
	if r.queue.get(offTaken) == r.at && (n < batchSize || r.socket.fill() < crowded) {
		r.desk.landed(r.queue, n, r.networks)
		return nil
	}
	if err := r.push(ctx, n); err != nil || n == batchSize {
		return err
	}
	r.decide() // it helps
	return nil
}

// push copies a batch into the ring, and frees its slots.
func (r *receiver) push(ctx context.Context, n int) error {
	r.at = r.queue.rewind(r.at)
	documents := 0
	for i := range n {
		documents += documentsIn(r.queue.datagram(i))
	}
	if err := r.copy(ctx, n); err != nil {
		return err
	}
	r.queue.publish(r.at, documents)
	for i := range n {
		r.queue.free(i)
	}
	return nil
}

// copy is push without telling anybody.
func (r *receiver) copy(ctx context.Context, n int) error {
	for i := range n {
		datagram := r.queue.datagram(i)
		at, err := r.queue.push(ctx, r.at, datagram, r.queue.flags(i, r.networks))
		if err != nil {
			return err
		}
		r.queue.place(i).Store(1 + at - roomOf(uint64(len(datagram))))
		r.at = at
	}
	return nil
}
