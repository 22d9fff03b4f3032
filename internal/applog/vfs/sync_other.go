//go:build !linux

package vfs

import "os"

// syncData is a full sync where there is no fdatasync.
func syncData(f *os.File) error { return f.Sync() }
