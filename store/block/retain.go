package block

import (
	"context"
	"fmt"
	"slices"

	"github.com/roentgen/roentgen/store/block/index"
)

// Maintain removes what is past its retention or over the bound of the disk, and
// what was deleted from the logs, and counts what has to be counted again, also while nothing arrives and nobody
// asks. Call it every minute or so.
func (s *Store) Maintain(ctx context.Context) error {
	if err := s.wake(ctx); err != nil {
		return fmt.Errorf("maintain store: %w", err)
	}
	if err := s.forgetErased(ctx); err != nil {
		return fmt.Errorf("maintain store: %w", err)
	}
	s.house.Lock()
	defer s.house.Unlock()
	if err := s.retain(ctx); err != nil {
		return fmt.Errorf("maintain store: %w", err)
	}
	return nil
}

func (s *Store) retain(ctx context.Context) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	if s.opt.Retention < 4*s.opt.FlushAge { // otherwise the head is younger by far
		if err := s.flush(ctx, everything); err != nil {
			return err
		}
	}
	for _, b := range s.byAge() {
		if _, err := s.retainBlock(ctx, b); err != nil {
			return err
		}
	}
	if err := s.writePending(ctx); err != nil { // of blocks that were set aside
		return err
	}
	if err := s.retainAside(ctx); err != nil {
		return err
	}
	return s.fitDisk(ctx)
}

// byAge returns the blocks, the one first that was updated longest ago.
func (s *Store) byAge() []*block {
	set := slices.Clone(s.set())
	slices.SortStableFunc(set, func(a, b *block) int {
		if a.lastUpdated() < b.lastUpdated() {
			return -1
		}
		return 1
	})
	return set
}

// retainBlock removes a block that is past its retention, or what of it is.
func (s *Store) retainBlock(ctx context.Context, b *block) (done bool, err error) {
	now := s.opt.now()
	switch last := b.lastUpdated(); {
	case last >= before(now, s.opt.Retention):
		return true, nil
	case last < before(now, s.opt.RetainFailing) || b.totals.Failing == 0:
		return s.evict(ctx, b, nil)
	case b.totals.Failing == b.totals.Traces || b.stuck:
		return true, nil
	}
	return s.evict(ctx, b, func(r index.Row) bool { return r.Failing })
}

// fitDisk removes the oldest blocks while there are too many bytes, of each
// first what did not fail.
func (s *Store) fitDisk(ctx context.Context) error {
	for {
		set := s.byAge()
		total := int64(0)
		for _, b := range set {
			total += b.file.Bytes()
		}
		if total <= s.opt.MaxDiskBytes || len(set) == 0 {
			return nil
		}
		b, keep := set[0], (func(index.Row) bool)(nil)
		i := slices.IndexFunc(set, func(b *block) bool { return b.totals.Failing < b.totals.Traces && !b.stuck })
		if s.opt.RetainFailing > s.opt.Retention && i >= 0 {
			b, keep = set[i], func(r index.Row) bool { return r.Failing }
		}
		if done, err := s.evict(ctx, b, keep); err != nil || !done {
			return err
		}
	}
}

// evict removes a block but for the rows that stay; nil: all of it. It is false
// where that has to wait.
func (s *Store) evict(ctx context.Context, b *block, stay func(index.Row) bool) (done bool, err error) {
	if done, err = s.beginLeaving(ctx, b, stay); err != nil || !done {
		return false, err
	}
	err = s.remove(ctx, b, stay)
	s.moves.Lock()
	defer s.moves.Unlock()
	b.leaving = nil // it may have stayed
	return err == nil, err
}

// leaveRounds is how often traces that were pulled out of a block are flushed
// before it waits for the next time.
const leaveRounds = 3

// beginLeaving has nothing pulled any more out of the rows that go. Traces that
// were pulled out of the block go on, and a crash would bring their rows back:
// another block has to have them first.
func (s *Store) beginLeaving(ctx context.Context, b *block, stay func(index.Row) bool) (ready bool, err error) {
	for round := 0; ; round++ {
		s.moves.Lock()
		ready = len(s.pulledFrom([]*block{b})) == 0
		if ready {
			b.leaving = func(r index.Row) bool { return stay == nil || !stay(r) }
		}
		s.moves.Unlock()
		if ready || round == leaveRounds {
			return ready, nil
		}
		if err := s.flush(ctx, everything); err != nil {
			return false, err
		}
	}
}

func (s *Store) remove(ctx context.Context, b *block, stay func(index.Row) bool) error {
	s.opt.Logger.Info("traces evicted", "block", b.number, "traces", b.living(), "updated_until", b.lastUpdated().Time(), "failing_stay", stay != nil)
	if stay == nil {
		m := &merging{store: s, inputs: []*block{b}, lost: int64(b.totals.Revision - b.lost.revision)}
		return s.replace(ctx, m, nil)
	}
	return s.merge(ctx, []*block{b}, stay)
}
