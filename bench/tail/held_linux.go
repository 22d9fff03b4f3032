package tail

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// held is a hand of our own on the UDP socket of another process. With it the socket outlives a process that is killed, and with
// the socket what the process had not read. It changes nothing for the process.
type held struct {
	fd int
	at *unix.SockaddrInet4
}

// holdSocket takes hold of the socket with which a process listens at an address (pidfd_getfd, Linux 5.6). It takes the rights of
// a debugger: root, or the parent where Yama allows that.
func holdSocket(pid int, address string) (*held, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("hold the socket of process %d: %w", pid, err)
	}
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil, fmt.Errorf("hold the socket of process %d: pidfd_open: %w", pid, err)
	}
	defer unix.Close(process)
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	all, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("hold the socket of process %d: %w", pid, err)
	}
	for _, f := range all {
		link, err := os.Readlink(filepath.Join(dir, f.Name()))
		number, odd := strconv.Atoi(f.Name())
		if err != nil || odd != nil || !strings.HasPrefix(link, "socket:") {
			continue
		}
		fd, err := unix.PidfdGetfd(process, number, 0)
		if errors.Is(err, unix.EBADF) {
			continue // closed meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("hold the socket of process %d: pidfd_getfd: %w", pid, err)
		}
		if listensAt(fd, at) {
			return &held{fd, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}}, nil
		}
		unix.Close(fd) // of the copy alone
	}
	return nil, fmt.Errorf("hold the socket of process %d: it has none for datagrams at %s", pid, address)
}

// listensAt says whether a socket is one for datagrams at an address.
func listensAt(fd int, at netip.AddrPort) bool {
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_DGRAM {
		return false
	}
	name, err := unix.Getsockname(fd)
	v4, ok := name.(*unix.SockaddrInet4)
	return err == nil && ok && netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), uint16(v4.Port)) == at
}

// mostHeld bounds what is read from one socket: more than any buffer holds.
const mostHeld = 1 << 20

// drain reads all that the socket holds.
func (h *held) drain(each func(datagram []byte)) error { return h.read(unix.MSG_DONTWAIT, each) }

func (h *held) read(flags int, each func(datagram []byte)) error {
	buf := make([]byte, 1<<16)
	for range mostHeld {
		n, _, err := unix.Recvfrom(h.fd, buf, flags)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ECONNREFUSED):
		case err != nil:
			return fmt.Errorf("read what the kernel holds: %w", err)
		default:
			each(buf[:n])
		}
	}
	return fmt.Errorf("read what the kernel holds: still more after %d datagrams", mostHeld)
}

// peek shows what the socket holds, and leaves it there. Nobody else may read meanwhile.
func (h *held) peek(each func(datagram []byte)) error {
	if err := unix.SetsockoptInt(h.fd, unix.SOL_SOCKET, unix.SO_PEEK_OFF, 0); err != nil {
		return fmt.Errorf("look into the kernel's buffer: %w", err)
	}
	err := h.read(unix.MSG_DONTWAIT|unix.MSG_PEEK, each)
	if undo := unix.SetsockoptInt(h.fd, unix.SOL_SOCKET, unix.SO_PEEK_OFF, -1); undo != nil {
		err = errors.Join(err, fmt.Errorf("look into the kernel's buffer: %w", undo))
	}
	return err
}

// shut lets nobody's datagrams in any more, so that their senders are told: the socket is tied to itself. What came
// before is still there to be drained.
func (h *held) shut() error {
	if err := unix.Connect(h.fd, h.at); err != nil {
		return fmt.Errorf("shut the socket of a dead agent: %w", err)
	}
	return nil
}

// drops is how many datagrams the kernel has dropped at the socket: for want of room, or since who was reading them died while
// they were copied.
func (h *held) drops() (int64, error) {
	var info [9]uint32 // SK_MEMINFO_VARS
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(h.fd), unix.SOL_SOCKET, unix.SO_MEMINFO, uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0, fmt.Errorf("ask what the kernel dropped: %w", errno)
	}
	return int64(info[8]), nil // SK_MEMINFO_DROPS
}

func (h *held) close() error { return unix.Close(h.fd) }

// tellRefusals lets the kernel give back datagrams that nobody listened for.
func tellRefusals(c *net.UDPConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	err = raw.Control(func(fd uintptr) { inner = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_RECVERR, 1) })
	if err = errors.Join(err, inner); err != nil {
		return fmt.Errorf("ask to be told which datagrams are refused: %w", err)
	}
	return nil
}

// refused gives out the beginning of each datagram of a socket that nobody listened for; the kernel gives back half a kilobyte.
func refused(c *net.UDPConn, each func(datagram []byte)) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	err = raw.Control(func(fd uintptr) { inner = (&held{fd: int(fd)}).read(unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT, each) })
	return errors.Join(err, inner)
}
