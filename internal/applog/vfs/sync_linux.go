package vfs

import (
	"errors"
	"os"
	"syscall"
)

// syncData waits for the content and the length, not for times: fdatasync
// spares the journal a commit where only times changed. It is asked once:
// of all errors only EINTR, which says that nothing was done, is repeated.
func syncData(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var syncErr error
	err = c.Control(func(fd uintptr) {
		for {
			syncErr = syscall.Fdatasync(int(fd))
			if syncErr != syscall.EINTR {
				return
			}
		}
	})
	if err := errors.Join(err, syncErr); err != nil {
		return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
	}
	return nil
}
