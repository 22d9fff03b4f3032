package spool

import (
	"errors"
	"fmt"
)

// leftSlots are what Split leaves to cuts of what comes.
const leftSlots = 16

// ErrSplit is within the error of Split where the cut stays as it is.
var ErrSplit = errors.New("it cannot be split")

// Split makes two cuts of what one in flight holds, each with a number of its
// own, which name the same documents for ever. The cut itself stays in flight
// and holds nothing: its number names nothing any more, and Done ends it. Killed
// in between, the next Open finds all three, as they were.
func (s *Spool) Split(seq uint64) (first, second *Cut, err error) {
	if s.shut.Load() {
		return nil, nil, ErrClosed
	}
	s.mu.Lock()
	fl, ok := s.mu.flight[seq]
	s.mu.Unlock()
	if !ok {
		return nil, nil, errNotInFlight(seq)
	}
	records := len(fl.cut.Documents) + len(fl.cut.Rollups)
	if records < 2 {
		return nil, nil, fmt.Errorf("split cut %d of the spool, which holds %d records: %w", seq, records, ErrSplit)
	}
	front := s.gatherBetween(fl.from, fl.to, records/2) // its files are in memory: the cut holds them
	back := s.gatherBetween(front.to(), fl.to, never)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.freeSlotsLocked() < leftSlots+2 {
		for _, f := range append(front.files, back.files...) {
			s.dropLocked(f)
		}
		return nil, nil, fmt.Errorf("split cut %d of the spool: too many are in flight: %w", seq, ErrSplit)
	}
	first, second = s.splitOffLocked(front), s.splitOffLocked(back)
	fl.cut.Documents, fl.cut.Rollups = nil, nil
	return first, second, nil
}

// splitOffLocked launches a part of a cut, which has been told of damage.
func (s *Spool) splitOffLocked(g *gathering) *Cut {
	return s.launchLocked(s.nameLocked(g), g, false)
}

// freeSlotsLocked is how many cuts more may stand in the table.
func (s *Spool) freeSlotsLocked() (n int) {
	for i := range s.mu.inSlot {
		if s.freeLocked(i) {
			n++
		}
	}
	return n
}
