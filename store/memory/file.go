package memory

import (
	"cmp"
	"slices"

	"github.com/roentgen/roentgen"
)

// file is what lies in one file of the log, and goes with it. A store without
// a log counts its documents into such files too, so that both grow old in
// the same way. Store.mu guards it.
type file struct {
	number      uint64
	bytes       int64
	first, last roentgen.Time // when it was begun and last written to, by the store's clock
	docs        []*held
	limits      []*trace
	members     []*member // noted here, and some of them later again
}

// limitBytes is what the note that a trace is too large counts, about what it
// takes.
const limitBytes = 64

// fileLocked returns the file with that number, or with number 0, where there
// is no log, the one to write to.
func (s *Store) fileLocked(number uint64) *file {
	if number == 0 {
		number = s.nextNumberLocked()
	}
	i, ok := slices.BinarySearchFunc(s.mu.files, number, func(f *file, n uint64) int { return cmp.Compare(f.number, n) })
	if !ok {
		now := s.opt.now()
		s.mu.files = slices.Insert(s.mu.files, i, &file{number: number, first: now, last: now})
	}
	return s.mu.files[i]
}

// nextNumberLocked does without a log what the log does: it begins another
// file when one is full.
func (s *Store) nextNumberLocked() uint64 {
	n := len(s.mu.files)
	if n == 0 {
		return s.mu.sealed + 1
	}
	last := s.mu.files[n-1]
	if last.bytes >= s.opt.fileBytes() || last.number <= s.mu.sealed {
		return last.number + 1
	}
	return last.number
}

// growLocked counts n bytes that were written to f now.
func (s *Store) growLocked(f *file, n int) {
	f.bytes += int64(n)
	f.last = s.opt.now()
	s.mu.held += int64(n)
}

// shrinkLocked counts n bytes of f as gone.
func (s *Store) shrinkLocked(f *file, n int) {
	f.bytes -= int64(n)
	s.mu.held -= int64(n)
}
