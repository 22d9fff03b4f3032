package block

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/block/blockfile"
)

// Store keeps traces in a head and in blocks. It is safe for use by many
// goroutines.
//
// Locks are taken in this order: house, counter, moves, the mutex of a shard.
type Store struct {
	opt    Options
	fs     vfs.FS
	dir    string
	shards []*shard
	cache  *blockfile.Cache
	board  *graph.Board

	// house is held by whoever makes blocks or removes them, one at a time. The
	// catalogue is its.
	house     sync.Mutex
	catalogue *catalogue
	scratch   blockfile.Scratch // its too
	reread    *rereader         // and this
	keeper    keeper

	counter counter

	// moves is held alone while traces change their place, and shared by who
	// has to see each in exactly one.
	moves    sync.RWMutex
	masked   map[roentgen.TraceID]maskedRow // rows that were pulled, and that a crash would bring back
	unplaced []unplaced                     // rows that are dead, and that the catalogue does not know of yet
	aside    map[uint64]string              // blocks that were set aside, and that it does not know of yet
	damage   []error                        // found since Open
	blocks   atomic.Pointer[[]*block]       // newest number first; replaced, never changed
	sieves   sieves                         // of blocks; changed while moves is held
	version  atomic.Uint64                  // rises with blocks
	pulls    atomic.Uint64                  // rises with every row that was pulled

	// While it is opened: block files that the catalogue may have lost, and where
	// the logs say that traces were deleted.
	orphans   []string
	deletions map[roentgen.TraceID]applog.Position

	closing   sync.RWMutex
	closed    bool
	evicted   atomic.Int64
	unreached atomic.Int64 // files, at the last look

	flushes, merges atomic.Uint64 // blocks written
}

var _ store.Store = (*Store)(nil)

// set is the blocks that there are now.
func (s *Store) set() []*block { return *s.blocks.Load() }

// headBytes is how large the heads of all shards are, in documents.
func (s *Store) headBytes() (n int64) {
	for _, sh := range s.shards {
		n += sh.bytes.Load()
	}
	return n
}

// ready returns why nothing is to be done any more.
func (s *Store) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return errClosed
	}
	return nil
}

// Close refuses new calls, waits for those under way, writes the head into a
// block and releases the files. What could not be written stays in the logs.
func (s *Store) Close() error {
	if s.shut() {
		return nil
	}
	s.keeper.stop()
	s.noteFlush(errClosed) // who waits for room waits in vain
	for _, sh := range s.shards {
		close(sh.calls)
	}
	for _, sh := range s.shards {
		<-sh.ended
	}
	s.house.Lock()
	defer s.house.Unlock()
	err := s.lastFlush()
	return errors.Join(err, s.release())
}

// shut marks the store closed and reports whether it was already.
func (s *Store) shut() (already bool) {
	s.closing.Lock()
	defer s.closing.Unlock()
	already, s.closed = s.closed, true
	return already
}

// lastFlush makes the next start short. That it fails is no harm: the logs have
// everything.
func (s *Store) lastFlush() error {
	all := s.pick(1 << 62)
	if len(all) == 0 {
		return nil
	}
	ctx := context.Background()
	err := s.writeBlock(ctx, all)
	if err == nil {
		err = s.dropLogsBy(ctx, func(_ *shard, drop func() error) error { return drop() })
	}
	if err != nil {
		s.opt.Logger.Warn("the head could not be written into a block; it stays in the logs", "error", err)
	}
	return nil
}

// release closes files, logs and locks.
func (s *Store) release() error {
	var errs []error
	for _, b := range s.set() {
		errs = append(errs, b.leave())
	}
	for _, sh := range s.shards {
		errs = append(errs, sh.log.Close())
	}
	if s.catalogue != nil {
		errs = append(errs, s.catalogue.log.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close store in %s: %w", s.dir, err)
	}
	return nil
}

// Err returns why nothing can be appended any more, nil while all is well.
func (s *Store) Err() error {
	if err := s.ready(context.Background()); err != nil {
		return err
	}
	for _, sh := range s.shards {
		if err := sh.log.Err(); err != nil {
			return err
		}
	}
	return s.catalogue.log.Err() // then the head can be written into no block
}

// Stats returns the size of what is stored.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	if err := s.ready(ctx); err != nil {
		return store.Stats{}, fmt.Errorf("read the size of the store: %w", err)
	}
	stats := store.Stats{DiskBytes: s.diskBytes(), Evicted: s.evicted.Load()}
	if err := s.knowOldest(); err != nil {
		return store.Stats{}, err
	}
	s.moves.RLock()
	defer s.moves.RUnlock()
	first := true
	oldest := func(t roentgen.Time) {
		if first || t < stats.Oldest {
			stats.Oldest, first = t, false
		}
	}
	for _, b := range s.set() {
		if b.living() > 0 {
			stats.Traces += b.living()
			stats.Documents += b.totals.Documents - b.lost.documents
			stats.Bytes += b.totals.Bytes - b.lost.bytes
			oldest(b.oldest)
		}
	}
	for _, sh := range s.shards {
		sh.inOrder(func(orders *[clocks]order) {
			if p, ok := orders[roentgen.ClockStart].tree.Max(); ok {
				oldest(p.At)
			}
			stats.Traces += orders[roentgen.ClockStart].tree.Len()
			stats.Documents += sh.mu.documents
			stats.Bytes += sh.mu.standing
		})
	}
	return stats, nil
}

// knowOldest finds the earliest row that counts of blocks that have lost some.
func (s *Store) knowOldest() error {
	for _, b := range s.set() {
		if err := s.knowOldestOf(b); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) knowOldestOf(b *block) error {
	s.moves.RLock()
	known := b.oldestKnown || b.living() == 0
	s.moves.RUnlock()
	if known || !b.enter() {
		return nil
	}
	x, err := b.index()
	if err != nil {
		return errors.Join(s.judge(b, err), b.leave())
	}
	s.moves.Lock()
	for row := x.Len() - 1; row >= 0 && !b.oldestKnown; row-- {
		if !b.dead.has(row) {
			b.oldest, _ = x.At(row, roentgen.ClockStart)
			b.oldestKnown = true
		}
	}
	s.moves.Unlock()
	return b.leave()
}

// diskBytes is the size of all files of the store.
func (s *Store) diskBytes() (n int64) {
	for _, b := range s.set() {
		n += b.file.Bytes()
	}
	for _, sh := range s.shards {
		for _, f := range sh.log.Files() {
			n += f.Bytes
		}
	}
	for _, f := range s.catalogue.log.Files() {
		n += f.Bytes
	}
	return n
}

// walDir is the log of a shard within the data directory.
func walDir(dir string, shard int) string {
	return filepath.Join(dir, "wal-"+string([]byte{'0' + byte(shard/10), '0' + byte(shard%10)}))
}
