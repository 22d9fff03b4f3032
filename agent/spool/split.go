package spool

import (
	"errors"
	"fmt"
)

// leftSlots are what Split leaves to cuts of what comes.
const leftSlots = 16

// ErrSplit is within the error of Split and Renumber where the cut stays as it is.
var ErrSplit = errors.New("it cannot be split")

// Split makes two cuts of what one in flight holds, each with a number of its
// own, which name the same documents for ever. The cut itself stays in flight
// and holds nothing: its number names nothing any more, and Done ends it. Killed
// in between, the next Open finds all three, as they were.
func (s *Spool) Split(seq uint64) (first, second *Cut, err error) {
	fl, records, err := s.inFlight(seq)
	if err == nil && records < 2 {
		err = fmt.Errorf("it holds %d records: %w", records, ErrSplit)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("split cut %d of the spool: %w", seq, err)
	}
	front := s.gatherBetween(fl.from, fl.to, records/2) // its files are in memory: the cut holds them
	back := s.gatherBetween(front.to(), fl.to, never)
	cuts, err := s.replace(fl, front, back)
	if err != nil {
		return nil, nil, fmt.Errorf("split cut %d of the spool: %w", seq, err)
	}
	return cuts[0], cuts[1], nil
}

// Renumber puts what a cut in flight holds under the number that comes next, as
// Split does: an upstream remembers a limited lot of numbers.
func (s *Spool) Renumber(seq uint64) (*Cut, error) {
	fl, _, err := s.inFlight(seq)
	if err != nil {
		return nil, fmt.Errorf("renumber cut %d of the spool: %w", seq, err)
	}
	cuts, err := s.replace(fl, s.gatherBetween(fl.from, fl.to, never))
	if err != nil {
		return nil, fmt.Errorf("renumber cut %d of the spool: %w", seq, err)
	}
	return cuts[0], nil
}

func (s *Spool) inFlight(seq uint64) (fl *flight, records int, err error) {
	if s.shut.Load() {
		return nil, 0, ErrClosed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fl, ok := s.mu.flight[seq]
	if !ok {
		return nil, 0, errNotInFlight(seq)
	}
	return fl, len(fl.cut.Documents) + len(fl.cut.Rollups), nil
}

// replace launches parts in the place of what fl holds.
func (s *Spool) replace(fl *flight, parts ...*gathering) ([]*Cut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.freeSlotsLocked() < leftSlots+len(parts) {
		for _, g := range parts {
			for _, f := range g.files {
				s.dropLocked(f)
			}
		}
		return nil, fmt.Errorf("too many are in flight: %w", ErrSplit)
	}
	var cuts []*Cut
	for _, g := range parts { // damage among them has been told already
		cuts = append(cuts, s.launchLocked(s.nameLocked(g), g, false))
	}
	fl.cut.Documents, fl.cut.Rollups = nil, nil
	return cuts, nil
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
