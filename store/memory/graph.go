package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/store"
)

// counter is what the traces come to. Whoever holds it counts them; it is taken
// before Store.gate and Store.mu.
type counter struct {
	sync.Mutex
	rollups *graph.Rollups
	groups  []store.Group // by which traces are tested
	fresh   []*member     // that a group has admitted, and nobody has noted yet
	refused error         // why those of the last time could not be noted; nil: they were
	waiting order         // traces that fold to something else when their time has come
}

func newCounter() counter {
	return counter{rollups: graph.NewRollups(), waiting: newOrder()}
}

// Graph returns the graph of a window, with all that was appended before. It
// first counts what arrived since the last call, one or two thousand traces at
// most where Append has kept up.
func (s *Store) Graph(ctx context.Context, w store.GraphWindow) (*graph.Graph, error) {
	s.counter.Lock()
	defer s.counter.Unlock()
	if err := s.catchUp(ctx, s.backlog()); err != nil {
		return nil, fmt.Errorf("read the graph: %w", err)
	}
	version := uint64(0)
	if w.Group != "" {
		g, ok := s.counter.group(w.Group)
		if !ok {
			return nil, roentgen.NotFoundf("there is no group %q", w.Group)
		}
		version = g.Version
	}
	return s.counter.rollups.Graph(w.From, w.To, w.Group, version), nil
}

func (c *counter) group(id string) (store.Group, bool) {
	i := slices.IndexFunc(c.groups, func(g store.Group) bool { return g.ID == id })
	if i < 0 {
		return store.Group{}, false
	}
	return c.groups[i], true
}

// SetGroups replaces the groups. Traces that changed since they were tested
// last are first tested against those before, and those that the new ones may
// admit are tested before it returns.
func (s *Store) SetGroups(ctx context.Context, groups []store.Group) error {
	if err := store.CheckGroups(groups); err != nil {
		return err
	}
	s.counter.Lock()
	defer s.counter.Unlock()
	if err := s.replaceGroups(ctx, slices.Clone(groups)); err != nil {
		return fmt.Errorf("set %d groups: %w", len(groups), err)
	}
	return nil
}

func (s *Store) replaceGroups(ctx context.Context, groups []store.Group) error {
	if len(s.counter.groups) > 0 { // after Open there is nothing to be tested against
		if err := s.catchUp(ctx, s.backlog()); err != nil {
			return err
		}
		if err := s.counter.refused; err != nil { // the groups before would lose whom they have admitted
			return err
		}
	}
	if err := s.ready(ctx); err != nil {
		return err
	}
	before := s.counter.groups
	s.counter.groups = groups
	for _, id := range s.dismiss(before) {
		s.counter.rollups.Forget(id)
	}
	s.retest(before)
	return s.catchUp(ctx, s.backlog())
}

// dismissBatch is how many members are looked at between two writers.
const dismissBatch = 1024

// dismiss takes the members of groups that are no longer named out of memory,
// and returns those groups. It holds the gate, so that members stay in their
// files meanwhile.
func (s *Store) dismiss(before []store.Group) (gone []string) {
	named := func(g store.Group) bool { _, ok := s.counter.group(g.ID); return ok }
	if len(before) > 0 && !slices.ContainsFunc(before, func(g store.Group) bool { return !named(g) }) {
		return nil
	}
	s.gate.RLock()
	defer s.gate.RUnlock()
	d := dismissal{store: s, gone: map[string]bool{}}
	for _, f := range s.filesNow() {
		d.leave(f, &f.members)
	}
	d.leave(nil, &s.mu.loose)
	return slices.Collect(maps.Keys(d.gone))
}

func (s *Store) filesNow() []*file {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.mu.files)
}

// dismissal is one call of dismiss.
type dismissal struct {
	store *Store
	gone  map[string]bool
}

// leave keeps those of members that stay. They are counted in f; nil: nowhere.
func (d *dismissal) leave(f *file, members *[]*member) {
	all, stay := *members, (*members)[:0]
	for batch := range slices.Chunk(all, dismissBatch) {
		stay = d.leaveSome(f, batch, stay)
	}
	d.store.mu.Lock()
	defer d.store.mu.Unlock()
	clear(all[len(stay):])
	*members = stay
}

func (d *dismissal) leaveSome(f *file, batch, stay []*member) []*member {
	d.store.mu.Lock()
	defer d.store.mu.Unlock()
	for _, m := range batch {
		if _, named := d.store.counter.group(m.Group); named {
			stay = append(stay, m)
			continue
		}
		d.gone[m.Group] = true
		d.store.expelLocked(m)
		if f != nil {
			d.store.shrinkLocked(f, memberBytes)
		}
	}
	return stay
}

// retest makes the traces wait to be counted that groups which were not there
// before, or in another version, may admit. After Open they have members, which
// were counted without them if somebody asked already.
func (s *Store) retest(before []store.Group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(before) == 0 {
		s.soilMembersLocked()
	}
	for _, g := range s.counter.groups {
		if slices.ContainsFunc(before, func(h store.Group) bool { return h.ID == g.ID && h.Version == g.Version }) {
			continue
		}
		s.mu.orders[roentgen.ClockUpdated].tree.Ascend(func(p spot) bool {
			if p.At >= g.Since {
				s.soilLocked(p.trace)
			}
			return p.At >= g.Since
		})
	}
}

func (s *Store) soilMembersLocked() {
	for _, f := range s.mu.files {
		for _, m := range f.members {
			s.soilLocked(m.trace)
		}
	}
	for _, m := range s.mu.loose {
		s.soilLocked(m.trace)
	}
}

// test returns the groups that the trace is a member of, and notes which admit
// it now: of those it is one when that is durable.
func (c *counter) test(t *trace, rows *roentgen.Rows, before []*member) (members []graph.Member) {
	for _, g := range c.groups {
		i := slices.IndexFunc(before, func(m *member) bool { return m.Group == g.ID })
		switch {
		case i >= 0:
			members = append(members, before[i].Member)
		case rows.Summary.Updated >= g.Since && g.Match.Match(rows):
			c.fresh = append(c.fresh, &member{Member: graph.Member{Group: g.ID, Version: g.Version}, trace: t})
		}
	}
	return members
}
