package block

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store/block/blockfile"
)

// Unreached is a file that may hold documents of a trace that was deleted, or
// will be, and that no compaction writes anew: not all of it can be read, so that
// nobody knows what is in it.
type Unreached struct {
	Path string
	Why  string
	// Aside is true of a file in DamagedDir, which nothing needs any more. Any
	// other one has to be repaired first.
	Aside bool
	// Until is when retention removes it; 0: that is not known, because its
	// header is lost too, or because nothing is removed by age.
	Until roentgen.Time
}

// Unreached lists those files. What is in them goes with the files: by Repair and
// then by hand, or by retention.
func (s *Store) Unreached(ctx context.Context) ([]Unreached, error) {
	s.house.Lock()
	defer s.house.Unlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	out, err := s.listUnreached()
	if err != nil {
		return nil, fmt.Errorf("look for files that cannot be read whole: %w", err)
	}
	return out, nil
}

// listUnreached does so while the house is held.
func (s *Store) listUnreached() (out []Unreached, err error) {
	set, err := s.asideFiles()
	if err != nil {
		return nil, err
	}
	for _, path := range set {
		out = append(out, Unreached{Path: path, Why: "store repair set it aside", Aside: true})
	}
	aside := s.asideBlocks()
	for _, n := range slices.Sorted(maps.Keys(aside)) {
		out = append(out, Unreached{Path: blockPath(s.dir, n), Why: "it is damaged, and not served: " + aside[n]})
	}
	for _, b := range s.set() {
		if b.stuck && s.erasedIn(b) > 0 {
			out = append(out, Unreached{Path: b.file.Path(), Why: "some of it is damaged, and it holds a trace that was deleted"})
		}
	}
	there := out[:0]
	for _, u := range out {
		switch at, ok, err := blockfile.Created(s.fs, u.Path); {
		case errors.Is(err, fs.ErrNotExist):
			continue // there is nothing to remove
		case ok && s.opt.Retention > 0:
			u.Until = max(0, at+roentgen.Time(max(s.opt.Retention, s.opt.RetainFailing))) // below 0: beyond all time
		}
		there = append(there, u)
	}
	s.unreached.Store(int64(len(there)))
	return there, nil
}

func (s *Store) erasedIn(b *block) int {
	s.moves.RLock()
	defer s.moves.RUnlock()
	return b.erased
}

// asideFiles are the blocks in DamagedDir. What else is there holds no documents.
func (s *Store) asideFiles() (paths []string, err error) {
	dir := filepath.Join(s.dir, DamagedDir)
	names, err := s.fs.List(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, name := range names {
		if strings.HasPrefix(name, blocksDir+"-") {
			paths = append(paths, filepath.Join(dir, name))
		}
	}
	return paths, nil
}

// asideBlocks are the blocks that are named and not served, and why not.
func (s *Store) asideBlocks() map[uint64]string {
	s.moves.RLock()
	all := maps.Clone(s.aside)
	s.moves.RUnlock()
	for n, e := range s.catalogue.blocks {
		if e.Aside != "" {
			all[n] = e.Aside
		}
	}
	return all
}

// retainAside removes damaged files of which everything is past its retention.
// The house is held.
func (s *Store) retainAside(ctx context.Context) error {
	all, err := s.listUnreached()
	if err != nil {
		return err
	}
	now := s.opt.now()
	for _, u := range all {
		if u.Until == 0 || u.Until >= now {
			continue
		}
		if err := s.dropAside(ctx, u); err != nil {
			return fmt.Errorf("remove the damaged file %s, which is past its retention: %w", u.Path, err)
		}
	}
	return nil
}

func (s *Store) dropAside(ctx context.Context, u Unreached) error {
	if !u.Aside {
		n, _ := blockNumber(filepath.Base(u.Path))
		if e := s.catalogue.blocks[n]; e == nil || e.Aside == "" {
			return nil // the catalogue has to know first that it is set aside; one that is served goes by age as any other
		}
		if err := s.catalogue.commit(ctx, edit{Remove: []uint64{n}}); err != nil {
			return err
		}
	}
	if err := s.fs.Remove(u.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.unreached.Add(-1)
	s.opt.Logger.Info("a damaged file is past its retention, and removed", "file", u.Path)
	return s.fs.SyncDir(filepath.Dir(u.Path))
}
