package block

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"slices"

	"github.com/roentgen/roentgen"
)

// Compact writes blocks anew until none is left that is worth it: those of which
// something was deleted, those of which much counts no more, and many small ones
// as one. What was deleted leaves the logs as well.
func (s *Store) Compact(ctx context.Context) error {
	if err := s.forgetErased(ctx); err != nil {
		return err
	}
	for {
		before := s.version.Load()
		if err := s.compactOne(ctx, true); err != nil {
			return err
		}
		if s.version.Load() == before {
			return nil
		}
	}
}

// forgetErased flushes the head until the logs that held deleted documents are
// gone.
func (s *Store) forgetErased(ctx context.Context) error {
	s.house.Lock()
	defer s.house.Unlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	for range 8 { // documents may arrive meanwhile
		holds := slices.ContainsFunc(s.shards, func(sh *shard) bool {
			files := sh.log.Files()
			return sh.erasedIn != 0 && len(files) > 0 && files[0].Number <= sh.erasedIn
		})
		if !holds {
			return nil
		}
		if err := s.flush(ctx, math.MaxInt64); err != nil {
			return err
		}
	}
	return nil
}

// compactOne does the one compaction that is most worth it; all counts even what
// can wait.
func (s *Store) compactOne(ctx context.Context, all bool) error {
	s.house.Lock()
	defer s.house.Unlock()
	if err := s.ready(ctx); err != nil {
		if errors.Is(err, errClosed) {
			return nil
		}
		return err
	}
	inputs := s.worthCompacting(all)
	if len(inputs) == 0 {
		return nil
	}
	return s.merge(ctx, inputs, nil)
}

const (
	// fanIn is how many blocks of about one size are merged into one.
	fanIn = 4
	// mostDead is the share of dead rows from which a block is written anew.
	mostDead = 0.3
)

// worthCompacting chooses the inputs of the next merge.
func (s *Store) worthCompacting(all bool) []*block {
	s.moves.RLock()
	defer s.moves.RUnlock()
	set := slices.DeleteFunc(slices.Clone(s.set()), func(b *block) bool { return b.stuck })
	for _, b := range set {
		dead := len(s.catalogue.blocks[b.number].Dead.Rows)
		if b.erased > 0 || float64(dead) > mostDead*float64(b.totals.Traces) {
			return []*block{b}
		}
	}
	return s.smallOnes(set, all)
}

// smallOnes finds enough small blocks of one part of the retention and one size.
func (s *Store) smallOnes(set []*block, all bool) []*block {
	type tier struct {
		part int64
		size int
	}
	tiers := map[tier][]*block{}
	for _, b := range set {
		size := b.totals.AllBytes
		if size > s.opt.HeadBytes/2 {
			continue
		}
		k := tier{int64(b.totals.MaxUpdated) / int64(max(1, s.opt.Retention/partsOfRetention)), bits.Len64(uint64(size)) / 2}
		if all {
			k.size = 0
		}
		tiers[k] = append(tiers[k], b)
		enough := fanIn
		if all {
			enough = 2
		}
		if list := tiers[k]; len(list) >= enough && bytesOf(list) >= s.opt.HeadBytes/2 || len(list) == 4*fanIn {
			return list
		}
	}
	for _, list := range tiers {
		if len(list) >= fanIn || all && len(list) > 1 {
			return list
		}
	}
	return nil
}

func bytesOf(list []*block) (n int64) {
	for _, b := range list {
		n += b.totals.AllBytes
	}
	return n
}

// lastUpdated is when the last document of the block arrived.
func (b *block) lastUpdated() roentgen.Time { return b.totals.MaxUpdated }
