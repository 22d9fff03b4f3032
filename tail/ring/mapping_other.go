//go:build !linux

package ring

import (
	"errors"
	"os"
)

// canMap says whether this system has what a ring on disk needs.
const canMap = false

var errNoMapping = errors.New("files are mapped into memory on Linux only")

func mapShared(*os.File, int) ([]byte, error) { return nil, errNoMapping }

func unmap([]byte) error { return nil }

func allocate(f *os.File, size int64) error { return writeZeros(f, size) }
