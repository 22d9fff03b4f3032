package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/roentgen/roentgen"
)

// Append writes docs to the log and then into memory. Documents of more than
// 4 MiB go there in several calls; a ctx that ends counts before the first.
func (s *Store) Append(ctx context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("append %d documents: %w", len(docs), err)
	}
	if err := s.tidy(ctx, size(docs)); err != nil && !errors.Is(err, errClosed) {
		// Not this call's fault: where the log has failed, it will say so itself.
		s.opt.Logger.Error("make room in the store", "error", err)
	}
	if err := s.keepUp(ctx, len(docs)); err != nil && ctx.Err() == nil && !errors.Is(err, errClosed) {
		s.opt.Logger.Error("count traces", "error", err)
	}
	out := make([]roentgen.Outcome, 0, len(docs))
	for rest := docs; len(rest) > 0; {
		n := call(rest)
		got, err := s.appendCall(ctx, rest[:n])
		if err != nil {
			return nil, fmt.Errorf("append %d documents: %w", len(docs), err)
		}
		out, rest = append(out, got...), rest[n:]
		ctx = context.WithoutCancel(ctx)
	}
	return out, nil
}

func size(docs []roentgen.Stored) (n int64) {
	for _, d := range docs {
		n += int64(len(d.Segment.Document))
	}
	return n
}

// call returns how many of docs go into the log together: one at least.
func call(docs []roentgen.Stored) int {
	total := 0
	for i, d := range docs {
		total += len(d.Segment.Document) + recordHead
		if total > callBytes && i > 0 {
			return i
		}
	}
	return len(docs)
}

// flight is one call on its way through the log.
type flight struct {
	docs     []*held
	outcomes []roentgen.Outcome
	write    []int              // which of docs go into the log
	limits   []roentgen.TraceID // traces found too large for the first time
	done     chan struct{}      // closed when memory has what the log has
}

func (s *Store) appendCall(ctx context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error) {
	f := &flight{docs: make([]*held, len(docs)), outcomes: make([]roentgen.Outcome, len(docs)), done: make(chan struct{})}
	for i, d := range docs {
		f.docs[i] = newHeld(d)
	}
	s.gate.RLock()
	defer s.gate.RUnlock()
	if err := s.begin(ctx, f); err != nil {
		return nil, err
	}
	number, err := s.write(ctx, f)
	s.finish(f, number, err)
	return f.outcomes, err
}

// begin decides what becomes of each document and reserves its place. While
// another call carries one of them, it waits: only when that call has ended
// is it known whether ours is a duplicate of something durable. A call
// waits before it reserves anything, so no two wait for each other.
func (s *Store) begin(ctx context.Context, f *flight) error {
	for {
		other, err := s.tryBegin(f)
		if err != nil || other == nil {
			return err
		}
		select {
		case <-other.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Store) tryBegin(f *flight) (other *flight, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.closed {
		return nil, errClosed
	}
	for _, h := range f.docs {
		if other := s.mu.pending[h.document()]; other != nil {
			return other, nil
		}
	}
	oldest := s.opt.oldest()
	for i, h := range f.docs {
		f.outcomes[i] = s.planLocked(f, i, h, oldest)
	}
	return nil, nil
}

// planLocked returns the outcome of a document, which is known before it is
// written for all but those that are: of them it says StoredNew.
func (s *Store) planLocked(f *flight, i int, h *held, oldest roentgen.Time) roentgen.Outcome {
	d := h.document()
	t := s.traceLocked(d.trace)
	switch {
	case s.mu.pending[d] == f || t.has(d):
		return roentgen.Duplicate
	case h.stored.Segment.Start < oldest:
		s.forgetLocked(t)
		return roentgen.RefusedTooOld
	case t.bytes+t.reserved+h.bytes() > s.opt.MaxTraceBytes:
		if t.limit == nil && !slices.Contains(f.limits, t.id) {
			f.limits = append(f.limits, t.id)
		}
		return roentgen.RefusedTraceTooLarge
	}
	t.reserved += h.bytes()
	s.mu.pending[d] = f
	f.write = append(f.write, i)
	return roentgen.StoredNew
}

// write makes the planned documents durable and returns their file.
func (s *Store) write(ctx context.Context, f *flight) (number uint64, err error) {
	if s.log == nil || len(f.write)+len(f.limits) == 0 {
		return 0, nil
	}
	at, err := s.log.Append(ctx, f.records()...)
	return at.File, storeError(err)
}

// finish puts what was written into memory, or gives the reservations back.
func (s *Store) finish(f *flight, number uint64, err error) {
	defer close(f.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	touched := make(map[roentgen.TraceID]*trace, len(f.write))
	for _, i := range f.write {
		h := f.docs[i]
		t := s.traceLocked(h.stored.Segment.Trace)
		t.reserved -= h.bytes()
		delete(s.mu.pending, h.document())
		touched[t.id] = t
		if err == nil {
			f.outcomes[i] = s.holdLocked(t, h, number)
		}
	}
	for _, id := range f.limits {
		t := s.traceLocked(id)
		touched[id] = t
		if err == nil {
			s.markLocked(t, number)
		}
	}
	for _, t := range touched {
		s.arrangeLocked(t)
		s.forgetLocked(t)
	}
}

// traceLocked returns the trace, made if need be. Who finds no use for it
// calls forgetLocked.
func (s *Store) traceLocked(id roentgen.TraceID) *trace {
	t := s.mu.traces[id]
	if t == nil {
		t = &trace{id: id}
		s.mu.traces[id] = t
	}
	return t
}

func (s *Store) forgetLocked(t *trace) {
	if t.forgotten() {
		delete(s.mu.traces, t.id)
	}
}

// holdLocked adds h to t and to its file. The caller arranges t.
func (s *Store) holdLocked(t *trace, h *held, number uint64) roentgen.Outcome {
	h.file = s.fileLocked(number)
	h.file.docs = append(h.file.docs, h)
	s.growLocked(h.file, h.bytes())
	s.soilLocked(t)
	outcome, stood := t.add(h)
	switch {
	case stood == nil:
		s.mu.documents++
		s.mu.bytes += int64(h.bytes())
	case outcome == roentgen.StoredNew:
		s.mu.bytes += int64(h.bytes() - stood.bytes())
	}
	return outcome
}

// markLocked notes that documents of t were refused.
func (s *Store) markLocked(t *trace, number uint64) {
	if t.limit != nil {
		return
	}
	t.limit = s.fileLocked(number)
	t.limit.limits = append(t.limit.limits, t)
	s.growLocked(t.limit, limitBytes)
}
