package tracing

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"
)

// datagramHeader stands before each document (X-Ray daemon, UDP protocol).
const datagramHeader = `{"format":"json","version":1}` + "\n"

const (
	maxDatagram      = 65507 // bytes of payload in a UDP datagram over IPv4
	minDocumentBytes = 4096
	redialEvery      = time.Second
)

// emitter turns finished (sub)segments into datagrams. Only its own goroutine,
// started by Setup, touches it.
type emitter struct {
	tr       *Tracing
	enc      *encoder
	batch    []*span
	conn     net.Conn // nil until the address could be looked up
	loosen   func() bool
	nextDial time.Time
}

func newEmitter(tr *Tracing) *emitter {
	return &emitter{tr: tr, enc: newEncoder(tr)}
}

// run sends until the queue is closed and empty, or ctx ends. It returns how
// many (sub)segments were left over.
func (e *emitter) run(ctx context.Context) (left int) {
	defer e.hangUp()
	for {
		items, more := e.tr.queue.swap(e.batch)
		for i, s := range items {
			if ctx.Err() != nil {
				return len(items) - i
			}
			for ; s != nil && ctx.Err() == nil; s = s.next {
				e.emit(ctx, s)
			}
		}
		clear(items) // lets the finished trees go
		e.batch = items
		if len(items) > 0 {
			continue
		}
		if !more {
			return 0
		}
		select {
		case <-e.tr.queue.wake:
		case <-ctx.Done():
			return 0
		}
	}
}

// emit encodes and sends one tree. A panic would be our own mistake; it costs
// that tree and not the program.
func (e *emitter) emit(ctx context.Context, s *span) {
	defer func() {
		if recover() != nil {
			e.tr.count.encodePanics.Add(1)
		}
	}()
	e.enc.documents(s, func(datagram []byte) { e.write(ctx, datagram) })
}

// write sends one datagram. A connected UDP socket reports that nobody listens
// on the next write, which it refuses without sending; so that one is tried
// again, and the document before it was the one lost.
func (e *emitter) write(ctx context.Context, datagram []byte) {
	err := e.tryWrite(ctx, datagram)
	if err != nil {
		e.tr.count.sendErrors.Add(1)
		e.tr.log.warn(ctx, &e.tr.log.lastSend, "the agent cannot be reached: documents are lost",
			slog.String("address", e.tr.set.address), slog.Any("error", err))
		if e.conn == nil || ctx.Err() != nil || e.tryWrite(ctx, datagram) != nil {
			return
		}
	}
	e.tr.count.sent.Add(1)
	e.tr.count.bytes.Add(uint64(len(datagram)))
}

func (e *emitter) tryWrite(ctx context.Context, datagram []byte) error {
	if e.conn == nil {
		if err := e.dial(ctx); err != nil {
			return err
		}
	}
	_, err := e.conn.Write(datagram)
	if err != nil && e.tr.now().After(e.nextDial) {
		e.hangUp() // the name may mean another address by now
		_ = e.dial(ctx)
	}
	return err
}

// dial looks the address up, at most once a second.
func (e *emitter) dial(ctx context.Context) error {
	now := e.tr.now()
	if now.Before(e.nextDial) {
		return errAway
	}
	e.nextDial = now.Add(redialEvery)
	var d net.Dialer
	conn, err := d.DialContext(ctx, "udp", e.tr.set.address)
	if err != nil {
		return err
	}
	e.conn = conn
	e.loosen = context.AfterFunc(ctx, func() { _ = conn.SetWriteDeadline(time.Unix(1, 0)) })
	return nil
}

func (e *emitter) hangUp() {
	if e.conn != nil {
		e.loosen()
		e.conn.Close()
		e.conn = nil
	}
}

var errAway = errors.New("its address could not be looked up a moment ago")
