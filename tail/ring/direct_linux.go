//go:build linux && (amd64 || arm64)

package ring

import (
	"io"
	"io/fs"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Direct is a file that is read and written without a word to Go's scheduler.
// The kernel takes and gives such bytes from its memory, within microseconds, and
// word of it wakes the scheduler's monitor thread, which looks around fifty times
// before it sleeps again: for a process that is mostly quiet that costs more than
// the work itself. What is not in memory is read in the usual way. Where the disk
// lets a write wait, a processor of the program waits with it, as it does at a
// store into mapped memory.
type Direct struct{ *os.File }

// NewDirect returns the file, which is a regular one.
func NewDirect(f *os.File) Direct { return Direct{f} }

// WriteAt is io.WriterAt.
func (d Direct) WriteAt(p []byte, at int64) (n int, err error) {
	for n < len(p) {
		rest := p[n:]
		done, _, errno := syscall.RawSyscall6(syscall.SYS_PWRITE64, d.Fd(), uintptr(unsafe.Pointer(&rest[0])), uintptr(len(rest)), uintptr(at)+uintptr(n), 0, 0)
		switch {
		case errno == 0 && done > 0:
			n += int(done)
		case errno == 0:
			return n, io.ErrUnexpectedEOF
		case errno != syscall.EINTR:
			return n, &fs.PathError{Op: "write", Path: d.Name(), Err: errno}
		}
	}
	return n, nil
}

// ReadAt is io.ReaderAt.
func (d Direct) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) {
		rest := p[n:]
		v := unix.Iovec{Base: &rest[0], Len: uint64(len(rest))}
		done, _, errno := syscall.RawSyscall6(unix.SYS_PREADV2, d.Fd(), uintptr(unsafe.Pointer(&v)), 1, uintptr(at)+uintptr(n), 0, unix.RWF_NOWAIT)
		if errno != 0 || done == 0 { // not in memory, no such call, or the end
			m, err := d.File.ReadAt(rest, at+int64(n))
			return n + m, err
		}
		n += int(done)
	}
	return n, nil
}
