package tracing

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/roentgen/roentgen/redact"
)

// A header line stands before each document: the X-Ray daemon's, or Roentgen's
// for what the head did not sample (docs/protocol/datagram.md).
const (
	sampledLine   = `{"format":"json","version":1}` + "\n"
	undecidedLine = `{"format":"json","version":1,"undecided":true}` + "\n"
	keptLine      = `{"format":"json","version":1,"undecided":true,"kept":true}` + "\n"
)

func headerLine(g *segment) string {
	switch {
	case !g.undecided:
		return sampledLine
	case g.kept.Load():
		return keptLine
	}
	return undecidedLine
}

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
	spare    []byte // a redacted document
	clean    []byte // a redacted datagram
	out      outbox
	conn     net.Conn // nil until the address could be looked up
	loosen   func() bool
	nextDial time.Time
}

func newEmitter(tr *Tracing) *emitter {
	return &emitter{tr: tr, enc: newEncoder(tr)}
}

// gather is how long finished segments wait for others: waking the sender, and
// the receiver, for each request costs more than all the rest of it.
const gather = 50 * time.Millisecond

// run sends until the queue is closed and empty, or ctx ends. It returns how
// many (sub)segments were left over.
func (e *emitter) run(ctx context.Context) (left int) {
	defer e.hangUp()
	timer := time.NewTimer(gather)
	defer timer.Stop()
	for {
		items, more := e.tr.queue.swap(e.batch)
		if left = e.sendAll(ctx, items); left > 0 {
			return left
		}
		clear(items) // lets the finished trees go
		e.batch = items
		if !more {
			if len(items) == 0 {
				return 0
			}
			continue
		}
		select {
		case <-e.tr.queue.wake:
		case <-ctx.Done():
			return 0
		}
		timer.Reset(gather)
		select {
		case <-timer.C:
		case <-e.tr.queue.hurry:
		case <-ctx.Done():
		}
	}
}

// sendAll sends items and returns how many were left over when ctx ended.
func (e *emitter) sendAll(ctx context.Context, items []*span) (left int) {
	for i, s := range items {
		if ctx.Err() != nil {
			return len(items) - i
		}
		for ; s != nil && ctx.Err() == nil; s = s.next {
			e.emit(ctx, s)
		}
	}
	e.flush(ctx)
	return 0
}

// emit encodes and sends one tree. A panic would be our own mistake; it costs
// that tree and not the program.
//
// Redaction may make a document longer than a datagram carries. The tree is
// then cut into smaller ones; those that had gone out go out again, and the
// receiver knows them by their ids.
func (e *emitter) emit(ctx context.Context, s *span) {
	defer func() {
		if recover() != nil {
			e.tr.count.encodePanics.Add(1)
		}
	}()
	if s.seg.undecided && !e.tr.agent.answer().undecided {
		e.tr.count.withheld.Add(1)
		return
	}
	for limit := e.tr.set.maxDocument; ; limit /= 2 {
		fits := true
		e.enc.documents(s, limit, func(datagram []byte) {
			datagram, n := e.redact(datagram)
			if len(datagram) > maxDatagram && limit > minDocumentBytes {
				fits = false
				return
			}
			e.tr.count.addRedactions(n)
			e.write(ctx, datagram)
		})
		if fits {
			return
		}
	}
}

// redact takes personal data out of the document in a datagram.
func (e *emitter) redact(datagram []byte) ([]byte, redact.Counts) {
	r := e.tr.set.redactor
	if r == nil {
		return datagram, redact.Counts{}
	}
	line := len(e.enc.line)
	doc, n := r.Document(e.spare[:0], datagram[line:])
	if n == (redact.Counts{}) {
		return datagram, n
	}
	e.spare = doc
	e.clean = append(append(e.clean[:0], e.enc.line...), doc...)
	return e.clean, n
}

// write takes one datagram for sending, and sends when there are enough.
func (e *emitter) write(ctx context.Context, datagram []byte) {
	e.out.add(datagram)
	if e.out.full() {
		e.flush(ctx)
	}
}

// flush sends what was taken. A connected UDP socket reports that nobody
// listens on the next write, which it refuses without sending; so that one is
// tried again, and the document before it was the one lost.
func (e *emitter) flush(ctx context.Context) {
	defer e.out.empty()
	for i, tried := 0, false; i < len(e.out.ends); {
		n, err := e.trySend(ctx, i)
		e.tr.count.sent.Add(uint64(n))
		e.tr.count.bytes.Add(uint64(e.out.size(i, i+n)))
		i += n
		tried = tried && n == 0
		switch {
		case err == nil:
		case tried:
			i, tried = i+1, false
		default:
			e.refused(ctx, err)
			tried = e.conn != nil && ctx.Err() == nil
			i += int(1 - bit(tried))
		}
	}
}

func (e *emitter) refused(ctx context.Context, err error) {
	e.tr.count.sendErrors.Add(1)
	e.tr.agent.lost()
	e.tr.log.warn(ctx, &e.tr.log.lastSend, "the agent cannot be reached: documents are lost",
		slog.String("address", e.tr.set.address), slog.Any("error", err))
}

func (e *emitter) trySend(ctx context.Context, i int) (n int, err error) {
	if e.conn == nil {
		if err := e.dial(ctx); err != nil {
			return 0, err
		}
	}
	n, err = e.out.send(i)
	if err != nil && e.tr.now().After(e.nextDial) {
		e.hangUp() // the name may mean another address by now
		_ = e.dial(ctx)
	}
	return n, err
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
	e.out.open(conn)
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
