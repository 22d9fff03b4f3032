package spool

import (
	"errors"
	"fmt"
)

// ErrClosed is what Next and Done answer once the spool is closed.
var ErrClosed = errors.New("the spool is closed")

// ErrReadOnly is within the error of Open where the directory cannot be
// written. Whoever can do without outliving the process opens a spool in memory
// then, and says so.
var ErrReadOnly = errors.New("the directory cannot be written: make it writable for this user, name another, or keep the spool in memory")

// errFull: MaxBytes has been reached.
var errFull = errors.New("the spool is full")

// ForeignError is a file under one of the spool's names that no spool has
// written.
type ForeignError struct{ File string }

// Error tells the remedy.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("spool file %s: not a spool's: move it elsewhere or use another directory", e.File)
}

// VersionError is a file that a newer program has written.
type VersionError struct{ File string }

// Error tells the version that is read and the remedy.
func (e *VersionError) Error() string {
	return fmt.Sprintf("spool file %s: written by a newer program; this one reads version %d: upgrade, or use another directory", e.File, formatVersion)
}

// CorruptError is damage in a file: bytes that are not what was written. The
// documents in front of it and in other files are kept.
type CorruptError struct {
	File   string
	Offset int64 // in the uncompressed file
	Reason string
}

// Error tells where and what.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("spool file %s: damaged at offset %d: %s", e.File, e.Offset, e.Reason)
}

func errNotInFlight(seq uint64) error {
	return fmt.Errorf("acknowledge cut %d of the spool: it is not in flight", seq)
}
