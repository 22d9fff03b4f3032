package store

import (
	"context"
	"fmt"
)

// scrub empties SQLite's log, in which pages stand as they were before a deletion. It has work to do after a deletion,
// and until it has once succeeded.
func (s *Store) scrub(ctx context.Context, removed int) error {
	if removed > 0 {
		s.dirty.Store(true)
	}
	if s.kind != SQLite || !s.dirty.Load() {
		return nil
	}
	var busy, frames, moved int
	err := s.write(ctx, func() error {
		return s.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	})
	if err != nil {
		return err
	}
	if busy != 0 {
		return fmt.Errorf("%w: a reader holds the log, in which deleted texts still stand", ErrUnavailable)
	}
	s.dirty.Store(false)
	return nil
}
