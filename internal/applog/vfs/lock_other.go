//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Here only the portable errors are known: no call returns errQuota.
var (
	errQuota      = errors.New("quota exceeded")
	errReadOnlyFS = fs.ErrPermission
)

// Lock refuses: without flock two processes could write one log.
func (OS) Lock(name string) (io.Closer, error) {
	return nil, fmt.Errorf("lock %s: this operating system has no flock: run on Linux, macOS or a BSD: %w", name, errors.ErrUnsupported)
}

// LockThere refuses as Lock does.
func (o OS) LockThere(name string) (io.Closer, error) { return o.Lock(name) }
