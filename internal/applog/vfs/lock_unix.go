//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

const (
	errQuota      = syscall.EDQUOT
	errReadOnlyFS = syscall.EROFS
)

// Lock takes an flock: the kernel gives it back when the process ends, however
// it ends, so that a stale lock does not exist. The file stays; it holds the pid.
func (OS) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, err
	}
	if err := take(f); err != nil {
		return nil, err
	}
	writePID(f)
	return f, nil
}

// LockThere takes the same lock without a mark in the file.
func (OS) LockThere(name string) (io.Closer, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return io.NopCloser(nil), nil
	}
	if err != nil {
		return nil, err
	}
	if err := take(f); err != nil {
		return nil, err
	}
	return f, nil
}

// take locks f, or closes it.
func take(f *os.File) error {
	err := flock(f)
	if err == nil {
		return nil
	}
	err = lockError(f, err)
	return errors.Join(err, f.Close())
}

func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != syscall.EINTR {
			return err
		}
	}
}

func lockError(f *os.File, err error) error {
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	b := make([]byte, 20)
	n, _ := f.ReadAt(b, 0) // an unreadable pid is an unknown one
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b[:n])))
	return &LockedError{Name: f.Name(), PID: pid}
}

// writePID leaves a hint for people. Its errors are dropped on purpose: a full
// disk must not keep anybody from opening, and thereby emptying, a log.
func writePID(f *os.File) {
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
}
