package block

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"github.com/roentgen/roentgen/internal/datadir"
)

// Snapshot returns the files that make a store with all that was acknowledged
// before the call, when they are laid into an empty directory. Blocks do not
// change, and logs are only added to, so that nothing has to wait meanwhile.
func (s *Store) Snapshot(ctx context.Context) (*datadir.Snapshot, error) {
	s.house.Lock()
	defer s.house.Unlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	snap := &datadir.Snapshot{}
	if err := s.snapshot(snap); err != nil {
		return nil, errors.Join(fmt.Errorf("look at the store to copy it: %w", err), snap.Close())
	}
	return snap, nil
}

// snapshot is complete because the house is held: no block comes or goes, and no
// log file that something needs.
func (s *Store) snapshot(snap *datadir.Snapshot) error {
	if err := snap.AddFile(s.fs, s.dir, datadir.Manifest); err != nil {
		return err
	}
	if err := snap.AddLog(catalogueDir, s.catalogue.log); err != nil {
		return err
	}
	for _, number := range slices.Sorted(maps.Keys(s.catalogue.blocks)) {
		path := blocksDir + "/" + filepath.Base(blockPath(s.dir, number))
		if err := snap.AddFile(s.fs, s.dir, path); err != nil && !errors.Is(err, fs.ErrNotExist) { // it is missing: see Recovery
			return err
		}
	}
	for _, sh := range s.shards {
		if err := snap.AddLog(filepath.Base(walDir(s.dir, sh.number)), sh.log); err != nil {
			return err
		}
	}
	return nil
}
