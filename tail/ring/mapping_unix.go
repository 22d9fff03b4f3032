//go:build unix

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
