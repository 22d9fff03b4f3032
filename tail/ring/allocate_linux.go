package ring

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// allocate gives the file its size and its blocks, so that later writes cannot find the disk full: under a mapping
// that would be a signal, and no error.
func allocate(f *os.File, size int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, 0, size)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS):
			return writeZeros(f, size)
		default:
			return fmt.Errorf("allocate %d bytes for %s: %w", size, f.Name(), err)
		}
	}
}
