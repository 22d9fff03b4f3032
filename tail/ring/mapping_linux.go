package ring

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// canMap says whether this system has what a ring on disk needs.
const canMap = true

// mapShared maps the whole file: what is stored there outlives the process.
func mapShared(f *os.File, size int) ([]byte, error) {
	b, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", f.Name(), err)
	}
	return b, nil
}

func unmap(b []byte) error { return unix.Munmap(b) }

// allocate gives the file its size and its blocks, so that later writes cannot find the disk full: under a mapping
// that would be a signal, and no error.
func allocate(f *os.File, size int64) error {
	err := unix.EINTR
	for err == unix.EINTR {
		err, _ = unix.Fallocate(int(f.Fd()), 0, 0, size).(unix.Errno)
	}
	if err == unix.EOPNOTSUPP || err == unix.ENOSYS {
		return writeZeros(f, size)
	}
	if err != 0 {
		return fmt.Errorf("allocate %d bytes for %s: %w", size, f.Name(), err)
	}
	return nil
}
