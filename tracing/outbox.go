package tracing

import (
	"errors"
	"net"
	"syscall"
)

// outbox gathers datagrams, so that many go out in one system call: that
// spares the calls, and waking the receiver for each of them. It belongs to the
// sender.
type outbox struct {
	arena   []byte
	letters []letter
	conn    net.Conn
	raw     syscall.RawConn // nil: conn takes one at a time
	room    batchRoom
}

// letter is one datagram.
type letter struct {
	end       int // where it ends in arena
	documents int
}

const (
	outboxDatagrams = 64
	outboxBytes     = 128 << 10 // sent when it holds that much, however few they are
)

// open sends to conn from now on.
func (o *outbox) open(conn net.Conn) {
	o.conn, o.raw = conn, nil
	if c, ok := conn.(syscall.Conn); ok {
		o.raw, _ = c.SyscallConn() // without it they go one at a time
	}
}

// add takes a datagram of one document.
func (o *outbox) add(line string, doc []byte) {
	o.arena = append(append(o.arena, line...), doc...)
	o.close(1)
}

// close makes a datagram of what was appended to arena.
func (o *outbox) close(documents int) {
	o.letters = append(o.letters, letter{len(o.arena), documents})
}

func (o *outbox) full() bool { return len(o.letters) >= outboxDatagrams || len(o.arena) >= outboxBytes }

func (o *outbox) empty() { o.arena, o.letters = o.arena[:0], o.letters[:0] }

// begin is where the i-th datagram begins in arena.
func (o *outbox) begin(i int) int {
	if i == 0 {
		return 0
	}
	return o.letters[i-1].end
}

// at is the i-th datagram.
func (o *outbox) at(i int) []byte {
	end := o.letters[i].end
	return o.arena[o.begin(i):end:end]
}

// size is what the datagrams from the i-th up to the j-th hold together.
func (o *outbox) size(i, j int) int { return o.begin(j) - o.begin(i) }

// documents is how many documents are in the datagrams from the i-th up to the j-th.
func (o *outbox) documents(i, j int) (n int) {
	for _, l := range o.letters[i:j] {
		n += l.documents
	}
	return n
}

// errShort stands for an error that the system keeps to itself when it has
// sent some datagrams of a batch and then refuses one.
var errShort = errors.New("a datagram was refused after the one before")

// send sends datagrams from the i-th on and says how many went. With an error
// it is the next one that was refused.
func (o *outbox) send(i int) (n int, err error) {
	if o.raw != nil && canBatch && len(o.letters)-i > 1 {
		return o.sendBatch(i)
	}
	if _, err := o.conn.Write(o.at(i)); err != nil {
		return 0, err
	}
	return 1, nil
}
