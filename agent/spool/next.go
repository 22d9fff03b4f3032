package spool

import (
	"context"
	"math"
	"slices"
	"time"
)

// never is more than is ever appended.
const never = math.MaxInt64

const (
	defaultCutDocuments = 256
	defaultCutBytes     = 1 << 20
	defaultCutAge       = time.Second
)

// withDefaults fills in what was left out.
func (l Limit) withDefaults() Limit {
	if l.Documents <= 0 {
		l.Documents = defaultCutDocuments
	}
	if l.Bytes <= 0 {
		l.Bytes = defaultCutBytes
	}
	if l.Age <= 0 {
		l.Age = defaultCutAge
	}
	return l
}

// Next cuts the next batch. It blocks until limit says so, until another cut of
// many is acknowledged, or until ctx ends. Cuts of an earlier process that were
// not acknowledged come first, as they were.
func (s *Spool) Next(ctx context.Context, limit Limit) (*Cut, error) {
	select {
	case <-s.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.stop:
		return nil, ErrClosed
	}
	defer func() { s.turn <- struct{}{} }()
	limit = limit.withDefaults()
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		cut, wait := s.tryCut(limit)
		if cut != nil {
			return cut, nil
		}
		if err := s.await(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// await sleeps until something was appended, acknowledged or nudged, or for the
// time given; 0: without end.
func (s *Spool) await(ctx context.Context, wait time.Duration) error {
	var alarm <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-s.wake:
	case <-alarm:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stop:
		return ErrClosed
	}
	return nil
}

// tryCut cuts, or says how long it takes at most until it is worth trying again.
func (s *Spool) tryCut(limit Limit) (*Cut, time.Duration) {
	if b, ok := s.takeRecovered(); ok {
		return s.recut(b), 0
	}
	if s.full() {
		return nil, 0 // Done wakes
	}
	s.wantCount.Store(never)
	s.wantArea.Store(never)
	count, area := s.appended.Load(), s.area.Load()
	g := s.gather(limit)
	now := s.opt.Now()
	if wait := s.patience(g, limit, now); wait > 0 && !g.full {
		s.expect(g, limit, count, area)
		s.abandon(g)
		return nil, wait
	}
	return s.commit(g, now), 0
}

// patience is how long g may still grow; 0: it is due.
func (s *Spool) patience(g *gathering, limit Limit, now time.Time) time.Duration {
	if s.nudged.Swap(false) {
		return 0
	}
	switch {
	case g.records > 0:
		return max(0, limit.Age-now.Sub(g.oldest))
	case limit.Idle > 0:
		s.mu.Lock()
		defer s.mu.Unlock()
		return max(0, limit.Idle-now.Sub(s.mu.lastCut))
	}
	return never
}

// expect says at which totals the cutter wants to look again. Totals may have
// grown since they were read: then it looks again at once.
func (s *Spool) expect(g *gathering, limit Limit, count, area int64) {
	if g.records == 0 {
		s.wantCount.Store(count + 1)
	} else {
		s.wantCount.Store(count + int64(limit.Documents-len(g.documents)))
		s.wantArea.Store(area + int64(limit.Bytes-g.bytes))
	}
	if s.due() {
		signal(s.wake)
	}
}

// full tells whether as many cuts are in flight as there is room for.
func (s *Spool) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.freeSlotLocked() < 0
}

// freeSlotLocked returns where one more cut may stand in the table; below 0:
// nowhere.
func (s *Spool) freeSlotLocked() int {
	for i := range s.mu.inSlot {
		if s.freeLocked(i) {
			return i
		}
	}
	return -1
}

// freeLocked: what stands in the slot is acknowledged, and is neither the last
// number that was given nor the cut behind which the next one begins.
func (s *Spool) freeLocked(slot int) bool {
	seq := s.mu.inSlot[slot]
	if seq == 0 {
		return true
	}
	_, open := s.mu.flight[seq]
	waits := slices.ContainsFunc(s.mu.recovered, func(b bounds) bool { return b.seq == seq })
	return !open && !waits && seq != s.mu.seq && seq != s.mu.furthest
}

// commit makes a cut of what was gathered; nil: there is no room for it in the
// table any more.
func (s *Spool) commit(g *gathering, now time.Time) *Cut {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.freeSlotLocked() < 0 { // since one was seen, a cut was split
		for _, f := range g.files {
			s.dropLocked(f)
		}
		return nil
	}
	b := s.nameLocked(g)
	s.mu.lastCut = now
	s.moveCursorLocked(g.at)
	s.loseLocked(g)
	return s.launchLocked(b, g, false)
}

// nameLocked gives what was gathered a number: its bounds stand in the table
// before anyone hears of it.
func (s *Spool) nameLocked(g *gathering) bounds {
	slot := s.freeSlotLocked()
	s.mu.seq++
	s.mu.inSlot[slot] = s.mu.seq
	b := bounds{slot: slot, seq: s.mu.seq, first: g.from, last: g.to(), documents: uint32(len(g.documents)), rollups: uint32(len(g.rollups))}
	s.mu.table.put(b)
	if !b.last.before(s.mu.end) {
		s.mu.furthest, s.mu.end = b.seq, b.last
	}
	return b
}

// launchLocked hands the cut out. The references of g go with it.
func (s *Spool) launchLocked(b bounds, g *gathering, recovered bool) *Cut {
	cut := &Cut{Seq: b.seq, Documents: g.documents, Rollups: g.rollups, Bytes: g.bytes, Oldest: g.oldest, Recovered: recovered}
	s.mu.flight[b.seq] = &flight{cut: cut, slot: b.slot, from: b.first, to: b.last, files: g.files}
	s.sweepLocked()
	return cut
}

// moveCursorLocked lets new cuts begin at c.
func (s *Spool) moveCursorLocked(c cursor) {
	if c.file == nil {
		return
	}
	if c.file != s.mu.cursor.file {
		c.file.refs++
		if old := s.mu.cursor.file; old != nil {
			s.dropLocked(old)
		}
	}
	s.mu.cursor = c
	signal(s.kick)
}

// loseLocked books what g stepped over.
func (s *Spool) loseLocked(g *gathering) {
	for _, l := range g.lost {
		s.documents.Add(-l.documents)
		files := int64(0)
		if l.rest {
			files = 1
		}
		s.damageLocked(l.documents, files, &CorruptError{File: s.med.name(l.file.number), Offset: int64(l.off), Reason: l.reason})
	}
}

func (s *Spool) takeRecovered() (bounds, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.mu.recovered) == 0 {
		return bounds{}, false
	}
	return s.mu.recovered[0], true
}

// recut makes a cut of an earlier process again.
func (s *Spool) recut(b bounds) *Cut {
	g := s.gatherBetween(b.first, b.last, never)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.recovered = s.mu.recovered[1:]
	found := int64(len(g.documents))
	for i := range g.lost { // what the table says counts
		g.lost[i].documents = 0
	}
	s.loseLocked(g)
	if missing := int64(b.documents) - found; missing > 0 {
		s.documents.Add(-missing)
		err := &CorruptError{File: s.med.name(b.first.file), Offset: int64(b.first.off), Reason: "documents of a cut that was not acknowledged are missing"}
		s.damageLocked(missing, 0, err)
	}
	return s.launchLocked(b, g, true)
}

// Done says that the cut was acknowledged, in any order. What it held is gone.
func (s *Spool) Done(seq uint64) error {
	if s.shut.Load() {
		return ErrClosed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fl, ok := s.mu.flight[seq]
	if !ok {
		return errNotInFlight(seq)
	}
	s.mu.table.setState(fl.slot, slotDone)
	delete(s.mu.flight, seq)
	s.documents.Add(-int64(len(fl.cut.Documents)))
	for _, f := range fl.files {
		s.dropLocked(f)
	}
	s.sweepLocked()
	signal(s.wake)
	return nil
}
