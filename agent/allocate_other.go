//go:build !linux

package agent

import "os"

// allocate gives a file its size.
func allocate(f *os.File, size int64) error { return f.Truncate(size) }
