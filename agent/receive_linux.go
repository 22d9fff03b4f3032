package agent

import (
	"fmt"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// messageHeader is the kernel's struct mmsghdr, and vector its struct iovec.
// Addresses are numbers here: all of them lie in the queue's memory, which stays
// where it is and is none of the garbage collector's.
type messageHeader struct {
	header struct {
		name       uintptr
		namelen    uint32
		iov        uintptr
		iovlen     uintptr
		control    uintptr
		controllen uintptr
		flags      int32
	}
	length uint32
}

type vector struct{ base, length uintptr }

// batchReader reads many datagrams in one system call into the landing of a
// queue.
type batchReader struct {
	socket   *socket
	queue    *queue
	messages []messageHeader // in the landing, as what follows
	names    bool            // somebody asks who sent
}

func newBatchReader(s *socket, q *queue, names bool) *batchReader {
	b := &batchReader{socket: s, queue: q, names: names}
	b.messages = unsafe.Slice((*messageHeader)(unsafe.Pointer(&q.mem[landingHead])), batchSize)
	vectors := unsafe.Slice((*vector)(unsafe.Pointer(&q.mem[offVectors])), batchSize)
	senders := q.senders()
	clear(senders)
	for i := range b.messages {
		vectors[i] = vector{uintptr(unsafe.Pointer(&q.slot(i)[0])), slotBytes}
		m := messageHeader{}
		m.header.iov, m.header.iovlen = uintptr(unsafe.Pointer(&vectors[i])), 1
		if names {
			m.header.name = uintptr(unsafe.Pointer(&senders[i]))
		}
		b.messages[i] = m
	}
	return b
}

// senders is where the kernel says who sent.
func (q *queue) senders() []unix.RawSockaddrAny {
	return unsafe.Slice((*unix.RawSockaddrAny)(unsafe.Pointer(&q.mem[landingFrom])), batchSize)
}

// read waits for datagrams and returns how many came, in the first slots. All
// slots have to be free. Once the socket is told to end, it reads what there is
// and then returns net.ErrClosed. Go's scheduler hears nothing of the call, which
// does not wait: see ring.Direct.
func (b *batchReader) read() (int, error) {
	if b.names {
		for i := range b.messages {
			b.messages[i].header.namelen = unix.SizeofSockaddrAny
		}
	}
	for {
		n, _, errno := syscall.RawSyscall6(unix.SYS_RECVMMSG, uintptr(b.socket.fd), uintptr(unsafe.Pointer(&b.messages[0])), batchSize, unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR, unix.ECONNREFUSED:
		case unix.EAGAIN:
			if err := b.socket.wait(); err != nil {
				return 0, err
			}
		default:
			return 0, fmt.Errorf("recvmmsg: %w", errno)
		}
	}
}

// from is who sent the datagram of a slot, where somebody asked; otherwise
// nobody.
func (q *queue) from(slot int) netip.Addr {
	switch name := &q.senders()[slot]; name.Addr.Family {
	case unix.AF_INET:
		return netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(name)).Addr)
	case unix.AF_INET6:
		return netip.AddrFrom16((*unix.RawSockaddrInet6)(unsafe.Pointer(name)).Addr).Unmap()
	}
	return netip.Addr{}
}
