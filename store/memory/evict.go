package memory

import (
	"context"
	"fmt"

	"github.com/roentgen/roentgen"
)

// generation is what was received into one file of the log: the grain in
// which documents are removed. Without a log a new one begins by size.
type generation struct {
	file  uint64 // 0 without a log
	bytes int64  // received into it
	last  roentgen.Time
	docs  []ref // documents that stood when they were added
}

// ref names the document of one entity.
type ref struct {
	trace roentgen.TraceID
	id    roentgen.SegmentID
}

// generationLocked returns that of a file. Appends may learn of a new file in
// another order than the log began it, so the last few are searched.
func (s *Store) generationLocked(file uint64) *generation {
	for i := len(s.mu.gens) - 1; i >= 0; i-- {
		g := s.mu.gens[i]
		if g.file == file && (s.log != nil || g.bytes < s.opt.generationBytes()) {
			return g
		}
		if g.file < file || s.log == nil {
			return s.insertGenerationLocked(i+1, file)
		}
	}
	return s.insertGenerationLocked(0, file)
}

func (s *Store) insertGenerationLocked(at int, file uint64) *generation {
	g := &generation{file: file}
	s.mu.gens = append(s.mu.gens, nil)
	copy(s.mu.gens[at+1:], s.mu.gens[at:])
	s.mu.gens[at] = g
	return g
}

// Maintain removes what is past its retention, also while nothing arrives.
// Call it every minute or so.
func (s *Store) Maintain(ctx context.Context) error {
	if s.log != nil && s.newestExpired() {
		// The newest file cannot be dropped: end it, so that the next call can.
		if _, err := s.log.Rotate(ctx); err != nil {
			return fmt.Errorf("end a file of the log: %w", err)
		}
	}
	return s.evict()
}

// newestExpired reports whether everything that is stored is past retention.
func (s *Store) newestExpired() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := len(s.mu.gens)
	return n > 0 && s.expiredLocked(s.mu.gens[n-1])
}

func (s *Store) expiredLocked(g *generation) bool {
	return g.last < roentgen.At(s.opt.Now().Add(-s.opt.Retention))
}

// evict removes the oldest generations while they are past retention, or the
// documents are over MaxBytes. The log goes first: what a crash brings back
// is removed again.
func (s *Store) evict() error {
	for {
		s.mu.Lock()
		g := s.dueLocked()
		if g == nil {
			s.mu.Unlock()
			return nil
		}
		s.mu.gens = s.mu.gens[1:]
		s.dropLocked(g)
		s.mu.Unlock()
		if s.log == nil {
			continue
		}
		if err := s.log.DropBefore(g.file + 1); err != nil {
			return fmt.Errorf("remove expired file %d of the log: %w", g.file, err)
		}
	}
}

// dueLocked returns the oldest generation if it has to go. The file that is
// being written stays, but for the log's order to be kept: Maintain ends it.
func (s *Store) dueLocked() *generation {
	if len(s.mu.gens) == 0 {
		return nil
	}
	g := s.mu.gens[0]
	if s.log != nil && g.file >= s.log.End().File {
		return nil
	}
	if s.expiredLocked(g) || s.mu.stats.Bytes > s.opt.MaxBytes && len(s.mu.gens) > 1 {
		return g
	}
	return nil
}

// dropLocked takes the documents of g that still stand out of memory.
func (s *Store) dropLocked(g *generation) {
	for _, r := range g.docs {
		e := s.mu.traces[r.trace]
		if e == nil || e.docs[r.id].gen != g {
			continue // removed, or superseded by a later one
		}
		s.mu.stats.Bytes -= int64(len(e.docs[r.id].Segment.Document))
		s.mu.stats.Documents--
		s.mu.stats.Evicted++
		e.remove(r.id)
		s.reorderLocked(e)
		s.forgetLocked(e)
	}
}

// forgetLocked removes a trace that has no document and expects none.
func (s *Store) forgetLocked(e *entry) {
	if len(e.docs) == 0 && e.pending == 0 {
		delete(s.mu.traces, e.id)
	}
}
