package memory

import (
	"context"
	"errors"
	"slices"

	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/store"
)

// member is a trace that a group has admitted. Store.mu guards it.
type member struct {
	graph.Member
	trace *trace
	file  *file // where that is noted; nil: nowhere yet
}

// memberBytes is what a member counts in its file, about what it takes.
const memberBytes = 96

// membersPerCall is how many go into the log together.
const membersPerCall = callBytes / (memberHead + store.MaxGroupID + 64)

// admit makes the fresh members durable and then counts them. Those for which
// that fails are tested again, so that no graph ever shows a member that a
// crash may dismiss. The counter is held.
func (s *Store) admit(ctx context.Context) {
	fresh := s.counter.fresh
	s.counter.fresh, s.counter.refused = nil, nil
	for len(fresh) > 0 {
		batch := fresh[:min(membersPerCall, len(fresh))]
		if err := s.admitSome(ctx, batch); err != nil {
			s.refuse(fresh, err)
			return
		}
		fresh = fresh[len(batch):]
	}
}

// refuse makes traces wait to be tested again.
func (s *Store) refuse(fresh []*member, err error) {
	if !errors.Is(err, errClosed) {
		s.opt.Logger.Error("note in the log which traces groups have admitted; they are not counted before that succeeds", "error", err)
	}
	s.counter.refused = err
	s.testAgain(fresh)
}

// admitSome holds the gate, so that nothing is evicted between the two steps.
func (s *Store) admitSome(ctx context.Context, batch []*member) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	batch = s.living(batch)
	number, err := s.logMembers(ctx, batch)
	if err != nil {
		return err
	}
	s.joinTraces(batch, number)
	for _, m := range batch {
		s.counter.rollups.Join(m.trace.tally, m.Member)
	}
	return nil
}

// living leaves out what was evicted since it was tested, and what was tested
// twice because it changed meanwhile. What was evicted, counted as gone, and is
// back under the same id is tested again when it is counted.
func (s *Store) living(batch []*member) (out []*member) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	type key struct {
		trace *trace
		group string
	}
	seen := make(map[key]bool, len(batch))
	for _, m := range batch {
		k := key{m.trace, m.Group}
		if len(m.trace.entities) > 0 && m.trace.tally != nil && !seen[k] && !m.trace.in(m.Group) {
			out, seen[k] = append(out, m), true
		}
	}
	return out
}

func (s *Store) joinTraces(batch []*member, number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range batch {
		m.trace.members = append(slices.Clone(m.trace.members), m)
		s.placeLocked(m, number)
	}
}

func (s *Store) testAgain(batch []*member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range batch {
		s.soilLocked(m.trace)
	}
}

// logMembers makes members durable and returns their file.
func (s *Store) logMembers(ctx context.Context, batch []*member) (number uint64, err error) {
	if s.log == nil || len(batch) == 0 {
		return 0, nil
	}
	records := make([]applog.Record, len(batch))
	for i, m := range batch {
		records[i] = applog.Record{Kind: kindMember, Payload: encodeMember(m.trace.id, m.Version, m.Group)}
	}
	at, err := s.log.Append(ctx, records...)
	return at.File, storeError(err)
}

func (s *Store) placeLocked(m *member, number uint64) {
	m.file = s.fileLocked(number)
	m.file.members = append(m.file.members, m)
	s.growLocked(m.file, memberBytes)
}

// expelLocked takes a member out of its trace.
func (s *Store) expelLocked(m *member) {
	m.trace.members = slices.DeleteFunc(slices.Clone(m.trace.members), func(n *member) bool { return n == m })
	s.forgetLocked(m.trace)
}

// loosenMembers takes the members of a file out of it. Those whose traces live
// on have to be noted again.
func (s *Store) loosenMembers(f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range f.members {
		switch {
		case m.file != f: // noted again already
		case len(m.trace.entities) == 0:
			s.expelLocked(m)
		default:
			m.file = nil
			s.mu.loose = append(s.mu.loose, m)
		}
	}
	s.shrinkLocked(f, memberBytes*len(f.members))
	f.members = nil
}

// noteAgain notes loose members. The gate is held alone.
func (s *Store) noteAgain(ctx context.Context) error {
	for {
		batch := s.someLoose()
		if len(batch) == 0 {
			return nil
		}
		number, err := s.logMembers(ctx, batch)
		if err != nil {
			return err
		}
		s.fasten(batch, number)
	}
}

// someLoose returns loose members, without those whose traces are gone.
func (s *Store) someLoose() []*member {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.loose = slices.DeleteFunc(s.mu.loose, func(m *member) bool {
		gone := len(m.trace.entities) == 0
		if gone {
			s.expelLocked(m)
		}
		return gone
	})
	return slices.Clone(s.mu.loose[:min(membersPerCall, len(s.mu.loose))])
}

// fasten gives loose members their file, but for those that were dismissed
// meanwhile.
func (s *Store) fasten(batch []*member, number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range batch {
		if m.trace.in(m.Group) {
			s.placeLocked(m, number)
		}
	}
	s.mu.loose = slices.DeleteFunc(s.mu.loose, func(m *member) bool { return m.file != nil })
}
