package datadir

import (
	"errors"
	"io"
	"path/filepath"

	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Snapshot is files of a data directory as they are at one moment. They can be
// read while their owner goes on, also when it removes them; Close ends that.
type Snapshot struct {
	Files []File
	ends  []func() error
}

// File is one of them.
type File struct {
	Name  string // within the data directory, with slashes
	Bytes int64
	io.ReaderAt
}

// Close lets go of the files.
func (s *Snapshot) Close() error {
	var errs []error
	for _, end := range s.ends {
		errs = append(errs, end())
	}
	s.ends = nil
	return errors.Join(errs...)
}

// Copier is an append log, or whoever owns one.
type Copier interface {
	Copies() ([]applog.Copy, error)
}

// AddLog adds the log that stands in a folder of the data directory, as far as
// it was acknowledged.
func (s *Snapshot) AddLog(folder string, log Copier) error {
	copies, err := log.Copies()
	for _, c := range copies {
		s.Files = append(s.Files, File{folder + "/" + c.Name, c.Bytes, c})
		s.ends = append(s.ends, c.Close)
	}
	return err
}

// AddFile adds a file that does not change, name being its place within dir.
func (s *Snapshot) AddFile(fs vfs.FS, dir, name string) error {
	f, err := fs.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	size, err := f.Size()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	s.Files = append(s.Files, File{name, size, f})
	s.ends = append(s.ends, f.Close)
	return nil
}

// Join takes the files of another snapshot over.
func (s *Snapshot) Join(o *Snapshot) {
	s.Files, s.ends = append(s.Files, o.Files...), append(s.ends, o.ends...)
	o.Files, o.ends = nil, nil
}
