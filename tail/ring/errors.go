package ring

import (
	"errors"
	"fmt"
)

// ErrNoMapping is what Open answers on a system that has no files mapped into memory: there, rings are in memory.
var ErrNoMapping = errors.New("this system maps no files into memory")

// CorruptError is damage in a file of the ring. The documents there are counted as lost; the rest is read.
type CorruptError struct {
	File   string
	Offset int64 // in bytes
	Reason string
}

// Error tells where and what.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("ring file %s: damaged at offset %d: %s", e.File, e.Offset, e.Reason)
}

// ForeignError is a file with a name of the ring's that no ring has written.
type ForeignError struct{ File string }

// Error tells the remedy.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("ring file %s: not of this kind: move it elsewhere or use another directory", e.File)
}

// VersionError is a file that a newer program has written.
type VersionError struct {
	File    string
	Version uint32
}

// Error tells the versions and the remedy.
func (e *VersionError) Error() string {
	return fmt.Sprintf("ring file %s: has version %d, this program knows version %d: use the newer program, or another directory",
		e.File, e.Version, version)
}
