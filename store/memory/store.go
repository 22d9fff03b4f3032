package memory

import (
	"context"
	"fmt"
	"sync"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
)

// Store keeps documents in memory. It is safe for use by many goroutines.
type Store struct {
	opt Options
	log *applog.Log // nil: nothing is durable
	fs  vfs.FS      // with dir: where the log is
	dir string

	// gate is held shared by an Append from its plan to its end, and alone by
	// what changes files: a file goes only when no document is on its way
	// into it. It is taken before mu.
	gate    sync.RWMutex
	counter counter

	mu struct {
		sync.RWMutex
		traces    map[roentgen.TraceID]*trace
		orders    [clocks]order
		files     []*file              // ascending by number
		sealed    uint64               // no document goes into a file up to this number any more
		pending   map[document]*flight // documents on their way into the log
		documents int                  // standing
		bytes     int64                // of standing documents
		held      int64                // of all that files hold
		evicted   int64
		dirty     []*trace  // wait to be counted, those that have waited longest first
		loose     []*member // whose note in the log went with its file, and that have no other yet
		closed    bool
	}
}

var _ store.Store = (*Store)(nil)

// New returns an empty Store that keeps nothing on disk: what it acknowledges
// is gone with the process.
func New(opt Options) *Store {
	s := &Store{opt: opt.withDefaults(), counter: newCounter()}
	s.mu.traces = map[roentgen.TraceID]*trace{}
	s.mu.pending = map[document]*flight{}
	for c := range s.mu.orders {
		s.mu.orders[c] = newOrder()
	}
	return s
}

// Close refuses new calls, waits for the appends under way and releases the
// files.
func (s *Store) Close() error {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.shut() || s.log == nil {
		return nil
	}
	if err := s.log.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// shut marks the store closed and reports whether it was already.
func (s *Store) shut() (already bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	already, s.mu.closed = s.mu.closed, true
	return already
}

// Err returns why nothing can be appended any more, nil while all is well.
func (s *Store) Err() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch {
	case s.mu.closed:
		return errClosed
	case s.log == nil:
		return nil
	}
	return s.log.Err()
}

// Stats returns the size of what is stored.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	if err := ctx.Err(); err != nil {
		return store.Stats{}, fmt.Errorf("read the size of the store: %w", err)
	}
	stats := store.Stats{}
	if s.log != nil {
		for _, f := range s.log.Files() {
			stats.DiskBytes += f.Bytes
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return store.Stats{}, errClosed
	}
	stats.Traces, stats.Documents = s.mu.orders[roentgen.ClockStart].len(), s.mu.documents
	stats.Bytes, stats.Evicted = s.mu.bytes, s.mu.evicted
	stats.Oldest = s.mu.orders[roentgen.ClockStart].last()
	return stats, nil
}
