package memory

import (
	"context"
	"errors"
	"fmt"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
)

// Append implements store.Writer: decide, write down, remember. What is
// decided before the log stays so: room in a trace is reserved, and what
// waits for the disk is not yet a duplicate of anything.
func (s *Store) Append(ctx context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	outcomes := make([]roentgen.Outcome, len(docs))
	fresh, err := s.decide(docs, outcomes)
	if err != nil {
		return nil, err
	}
	if len(fresh) == 0 {
		return outcomes, nil
	}
	file, err := s.write(ctx, docs, fresh)
	if err != nil {
		s.release(docs, fresh)
		return nil, err
	}
	s.remember(docs, fresh, outcomes, file)
	if err := s.evict(); err != nil {
		// The documents are safe; the next eviction drops the file too.
		s.opt.Logger.Error("remove what is past retention", "error", err)
	}
	return outcomes, nil
}

// decide gives the outcomes that are known beforehand and returns the indices
// of the documents that go to the log, with room reserved in their traces.
func (s *Store) decide(docs []roentgen.Stored, outcomes []roentgen.Outcome) (fresh []int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.closed {
		return nil, errClosed
	}
	oldest := roentgen.At(s.opt.Now().Add(-s.opt.Retention))
	for i, d := range docs {
		e := s.mu.traces[d.Segment.Trace]
		size := len(d.Segment.Document)
		switch {
		case d.Segment.Start < oldest:
			outcomes[i] = roentgen.RefusedTooOld
			continue
		case e != nil && e.has(d.Segment):
			outcomes[i] = roentgen.Duplicate
			continue
		case e != nil && e.bytes+e.pending+size > s.opt.MaxTraceBytes:
			outcomes[i] = roentgen.RefusedTraceTooLarge
			e.limited = true
			continue
		case e == nil && size > s.opt.MaxTraceBytes:
			outcomes[i] = roentgen.RefusedTraceTooLarge
			continue
		case e == nil:
			e = s.newEntryLocked(d.Segment.Trace)
		}
		e.pending += size
		fresh = append(fresh, i)
	}
	return fresh, nil
}

func (s *Store) newEntryLocked(id roentgen.TraceID) *entry {
	e := &entry{id: id, docs: map[roentgen.SegmentID]held{}}
	s.mu.traces[id] = e
	return e
}

// write makes the fresh documents durable and returns the number of the file
// that holds them, 0 without a log.
func (s *Store) write(ctx context.Context, docs []roentgen.Stored, fresh []int) (file uint64, err error) {
	if s.log == nil {
		return 0, nil
	}
	records := make([]applog.Record, len(fresh))
	for j, i := range fresh {
		records[j] = applog.Record{Kind: kindDocument, Payload: appendRecord(nil, docs[i])}
	}
	at, err := s.log.Append(ctx, records...)
	switch {
	case err == nil:
		return at.File, nil
	case errors.Is(err, applog.ErrNoSpace), errors.Is(err, applog.ErrClosed):
		return 0, roentgen.Unavailablef("append to the log: %w", err)
	}
	return 0, fmt.Errorf("append to the log: %w", err)
}

// release gives back what decide reserved.
func (s *Store) release(docs []roentgen.Stored, fresh []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range fresh {
		e := s.mu.traces[docs[i].Segment.Trace]
		e.pending -= len(docs[i].Segment.Document)
		s.forgetLocked(e)
	}
}

// remember takes durable documents into memory.
func (s *Store) remember(docs []roentgen.Stored, fresh []int, outcomes []roentgen.Outcome, file uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gen := s.generationLocked(file)
	for _, i := range fresh {
		e := s.mu.traces[docs[i].Segment.Trace]
		e.pending -= len(docs[i].Segment.Document)
		outcomes[i] = s.addLocked(e, docs[i], gen)
	}
}

// addLocked takes one document into its trace.
func (s *Store) addLocked(e *entry, d roentgen.Stored, gen *generation) roentgen.Outcome {
	gen.bytes += int64(len(d.Segment.Document))
	gen.last = max(gen.last, d.Received)
	if e.has(d.Segment) {
		return roentgen.Duplicate // another call brought it while this one waited for the disk
	}
	_, replaces := e.docs[d.Segment.ID]
	grown, stands := e.add(held{d, gen})
	s.mu.stats.Bytes += int64(grown)
	s.reorderLocked(e)
	if !stands {
		return roentgen.Replaced
	}
	if !replaces {
		s.mu.stats.Documents++
	}
	gen.docs = append(gen.docs, ref{e.id, d.Segment.ID})
	return roentgen.StoredNew
}
