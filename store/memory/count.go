package memory

import (
	"context"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

const (
	// backlogMost is how many changed traces may wait to be counted before
	// Append counts some: enough for the other documents of a trace to arrive
	// first, so that most are counted once, and few enough for a read.
	backlogMost = 2048
	// backlogLimit is how many may wait at all: from then on writers wait for
	// those who count, because what waits is held after it was evicted.
	backlogLimit = 16 * backlogMost
	// countBatch is how many are counted between two looks at the context.
	countBatch = 64
)

// soilLocked makes t wait to be counted.
func (s *Store) soilLocked(t *trace) {
	if !t.dirty {
		t.dirty = true
		s.mu.dirty = append(s.mu.dirty, t)
	}
}

// backlog returns how many traces wait to be counted. The counter is held.
func (s *Store) backlog() int {
	s.wake()
	return s.waiting()
}

// wake makes the traces wait whose time has come. There may be a minute's worth
// of them, and writers come in between.
func (s *Store) wake() {
	for now := s.opt.now(); ; {
		batch := s.counter.due(now)
		if len(batch) == 0 {
			return
		}
		s.soil(batch)
	}
}

// due takes out some of the traces whose time has come.
func (c *counter) due(now roentgen.Time) (batch []*trace) {
	for len(batch) < countBatch {
		p, ok := c.waiting.oldest()
		if !ok || p.At > now {
			break
		}
		c.waiting.move(p.trace, p.trace.due, nil)
		p.trace.due = nil
		batch = append(batch, p.trace)
	}
	return batch
}

func (s *Store) soil(batch []*trace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range batch {
		s.soilLocked(t)
	}
}

// keepUp counts some traces where too many wait. What Append adds it takes
// off, so that no read finds many more.
func (s *Store) keepUp(ctx context.Context, incoming int) error {
	late := s.waiting()
	switch {
	case late <= backlogMost:
		return nil
	case late > backlogLimit:
		s.counter.Lock()
	case !s.counter.TryLock(): // whoever holds it is counting
		return nil
	}
	defer s.counter.Unlock()
	return s.catchUp(ctx, incoming+countBatch)
}

func (s *Store) waiting() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.mu.dirty)
}

// catchUp counts the n traces that have waited longest. The counter is held.
func (s *Store) catchUp(ctx context.Context, n int) error {
	err := s.ready(ctx)
	for ; n > 0 && err == nil; err = s.ready(ctx) {
		batch := s.nextDirty(min(n, countBatch))
		if len(batch) == 0 {
			break
		}
		for _, t := range batch {
			s.count(t)
		}
		n -= len(batch)
	}
	s.admit(context.WithoutCancel(ctx)) // whoever asked may be gone; what was tested need not be tested again
	return err
}

// ready returns why nothing is to be done any more.
func (s *Store) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return errClosed
	}
	return nil
}

func (s *Store) nextDirty(n int) []*trace {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = min(n, len(s.mu.dirty))
	batch := append([]*trace(nil), s.mu.dirty[:n]...)
	clear(s.mu.dirty[:n])
	s.mu.dirty = s.mu.dirty[n:]
	for _, t := range batch {
		t.dirty = false
	}
	return batch
}

// count counts t as it is now in place of what it was. It is folded without
// the lock: a change that comes meanwhile makes it wait again.
func (s *Store) count(t *trace) {
	whole, partial, members := s.look(t)
	if t.tally != nil {
		s.counter.rollups.Remove(t.tally)
		t.tally = nil
	}
	if whole == nil {
		s.await(t, 0)
		return
	}
	summary := partial.Summary()
	rows := graph.Fold(whole, &summary, s.opt.now(), s.opt.Graph)
	t.tally = s.counter.rollups.Add(rows, s.counter.test(t, rows, members)...)
	s.await(t, rows.Due)
}

// look returns t as it is now, nil where it is gone.
func (s *Store) look(t *trace) (*roentgen.Trace, roentgen.Partial, []*member) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(t.entities) == 0 {
		return nil, roentgen.Partial{}, nil
	}
	return t.whole(), t.join(), t.members
}

// await makes t be counted again at that time, zero: no more.
func (s *Store) await(t *trace, at roentgen.Time) {
	if t.due == nil && at == 0 {
		return
	}
	var due *roentgen.Place
	if at != 0 {
		due = &roentgen.Place{At: at, Trace: t.id}
	}
	s.counter.waiting.move(t, t.due, due)
	t.due = due
}
