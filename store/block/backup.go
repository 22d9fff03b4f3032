package block

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/datadir"
)

// Snapshot is the files of a store at one moment. They can be read while the
// store goes on; Close ends that.
type Snapshot struct {
	Files []SnapshotFile
	ends  []func() error
}

// SnapshotFile is one of them.
type SnapshotFile struct {
	Name  string // within the data directory, with slashes
	Bytes int64
	io.ReaderAt
}

// Close lets the store remove files again.
func (s *Snapshot) Close() error {
	var errs []error
	for _, end := range s.ends {
		errs = append(errs, end())
	}
	s.ends = nil
	return errors.Join(errs...)
}

// Snapshot returns the files that make a store with all that was acknowledged
// before the call, when they are laid into an empty directory. Blocks do not
// change, and logs are only added to, so that nothing has to wait meanwhile.
func (s *Store) Snapshot(ctx context.Context) (*Snapshot, error) {
	s.house.Lock()
	defer s.house.Unlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	snap := &Snapshot{}
	err := snap.log(catalogueDir, s.catalogue.log)
	for _, sh := range s.shards {
		if err == nil {
			err = snap.log(filepath.Base(walDir(s.dir, sh.number)), sh.log)
		}
	}
	for number := range s.catalogue.blocks {
		if err == nil {
			err = s.snapshotBlock(snap, number)
		}
	}
	if err == nil {
		err = s.snapshotManifest(snap)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("look at the store to copy it: %w", err), snap.Close())
	}
	return snap, nil
}

func (s *Snapshot) log(dir string, log *applog.Log) error {
	copies, err := log.Copies()
	for _, c := range copies {
		s.add(dir+"/"+c.Name, c.Bytes, c, c.Close)
	}
	return err
}

func (s *Snapshot) add(name string, bytes int64, r io.ReaderAt, end func() error) {
	s.Files = append(s.Files, SnapshotFile{name, bytes, r})
	s.ends = append(s.ends, end)
}

// snapshotBlock opens a block file of its own: a damaged one is copied as well.
func (s *Store) snapshotBlock(snap *Snapshot, number uint64) error {
	path := blockPath(s.dir, number)
	f, err := s.fs.Open(path)
	if err != nil {
		return err
	}
	size, err := f.Size()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	snap.add(blocksDir+"/"+filepath.Base(path), size, f, f.Close)
	return nil
}

func (s *Store) snapshotManifest(snap *Snapshot) error {
	f, err := s.fs.Open(filepath.Join(s.dir, datadir.Manifest))
	if err != nil {
		return err
	}
	size, err := f.Size()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	snap.add(datadir.Manifest, size, f, f.Close)
	return nil
}
