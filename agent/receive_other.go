//go:build !linux

package agent

import (
	"net/netip"
)

// messageHeader is what stands for a slot: the kernel's has a length too.
type messageHeader struct {
	_      [56]byte
	length uint32
	_      [4]byte
}

// batchReader reads one datagram at a time, where the kernel knows no other way.
type batchReader struct {
	socket *socket
	queue  *queue
	names  bool
}

func newBatchReader(s *socket, q *queue, names bool) *batchReader { return &batchReader{s, q, names} }

// read waits for a datagram, and puts it into the first slot.
func (b *batchReader) read() (int, error) {
	n, from, err := b.socket.conn.ReadFromUDPAddrPort(b.queue.slot(0))
	sender := [16]byte{}
	if b.names {
		sender = from.Addr().As16()
	}
	copy(b.queue.mem[landingFrom:], sender[:])
	b.queue.length(0).Store(uint32(n))
	return 1, err
}

// from is who sent the datagram of a slot, where somebody asked; otherwise
// nobody.
func (q *queue) from(slot int) netip.Addr {
	if a := [16]byte(q.mem[landingFrom+16*slot:]); a != [16]byte{} {
		return netip.AddrFrom16(a).Unmap()
	}
	return netip.Addr{}
}
