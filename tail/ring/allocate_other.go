//go:build !linux

package ring

import "os"

// allocate gives the file its size and its blocks.
func allocate(f *os.File, size int64) error { return writeZeros(f, size) }
