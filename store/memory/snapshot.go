package memory

import (
	"context"
	"errors"
	"fmt"

	"github.com/roentgen/roentgen/internal/datadir"
)

// Snapshot returns the files that make a store with all that was acknowledged
// before the call, when they are laid into an empty directory.
func (s *Store) Snapshot(ctx context.Context) (*datadir.Snapshot, error) {
	s.gate.RLock() // no file is evicted meanwhile
	defer s.gate.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	snap := &datadir.Snapshot{}
	if s.log == nil {
		return snap, nil
	}
	err := snap.AddFile(s.fs, s.dir, datadir.Manifest)
	if err == nil {
		err = snap.AddLog(tracesDir, s.log)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("look at the store to copy it: %w", err), snap.Close())
	}
	return snap, nil
}

// Snapshot returns the files that make the state as it is now. Changes wait for
// the moment that takes.
func (s *State) Snapshot(context.Context) (*datadir.Snapshot, error) {
	s.change.Lock()
	defer s.change.Unlock()
	snap := &datadir.Snapshot{}
	if s.log == nil {
		return snap, nil
	}
	if err := snap.AddLog(stateDir, s.log); err != nil {
		return nil, errors.Join(fmt.Errorf("look at the state to copy it: %w", err), snap.Close())
	}
	return snap, nil
}
