//go:build linux && (amd64 || arm64)

package tracing

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

const canBatch = true

// mmsghdr is struct mmsghdr of Linux (sendmmsg(2)), for 64 bits.
type mmsghdr struct {
	hdr  syscall.Msghdr
	sent uint32
	_    [4]byte
}

// batchRoom is what the kernel is shown of a batch.
type batchRoom struct {
	messages [outboxDatagrams]mmsghdr
	buffers  [outboxDatagrams]syscall.Iovec
}

// sendBatch sends with sendmmsg, which stops at the first datagram that is
// refused, and tells why only where that is the first of the call.
func (o *outbox) sendBatch(i int) (n int, err error) {
	count := min(len(o.letters)-i, outboxDatagrams)
	for k := range count {
		datagram := o.at(i + k)
		b, m := &o.room.buffers[k], &o.room.messages[k]
		b.Base = unsafe.SliceData(datagram)
		b.SetLen(len(datagram))
		m.hdr.Iov, m.hdr.Iovlen = b, 1
	}
	var errno syscall.Errno
	err = o.raw.Write(func(fd uintptr) bool {
		for {
			var sent uintptr
			sent, _, errno = syscall.Syscall6(sysSendmmsg, fd, uintptr(unsafe.Pointer(&o.room.messages[0])), uintptr(count), 0, 0, 0)
			if errno == syscall.EINTR {
				continue
			}
			n = int(sent)
			return errno != syscall.EAGAIN
		}
	})
	runtime.KeepAlive(o)
	switch {
	case err != nil:
		return 0, err
	case errno != 0:
		return 0, os.NewSyscallError("sendmmsg", errno)
	case n < count:
		return n, errShort
	}
	return n, nil
}
