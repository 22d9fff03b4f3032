package agent

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/roentgen/roentgen/wire"
)

// stride is the room of one datagram. It is no power of two, so that the first
// bytes of all do not compete for one place in the processor's cache.
const stride = wire.MaxDatagramBytes + 65*64

// messageHeader is the kernel's struct mmsghdr.
type messageHeader struct {
	header unix.Msghdr
	length uint32
	_      [4]byte
}

// batchReader reads many datagrams in one system call.
type batchReader struct {
	raw      syscall.RawConn
	mem      []byte
	vectors  [batchSize]unix.Iovec
	messages [batchSize]messageHeader
	names    []unix.RawSockaddrAny // nil: nobody asks who sent
	count    int
	errno    syscall.Errno
	call     func(fd uintptr) bool // made once: a closure a call would be garbage
}

func newBatchReader(conn *net.UDPConn, names bool) (*batchReader, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	b := &batchReader{raw: raw, mem: make([]byte, batchSize*stride)}
	if names {
		b.names = make([]unix.RawSockaddrAny, batchSize)
	}
	for i := range b.messages {
		b.vectors[i].Base = &b.mem[i*stride]
		b.vectors[i].SetLen(wire.MaxDatagramBytes + 1) // one more: what is too large shows
		b.messages[i].header.Iov = &b.vectors[i]
		b.messages[i].header.SetIovlen(1)
		if names {
			b.messages[i].header.Name = (*byte)(unsafe.Pointer(&b.names[i]))
		}
	}
	b.call = b.receive
	return b, nil
}

// read waits for datagrams and returns how many came.
func (b *batchReader) read() (int, error) {
	if b.names != nil {
		for i := range b.messages {
			b.messages[i].header.Namelen = unix.SizeofSockaddrAny
		}
	}
	if err := b.raw.Read(b.call); err != nil {
		return 0, err
	}
	if b.errno != 0 {
		return 0, fmt.Errorf("recvmmsg: %w", b.errno)
	}
	return b.count, nil
}

// receive is one call; false when nothing is there, and the runtime waits.
func (b *batchReader) receive(fd uintptr) bool {
	for {
		n, _, errno := syscall.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&b.messages[0])), batchSize, unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case unix.EINTR, unix.ECONNREFUSED:
			continue
		case unix.EAGAIN:
			return false
		}
		b.count, b.errno = int(n), errno
		return true
	}
}

func (b *batchReader) datagram(i int) []byte {
	return b.mem[i*stride : i*stride+int(b.messages[i].length)]
}

// from is who sent datagram i; without names, nobody.
func (b *batchReader) from(i int) netip.Addr {
	if b.names == nil {
		return netip.Addr{}
	}
	switch name := &b.names[i]; name.Addr.Family {
	case unix.AF_INET:
		return netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(name)).Addr)
	case unix.AF_INET6:
		return netip.AddrFrom16((*unix.RawSockaddrInet6)(unsafe.Pointer(name)).Addr).Unmap()
	}
	return netip.Addr{}
}

// growBuffer asks for a receive buffer beyond the host's limit where the
// process may, and returns what the kernel gives, in bytes of datagrams and
// what it needs beside them (it doubles what it is asked for).
func growBuffer(conn *net.UDPConn, want int) (got int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var inner error
	err = raw.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, want) != nil {
			inner = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, want)
		}
		if inner == nil {
			got, inner = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF)
		}
	})
	if err == nil {
		err = inner
	}
	return got / 2, err
}

// socketDrops is how many datagrams the kernel has dropped at this socket
// since it was opened, modulo 1<<32, for want of room in its buffer. It is the
// count that SO_RXQ_OVFL sends along with datagrams, and is right also when
// none comes any more.
func socketDrops(conn *net.UDPConn) (drops uint32, ok bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, false
	}
	raw.Control(func(fd uintptr) {
		var info [36]byte // nine numbers, of which the last is SK_MEMINFO_DROPS
		size := uint32(len(info))
		_, _, errno := syscall.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info[0])), uintptr(unsafe.Pointer(&size)), 0)
		if errno == 0 && size == uint32(len(info)) {
			drops, ok = binary.NativeEndian.Uint32(info[32:]), true
		}
	})
	return drops, ok
}
