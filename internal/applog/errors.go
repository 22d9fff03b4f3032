package applog

import (
	"errors"
	"fmt"
)

// What Append answers, beside the error of its context.
var (
	// ErrFailed: a write or an fsync went wrong, so that nobody knows what is
	// on the disk. It is answered until the log is closed and opened again.
	ErrFailed = errors.New("the log has failed: close it and open it again")
	// ErrNoSpace: the disk or a quota is full. Nothing of the call was kept; the
	// log is whole, and the same call succeeds once there is space.
	ErrNoSpace = errors.New("no space left: free some and repeat")
	// ErrClosed: the log was closed before the records were written.
	ErrClosed = errors.New("the log is closed")
	// ErrTooLarge: a record or a call is larger than the options allow.
	ErrTooLarge = errors.New("too large")
	// ErrKind: a record has kind 0, which is the log's own.
	ErrKind = errors.New("kind 0 is reserved: use 1 to 255")
	// ErrEmpty: Append was called without records.
	ErrEmpty = errors.New("no records")
)

// ErrReadOnly is what Open answers where the directory cannot be written.
var ErrReadOnly = errors.New("the directory is read-only: make it writable for this user or use another")

// ErrDropped is what Read answers for a position in a file that was dropped.
var ErrDropped = errors.New("the file was dropped")

// CorruptError is damage that did not come from a crash: bytes that were once
// synced and are no longer what was written. The records around them are kept.
type CorruptError struct {
	File   string // path of the segment file
	Offset int64  // in bytes, of the first damaged byte
	Bytes  int64  // how many bytes cannot be read; 0 where that is unknown
	Reason string
}

// Error tells where and what.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("log file %s: damaged at offset %d (%d bytes unreadable): %s", e.File, e.Offset, e.Bytes, e.Reason)
}

// ForeignError is a file with a segment's name that no log has written.
type ForeignError struct{ File string }

// Error tells the remedy.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("log file %s: not an append log: move it elsewhere or use another directory", e.File)
}

// VersionError is a file that a newer program has written.
type VersionError struct {
	File    string
	Version uint32
}

// Error tells the versions and the remedy.
func (e *VersionError) Error() string {
	return fmt.Sprintf("log file %s: written by a newer version %d; this program reads up to %d; upgrade or use another directory",
		e.File, e.Version, formatVersion)
}
