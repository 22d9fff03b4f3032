package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
)

// Delete removes a trace from memory, once the log says that what it holds of
// the trace counts no more. The bytes of the documents leave the disk when
// retention drops their log files, and with them the note.
func (s *Store) Delete(ctx context.Context, id roentgen.TraceID) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("delete trace %s: %w", id, err)
	}
	if err := s.keepUp(ctx, 1); err != nil && ctx.Err() == nil && !errors.Is(err, errClosed) {
		s.opt.Logger.Error("count traces", "error", err)
	}
	if err := s.deleteDurably(ctx, id); err != nil {
		return fmt.Errorf("delete trace %s: %w", id, err)
	}
	return nil
}

// deleteDurably holds the gate alone: no document of the trace, and no note
// that it is a member, is on its way into the log, so that what stands before
// the deletion there is what memory has now.
func (s *Store) deleteDurably(ctx context.Context, id roentgen.TraceID) error {
	s.gate.Lock()
	defer s.gate.Unlock()
	t, err := s.existing(ctx, id)
	if err != nil {
		return err
	}
	number := uint64(0)
	if s.log != nil {
		at, err := s.log.Append(ctx, applog.Record{Kind: kindDeleted, Payload: encodeID(id)})
		if err != nil {
			return storeError(err)
		}
		number = at.File
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleteLocked(t)
	if number > 0 {
		s.growLocked(s.fileLocked(number), 0) // the note grows old with its file
	}
	return nil
}

func (s *Store) existing(ctx context.Context, id roentgen.TraceID) (*trace, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.mu.traces[id]
	if t == nil || len(t.entities) == 0 {
		return nil, roentgen.NotFoundf("there is no trace %s", id)
	}
	return t, nil
}

// deleteLocked takes all of t out of memory and returns how many documents that
// were. Nothing of t is on its way. What was counted of it is taken off when
// somebody asks, because t waits to be counted.
func (s *Store) deleteLocked(t *trace) (documents int) {
	var gone []*held
	for _, e := range t.entities {
		gone = append(gone, e.copies...)
	}
	for _, h := range gone {
		h.file.docs = slices.DeleteFunc(h.file.docs, func(o *held) bool { return o == h })
		s.dropLocked(h)
	}
	if t.limit != nil {
		t.limit.limits = slices.DeleteFunc(t.limit.limits, func(o *trace) bool { return o == t })
		s.shrinkLocked(t.limit, limitBytes)
		t.limit = nil
	}
	s.unlistMembersLocked(t)
	s.arrangeLocked(t)
	s.forgetLocked(t)
	return len(gone)
}

// unlistMembersLocked makes t a member of no group. A member may stand in
// several files, one after the other.
func (s *Store) unlistMembersLocked(t *trace) {
	if len(t.members) == 0 {
		return
	}
	ofTrace := func(m *member) bool { return m.trace == t }
	for _, f := range s.mu.files {
		before := len(f.members)
		f.members = slices.DeleteFunc(f.members, ofTrace)
		s.shrinkLocked(f, memberBytes*(before-len(f.members)))
	}
	s.mu.loose = slices.DeleteFunc(s.mu.loose, ofTrace)
	t.members = nil
}
