package memory

import (
	"fmt"
	"path/filepath"
	"sync"

	"github.com/google/btree"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
)

// Store keeps traces. It is safe for use by many goroutines.
type Store struct {
	opt Options
	log *applog.Log // nil: nothing is written down

	mu struct {
		sync.RWMutex
		closed bool
		traces map[roentgen.TraceID]*entry
		order  [3]*btree.BTreeG[place] // by clock
		gens   []*generation           // oldest first; never empty once something was stored
		stats  store.Stats             // Traces, Oldest and DiskBytes are filled in by Stats
	}
}

var _ store.Store = (*Store)(nil)

// New returns a store that forgets everything when the process ends.
func New(opt Options) *Store {
	s := &Store{opt: opt.withDefaults()}
	s.mu.traces = map[roentgen.TraceID]*entry{}
	for c := range s.mu.order {
		s.mu.order[c] = btree.NewG(32, func(a, b place) bool { return b.Behind(a.Place) })
	}
	return s
}

// Recovery tells what Open found that a clean shutdown would not have left.
type Recovery struct {
	applog.Recovery
	// Documents is how many were read back.
	Documents int
	// Unreadable is how many records this version cannot make sense of. They
	// stay in the log until retention removes them.
	Unreadable int
}

// Open returns the store in dir, which it makes if need be. It refuses a
// directory of another program or a newer version, one that another process
// has open, and one that cannot be written; the error names the remedy.
func Open(fs vfs.FS, dir string, opt Options) (*Store, Recovery, error) {
	if err := claim(fs, dir); err != nil {
		return nil, Recovery{}, err
	}
	s := New(opt)
	log, err := applog.Open(fs, filepath.Join(dir, "traces"), s.opt.log())
	if err != nil {
		return nil, Recovery{}, fmt.Errorf("open the data directory %s: %w", dir, err)
	}
	s.log = log
	found, err := s.replay()
	if err != nil {
		log.Close()
		return nil, Recovery{}, fmt.Errorf("read the log in %s back: %w", dir, err)
	}
	return s, found, nil
}

// Close refuses further calls, waits for appends under way and releases the
// directory.
func (s *Store) Close() error {
	s.mu.Lock()
	closed := s.mu.closed
	s.mu.closed = true
	s.mu.Unlock()
	if closed || s.log == nil {
		return nil
	}
	return s.log.Close()
}

// Err returns why nothing can be appended any more, nil while all is well.
func (s *Store) Err() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return errClosed
	}
	if s.log == nil {
		return nil
	}
	return s.log.Err()
}

var errClosed = roentgen.Unavailablef("the store is closed: the server is shutting down")
