package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// freeSpace is what this user may still write on the disk of dir, in bytes.
func freeSpace(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("ask how much is free at %s: %w", dir, err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

// openFiles is how many files this process may open.
func openFiles() (uint64, error) {
	var r unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r)
	return r.Cur, err
}
