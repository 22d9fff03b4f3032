package block

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/roentgen/roentgen"
)

// Delete removes a trace: a record in the log of its shard says so first, so
// that a crash repeats what is left to do. The row of a block in which it stood
// is marked as erased, and the next Compact writes that block anew without it and
// drops the logs that held it.
func (s *Store) Delete(ctx context.Context, id roentgen.TraceID) error {
	s.house.Lock()
	defer s.house.Unlock()
	s.counter.Lock()
	defer s.counter.Unlock()
	sh := s.shardOf(id)
	err := s.inTurn(ctx, sh, func() error { return sh.delete(ctx, id) })
	if err != nil {
		return fmt.Errorf("delete trace %s: %w", id, err)
	}
	if err := s.writePending(ctx); err != nil {
		s.opt.Logger.Error("the catalogue could not be told of an erased trace; the log knows it, and it is tried again", "error", err)
	}
	return nil
}

// delete runs in the shard's goroutine, while the house and the counter are held.
func (sh *shard) delete(ctx context.Context, id roentgen.TraceID) error {
	there, err := sh.store.stands(sh, id)
	if err != nil {
		return err
	}
	if !there {
		return roentgen.NotFoundf("there is no trace %s", id)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	at, err := sh.log.Append(context.WithoutCancel(ctx), traceRecord(kindDeleted, id))
	if err != nil {
		return storeError(err)
	}
	sh.erasedIn = at.File
	sh.mu.Lock()
	sh.mu.end = at.After(traceLength)
	if t := sh.mu.traces[id]; t != nil {
		sh.store.counter.dismiss(t)
		sh.mu.drop(t)
		sh.measure()
	}
	sh.mu.Unlock()
	return sh.store.unplace(id, func(*block) bool { return true })
}

// stands tells whether the trace is anywhere.
func (s *Store) stands(sh *shard, id roentgen.TraceID) (bool, error) {
	sh.mu.RLock()
	t := sh.mu.traces[id]
	in := t != nil && len(t.entities) > 0
	sh.mu.RUnlock()
	if in {
		return true, nil
	}
	at, err := s.locate(id)
	if err != nil || at.block == nil {
		return false, err
	}
	return true, at.block.leave()
}

// unplace makes the row in which the trace stands, or from which it was pulled,
// count no more, if the block that it is in should lose it.
func (s *Store) unplace(id roentgen.TraceID, lose func(*block) bool) error {
	at, err := s.locate(id)
	if err != nil {
		return err
	}
	var l loss
	if at.block != nil {
		x, err := at.block.index()
		if err != nil {
			return errors.Join(s.judge(at.block, err), at.block.leave())
		}
		l = lossOf(x.Row(at.row))
	}
	s.moves.Lock()
	if m, ok := s.masked[id]; ok {
		delete(s.masked, id)
		s.unplaced = append(s.unplaced, unplaced{m, true})
	}
	if at.block != nil && lose(at.block) {
		s.bury(at.block, at.row, l)
		s.unplaced = append(s.unplaced, unplaced{maskedRow{at, l}, true})
	}
	s.moves.Unlock()
	if at.block != nil {
		return at.block.leave()
	}
	return nil
}

// unplaced is a row that is dead without another one in its place.
type unplaced struct {
	maskedRow
	erased bool // because somebody deleted its trace
}

// writePending tells the catalogue of rows that have lost their trace and of
// blocks that were set aside. It comes before anything that relies on it: the
// blocks in which such traces go on, and the end of the logs that say that they
// were deleted. The house is held.
func (s *Store) writePending(ctx context.Context) error {
	s.moves.RLock()
	e := edit{Dead: map[uint64]dead{}, Aside: maps.Clone(s.aside)}
	for _, u := range s.unplaced {
		if s.catalogue.blocks[u.block.number] != nil { // as of replaced
			d := e.Dead[u.block.number]
			d.add(u.row, u.loss, u.erased)
			e.Dead[u.block.number] = d
		}
	}
	n := len(s.unplaced)
	s.moves.RUnlock()
	if len(e.Dead)+len(e.Aside) > 0 {
		if err := s.catalogue.commit(context.WithoutCancel(ctx), e); err != nil {
			return err
		}
	}
	s.moves.Lock()
	defer s.moves.Unlock()
	for number := range e.Aside {
		delete(s.aside, number)
	}
	for _, u := range s.unplaced[:n] {
		if u.erased {
			u.block.erased++
		}
	}
	s.unplaced = s.unplaced[n:]
	return nil
}
