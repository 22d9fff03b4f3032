package vfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// OS is the operating system's file system.
type OS struct{}

var _ FS = OS{}

// MkdirAll makes dir and its missing parents and syncs each parent that got
// a new name, because a directory is as durable as the entry that names it.
func (o OS) MkdirAll(dir string) error {
	parent := filepath.Dir(dir)
	if st, err := os.Stat(dir); err == nil && st.IsDir() || parent == dir {
		return nil
	}
	if err := o.MkdirAll(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return fmt.Errorf("make directory %s: a file of that name is in the way", dir)
	}
	return o.SyncDir(parent)
}

// List returns the sorted names in dir.
func (OS) List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

// Create makes a new file that only its user and group can read: logs hold
// what users sent.
func (OS) Create(name string) (File, error) {
	return openOS(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

// Open opens a file for reading.
func (OS) Open(name string) (File, error) { return openOS(name, os.O_RDONLY) }

// OpenWrite opens a file for reading and writing.
func (OS) OpenWrite(name string) (File, error) { return openOS(name, os.O_RDWR) }

// Remove removes a file.
func (OS) Remove(name string) error { return os.Remove(name) }

// SyncDir syncs the directory's entries.
func (OS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// osFile adds to os.File the size and the cheaper sync.
type osFile struct{ *os.File }

func openOS(name string, flag int) (File, error) {
	f, err := os.OpenFile(name, flag, 0o640)
	if err != nil {
		return nil, err // not a nil *os.File inside a File that is not nil
	}
	return osFile{f}, nil
}

func (f osFile) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

func (f osFile) Sync() error { return syncData(f.File) }
