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
	arena []byte
	ends  []int // where each datagram ends in arena
	conn  net.Conn
	raw   syscall.RawConn // nil: conn takes one at a time
	room  batchRoom
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

func (o *outbox) add(datagram []byte) {
	o.arena = append(o.arena, datagram...)
	o.ends = append(o.ends, len(o.arena))
}

func (o *outbox) full() bool { return len(o.ends) >= outboxDatagrams || len(o.arena) >= outboxBytes }

func (o *outbox) empty() { o.arena, o.ends = o.arena[:0], o.ends[:0] }

// at is the i-th datagram.
func (o *outbox) at(i int) []byte {
	from := 0
	if i > 0 {
		from = o.ends[i-1]
	}
	return o.arena[from:o.ends[i]:o.ends[i]]
}

// size is what the datagrams from the i-th up to the j-th hold together.
func (o *outbox) size(i, j int) int {
	if i >= j {
		return 0
	}
	from := 0
	if i > 0 {
		from = o.ends[i-1]
	}
	return o.ends[j-1] - from
}

// errShort stands for an error that the system keeps to itself when it has
// sent some datagrams of a batch and then refuses one.
var errShort = errors.New("a datagram was refused after the one before")

// send sends datagrams from the i-th on and says how many went. With an error
// it is the next one that was refused.
func (o *outbox) send(i int) (n int, err error) {
	if o.raw != nil && canBatch && len(o.ends)-i > 1 {
		return o.sendBatch(i)
	}
	if _, err := o.conn.Write(o.at(i)); err != nil {
		return 0, err
	}
	return 1, nil
}
