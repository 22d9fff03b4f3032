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
		if err := s.retainBlock(ctx, b); err != nil {
			return err
		}
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
func (s *Store) retainBlock(ctx context.Context, b *block) error {
	now := s.opt.now()
	switch last := b.lastUpdated(); {
	case last >= before(now, s.opt.Retention):
		return nil
	case last < before(now, s.opt.RetainFailing) || b.totals.Failing == 0:
		return s.evict(ctx, b, nil)
	case b.totals.Failing == b.totals.Traces || b.stuck:
		return nil
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
		if err := s.evict(ctx, b, keep); err != nil {
			return err
		}
	}
}

// evict removes a block but for the rows that stay; nil: all of it.
func (s *Store) evict(ctx context.Context, b *block, stay func(index.Row) bool) error {
	s.opt.Logger.Info("traces evicted", "block", b.number, "traces", b.living(), "updated_until", b.lastUpdated().Time(), "failing_stay", stay != nil)
	if stay == nil {
		m := &merging{store: s, inputs: []*block{b}, lost: int64(b.totals.Revision - b.lost.revision)}
		return s.replace(ctx, m, nil)
	}
	return s.merge(ctx, []*block{b}, stay)
}
