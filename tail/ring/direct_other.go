//go:build !linux || !(amd64 || arm64)

package ring

import "os"

// Direct is a file.
type Direct struct{ *os.File }

// NewDirect returns the file.
func NewDirect(f *os.File) Direct { return Direct{f} }
