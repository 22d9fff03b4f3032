package tracing

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"syscall"
	"time"

	"github.com/roentgen/roentgen/redact"
)

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
	out      outbox
	packs    packer
	before   int      // documents of the datagram that went last
	conn     net.Conn // nil until the address could be looked up
	near     bool     // the address is of this host
	loosen   func() bool
	nextDial time.Time
}

func newEmitter(tr *Tracing) *emitter {
	return &emitter{tr: tr, enc: newEncoder(tr), packs: newPacker()}
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
	m := markOf(s.seg)
	for limit := e.tr.set.maxDocument; ; limit /= 2 {
		fits := true
		e.enc.documents(s, min(limit, maxDatagram-len(markLines[m])), func(doc []byte) {
			doc, n := e.redact(doc)
			if len(markLines[m])+len(doc) > maxDatagram && limit > minDocumentBytes {
				fits = false
				return
			}
			e.tr.count.addRedactions(n)
			e.write(ctx, doc, m)
		})
		if fits {
			return
		}
	}
}

// redact takes personal data out of a document.
func (e *emitter) redact(doc []byte) ([]byte, redact.Counts) {
	r := e.tr.set.redactor
	if r == nil {
		return doc, redact.Counts{}
	}
	clean, n := r.Document(e.spare[:0], doc)
	if n == (redact.Counts{}) {
		return doc, n
	}
	e.spare = clean
	return clean, n
}

// write takes one document for sending, and sends when there are enough.
func (e *emitter) write(ctx context.Context, doc []byte, m mark) {
	if most := e.together(); most == 0 || !e.packs.add(&e.out, doc, m, most, e.tr.set.datagramBytes) {
		e.out.add(markLines[m], doc)
	}
	if e.out.full() {
		e.flush(ctx)
	}
}

// together is how many documents may be in one datagram; 0: one, in the form
// that the X-Ray daemon takes. Over a network a datagram goes in pieces, of
// which one that is lost loses all, so that there each document goes alone.
func (e *emitter) together() int {
	if !e.near {
		return 0
	}
	return e.tr.agent.answer().together
}

// flush sends what was taken. A connected UDP socket reports that nobody
// listens on the next write, which it refuses without sending; so that one is
// tried again, and the datagram before it was the one lost.
func (e *emitter) flush(ctx context.Context) {
	defer e.out.empty()
	e.packs.sealAll(&e.out)
	for i, tried := 0, false; i < len(e.out.letters); {
		n, err := e.trySend(ctx, i)
		e.tr.count.sent.Add(uint64(e.out.documents(i, i+n)))
		e.tr.count.bytes.Add(uint64(e.out.size(i, i+n)))
		if i += n; n > 0 {
			e.before = e.out.letters[i-1].documents
		}
		tried = tried && n == 0
		switch {
		case err == nil:
		case tried:
			i, tried = i+1, false
		default:
			e.refused(ctx, err, i)
			tried = e.conn != nil && ctx.Err() == nil
			i += int(1 - bit(tried))
		}
	}
}

// refused counts what an error at the i-th datagram lost: that one, or the one
// before.
func (e *emitter) refused(ctx context.Context, err error, i int) {
	lost := e.out.letters[i].documents
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, errShort) {
		lost = max(1, e.before)
	}
	e.tr.count.sendErrors.Add(uint64(lost))
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
	to, ok := conn.RemoteAddr().(*net.UDPAddr)
	e.near = ok && to.IP.IsLoopback()
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
