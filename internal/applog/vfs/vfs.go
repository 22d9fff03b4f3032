// Package vfs is the part of a file system that an append log needs: whole
// files in one directory, written by offset, made durable by name. OS is the
// real one; Fault is one in memory that forgets what was not synced and fails
// where a test says. It promises nothing about paths outside the directory
// and keeps no state between calls but open files and locks.
package vfs

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// FS is a file system. Names are paths as the operating system writes them.
// All methods may be called at once from several goroutines.
type FS interface {
	// MkdirAll makes dir and its missing parents, durably.
	MkdirAll(dir string) error
	// List returns the names, without the directory, of what dir holds, sorted.
	List(dir string) ([]string, error)
	// Create makes a new file for reading and writing and refuses one that exists.
	Create(name string) (File, error)
	// Open opens a file for reading.
	Open(name string) (File, error)
	// OpenWrite opens a file that exists for reading and writing.
	OpenWrite(name string) (File, error)
	// Remove removes a file; SyncDir makes that durable.
	Remove(name string) error
	// SyncDir makes the names in dir durable: those created and those removed.
	SyncDir(dir string) error
	// Lock takes the file for this process until the lock is closed or the
	// process ends. A lock held elsewhere is a *LockedError.
	Lock(name string) (io.Closer, error)
	// LockThere does the same without writing anything, for those who only read.
	// Where there is no such file nobody has locked it, and nothing is taken.
	LockThere(name string) (io.Closer, error)
}

// File is an open file. ReadAt and WriteAt follow io.ReaderAt and io.WriterAt.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Size returns the length in bytes.
	Size() (int64, error)
	// Truncate sets the length in bytes; Sync makes that durable.
	Truncate(size int64) error
	// Sync makes the content and the length durable. After an error nobody
	// knows what is on the disk, and a second Sync that succeeds proves nothing:
	// the kernel may have marked the lost pages clean.
	Sync() error
}

// LockedError says who holds a lock.
type LockedError struct {
	Name string
	PID  int // of the holder, 0 when it has not written it
}

// Error names the holder and the remedy.
func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("%s: in use by another process: stop it or use another directory", e.Name)
	}
	return fmt.Sprintf("%s: in use by pid %d: stop it or use another directory", e.Name, e.PID)
}

// IsNoSpace tells whether err says that the disk or a quota is full.
func IsNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, errQuota)
}

// IsReadOnly tells whether err says that writing is not allowed here.
func IsReadOnly(err error) bool {
	return errors.Is(err, errReadOnlyFS) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM)
}
