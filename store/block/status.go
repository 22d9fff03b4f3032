package block

import "github.com/roentgen/roentgen/store/block/blockfile"

// Status is what a store does and holds, for those who watch it.
type Status struct {
	Blocks    int
	HeadBytes int64 // of documents that are in no block yet
	Damage    int   // damages found since Open
	Unreached int64 // files that Unreached lists, at the last look of it or of Maintain
	Cache     blockfile.Stats
	// Since Open: blocks written from the head and from other blocks, and traces
	// pulled out of blocks.
	Flushes, Merges, Pulls uint64
}

// Status returns it as it is now.
func (s *Store) Status() Status {
	return Status{
		Blocks: len(s.set()), HeadBytes: s.headBytes(), Damage: len(s.Damage()), Unreached: s.unreached.Load(), Cache: s.cache.Stats(),
		Flushes: s.flushes.Load(), Merges: s.merges.Load(), Pulls: s.pulls.Load(),
	}
}
