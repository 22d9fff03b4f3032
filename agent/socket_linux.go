package agent

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket is the UDP socket, taken away from Go's runtime. There every datagram
// wakes a thread, also while the receiver is at work or lets them gather; here
// only one that the receiver waits for does. One goroutine waits, which blocks its
// thread, and pauses, which does not.
type socket struct {
	fd      int
	over    int // an eventfd: there is something to read once the socket ends
	alarm   *os.File
	clock   syscall.RawConn // of alarm
	ending  atomic.Bool
	address net.Addr
}

// takeSocket takes the socket of a connection, which it closes.
func takeSocket(conn *net.UDPConn) (*socket, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{address: conn.LocalAddr()}
	if s.over, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	if err := s.openAlarm(); err != nil {
		return nil, errors.Join(err, unix.Close(s.over))
	}
	var inner error
	err = raw.Control(func(fd uintptr) { s.fd, inner = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) })
	if err = errors.Join(err, inner); err != nil {
		return nil, errors.Join(err, s.alarm.Close(), unix.Close(s.over))
	}
	return s, conn.Close()
}

// openAlarm makes the clock of pauses. The kernel's is cheaper than Go's: to one of
// those the scheduler's monitor thread wakes too, and so does it after a call to
// the system that takes as long as a pause.
func (s *socket) openAlarm() error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return fmt.Errorf("timerfd: %w", err)
	}
	s.alarm = os.NewFile(uintptr(fd), "alarm")
	if s.clock, err = s.alarm.SyscallConn(); err != nil {
		return errors.Join(err, s.alarm.Close())
	}
	return nil
}

// end lets wait and pause return. Anyone may call it.
func (s *socket) end() {
	if !s.ending.Swap(true) {
		unix.Write(s.over, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // the first write to an eventfd does not fail
		s.alarm.SetReadDeadline(time.Unix(1, 0))           // it may be closed already
	}
}

// close gives the socket back, when nobody reads from it any more.
func (s *socket) close() error {
	return errors.Join(unix.Close(s.fd), unix.Close(s.over), s.alarm.Close())
}

// wait returns when there is something to read, or net.ErrClosed when the socket
// ends.
func (s *socket) wait() error {
	fds := [...]unix.PollFd{{Fd: int32(s.over), Events: unix.POLLIN}, {Fd: int32(s.fd), Events: unix.POLLIN}}
	for !s.ending.Load() {
		_, err := unix.Ppoll(fds[:], nil, nil)
		switch {
		case err != nil && !errors.Is(err, unix.EINTR):
			return fmt.Errorf("wait for datagrams: %w", err)
		case err == nil && fds[1].Revents != 0:
			return nil
		}
	}
	return net.ErrClosed
}

// pause waits, unless the socket ends, and may return early.
func (s *socket) pause(d time.Duration) {
	set, rang := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, [8]byte{}
	armed := false
	s.clock.Read(func(fd uintptr) (done bool) { // what goes wrong the next wait tells
		if !armed {
			armed = true
			_, _, errno := syscall.RawSyscall6(unix.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&set)), 0, 0, 0)
			return errno != 0
		}
		_, _, errno := syscall.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&rang)), uintptr(len(rang)))
		return errno != unix.EAGAIN
	})
}

// growBuffer asks for a receive buffer beyond the host's limit where the
// process may, and returns what the kernel gives, in bytes of datagrams and
// what it needs beside them (it doubles what it is asked for).
func (s *socket) growBuffer(want int) (got int, err error) {
	if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, want) != nil {
		if err = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, want); err != nil {
			return 0, err
		}
	}
	got, err = unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	return got / 2, err
}

// drops is how many datagrams the kernel has dropped at this socket since it was
// opened, modulo 1<<32, for want of room in its buffer. It is the count that
// SO_RXQ_OVFL sends along with datagrams, and is right also when none comes any
// more.
func (s *socket) drops() (drops uint32, ok bool) {
	info, ok := s.memory()
	return info[memoryDrops], ok
}

// fill is how full the kernel's buffer is, 0 to 1. While datagrams are read it may
// say up to a quarter too much.
func (s *socket) fill() float64 {
	info, _ := s.memory()
	return float64(info[memoryTaken]) / float64(max(1, info[memoryRoom]))
}

// Where SO_MEMINFO tells SK_MEMINFO_RMEM_ALLOC and its like.
const (
	memoryTaken = 0
	memoryRoom  = 1
	memoryDrops = 8
)

func (s *socket) memory() (info [9]uint32, ok bool) {
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := syscall.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(s.fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	return info, errno == 0 && size == uint32(unsafe.Sizeof(info))
}
