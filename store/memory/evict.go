package memory

import (
	"context"
	"errors"
	"fmt"

	"github.com/roentgen/roentgen/internal/applog"
)

// Maintain removes what is past its retention and counts what is not counted
// yet, also while nothing arrives and nobody asks. Call it every minute or so.
func (s *Store) Maintain(ctx context.Context) error {
	if err := s.tidy(ctx, 0); err != nil {
		return fmt.Errorf("maintain store: %w", err)
	}
	s.counter.Lock()
	defer s.counter.Unlock()
	if err := s.catchUp(ctx, s.backlog()); err != nil {
		return fmt.Errorf("count traces: %w", err)
	}
	return nil
}

// tidy makes room for incoming bytes and drops what has become too old. It
// holds the gate alone, so that no document is on its way into a file that
// goes: those who append wait, which is also what slows them down when
// they are faster than the disk forgets.
func (s *Store) tidy(ctx context.Context, incoming int64) error {
	if !s.untidy(incoming) {
		return nil
	}
	s.gate.Lock()
	defer s.gate.Unlock()
	full := s.seal(ctx)
	if full != nil && !errors.Is(full, applog.ErrNoSpace) {
		return full
	}
	if err := s.evictDue(ctx, incoming); err != nil {
		return err
	}
	if full != nil { // there may be space now
		if err := s.seal(ctx); err != nil {
			return err
		}
	}
	return s.noteAgain(ctx)
}

func (s *Store) evictDue(ctx context.Context, incoming int64) error {
	for {
		f, err := s.due(incoming)
		if f == nil || err != nil {
			return err
		}
		if err := s.evict(ctx, f); err != nil {
			return fmt.Errorf("evict log file %d: %w", f.number, err)
		}
	}
}

// untidy reports whether there is something to do.
func (s *Store) untidy(incoming int64) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mu.closed || s.dueLocked(incoming) != nil || s.staleLocked() || len(s.mu.loose) > 0
}

func (s *Store) due(incoming int64) (*file, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return nil, errClosed
	}
	return s.dueLocked(incoming), nil
}

// dueLocked returns the oldest file if it has to go: for want of room, or
// because everything in it is too old.
//
// A clock that jumped ahead for a while must not keep what was written then, so
// a file counts as no younger than any file after it.
func (s *Store) dueLocked(incoming int64) *file {
	if len(s.mu.files) == 0 {
		return nil
	}
	written := s.mu.files[0].last
	for _, f := range s.mu.files {
		written = min(written, f.last)
	}
	if s.mu.held+incoming > s.opt.MaxBytes || written < s.opt.oldest() {
		return s.mu.files[0]
	}
	return nil
}

// staleLocked reports whether the file that is written to was begun so long
// ago that the next documents belong into another: a trickle of new documents
// must not keep the first ones for ever. A file from the future is one that was
// begun before the clock was put right.
func (s *Store) staleLocked() bool {
	n := len(s.mu.files)
	if n == 0 || s.mu.files[n-1].number <= s.mu.sealed {
		return false
	}
	begun, now := s.mu.files[n-1].first, s.opt.now()
	return begun < before(now, s.opt.fileAge()) || begun > now
}

func (s *Store) stale() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.staleLocked()
}

// seal ends the file that is written to if it is stale.
func (s *Store) seal(ctx context.Context) error {
	if !s.stale() {
		return nil
	}
	return s.rotate(ctx)
}

// rotate makes all later documents go to another file than all earlier ones.
// The gate is held alone.
func (s *Store) rotate(ctx context.Context) error {
	s.mu.RLock()
	last := s.mu.files[len(s.mu.files)-1].number
	s.mu.RUnlock()
	if s.log != nil {
		if _, err := s.log.Rotate(ctx); err != nil {
			return storeError(err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.sealed = max(s.mu.sealed, last)
	return nil
}

// evict drops the oldest file, from memory first: a crash in between brings
// its documents back, and they are evicted again. So are those of a file that
// could not be removed, which goes with the next one. The file that is written
// to is ended first, which takes a little space: where there is none it stays,
// in memory too, until there is.
func (s *Store) evict(ctx context.Context, f *file) error {
	if err := s.leave(ctx, f.number); err != nil {
		return err
	}
	s.announce(f)
	for s.forgetSome(f) {
	}
	s.loosenMembers(f)
	s.forgetFile(f)
	// A full disk does not keep a file that makes room: then tidy notes them
	// once there is space.
	if err := s.noteAgain(ctx); err != nil && !errors.Is(err, applog.ErrNoSpace) {
		return err
	}
	if s.log == nil {
		return nil
	}
	return storeError(s.log.DropBefore(f.number + 1))
}

func (s *Store) announce(f *file) {
	s.mu.RLock()
	documents, bytes, until := len(f.docs), f.bytes, f.last.Time()
	s.mu.RUnlock()
	s.opt.Logger.Info("documents evicted", "documents", documents, "bytes", bytes, "received_until", until)
}

func (s *Store) forgetFile(f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.files = s.mu.files[1:]
	s.mu.sealed = max(s.mu.sealed, f.number)
}

// leave ends the file that is written to if it is the one with that number or
// an earlier one.
func (s *Store) leave(ctx context.Context, number uint64) error {
	if s.log == nil || s.log.End().File > number {
		return nil
	}
	_, err := s.log.Rotate(ctx)
	return storeError(err)
}

// evictBatch is how many documents are forgotten at once. Reads come in
// between.
const evictBatch = 256

// forgetSome takes some documents of f out of memory and reports whether there
// are more.
func (s *Store) forgetSome(f *file) (more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(f.docs) == 0 {
		for _, t := range f.limits {
			t.limit = nil
			s.forgetLocked(t)
		}
		s.shrinkLocked(f, limitBytes*len(f.limits))
		f.limits = nil
		return false
	}
	n := min(evictBatch, len(f.docs))
	touched := make(map[*trace]bool, n)
	for _, h := range f.docs[:n] {
		touched[s.dropLocked(h)] = true
	}
	s.mu.evicted += int64(n)
	for t := range touched {
		s.arrangeLocked(t)
		s.forgetLocked(t)
	}
	clear(f.docs[:n])
	f.docs = f.docs[n:]
	return true
}

// dropLocked takes one document out of memory and returns its trace. The
// caller arranges it and, where nothing is left, forgets it.
func (s *Store) dropLocked(h *held) *trace {
	t := s.mu.traces[h.stored.Segment.Trace]
	i, _ := t.find(h.stored.Segment.ID)
	stood := t.entities[i].stands()
	t.remove(h)
	s.soilLocked(t)
	s.shrinkLocked(h.file, h.bytes())
	if i, ok := t.find(h.stored.Segment.ID); ok {
		s.mu.bytes += int64(t.entities[i].stands().bytes() - stood.bytes())
	} else {
		s.mu.documents--
		s.mu.bytes -= int64(h.bytes())
	}
	return t
}
