package block

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/block/index"
)

// group is a group by which traces are tested. Its members are noted under its
// lane: a group that was not named for a while has lost its members, and blocks
// cannot be changed, so it takes another lane.
type group struct {
	store.Group
	lane string
}

// lane is under what the members of a group are noted that has lapsed so often.
func lane(id string, lapses int) string {
	if lapses == 0 {
		return id
	}
	return id + "\x00" + strconv.Itoa(lapses)
}

func (c *counter) group(id string) (group, bool) {
	i := slices.IndexFunc(c.groups, func(g group) bool { return g.ID == id })
	if i < 0 {
		return group{}, false
	}
	return c.groups[i], true
}

// groupsNow returns the groups by which traces are tested.
func (s *Store) groupsNow() []group {
	s.counter.Lock()
	defer s.counter.Unlock()
	return s.counter.groups
}

// tested is how a block notes the groups that its traces were tested against.
func tested(groups []group) (out []graph.Member) {
	for _, g := range groups {
		out = append(out, graph.Member{Group: g.lane, Version: g.Version})
	}
	return out
}

// admitted returns the groups that a trace with these members is in when its
// rows are tested.
func admitted(members []graph.Member, rows *roentgen.Rows, groups []group) []graph.Member {
	out := slices.Clone(members)
	for _, g := range groups {
		if !isMember(members, g.lane) && rows.Summary.Updated >= g.Since && g.Match.Match(rows) {
			out = append(out, graph.Member{Group: g.lane, Version: g.Version})
		}
	}
	return out
}

func isMember(members []graph.Member, lane string) bool {
	return slices.ContainsFunc(members, func(m graph.Member) bool { return m.Group == lane })
}

// SetGroups replaces the groups. Traces of the head that changed since they were
// tested last are first tested against those before; those that the new ones may
// admit, in blocks too, are tested before it returns.
func (s *Store) SetGroups(ctx context.Context, groups []store.Group) error {
	if err := store.CheckGroups(groups); err != nil {
		return err
	}
	s.house.Lock()
	defer s.house.Unlock()
	if err := s.replaceGroups(ctx, groups); err != nil {
		return fmt.Errorf("set %d groups: %w", len(groups), err)
	}
	return nil
}

func (s *Store) replaceGroups(ctx context.Context, groups []store.Group) error {
	s.counter.Lock()
	defer s.counter.Unlock()
	before := s.counter.groups
	if len(before) > 0 { // after Open there is nothing to be tested against
		if err := s.catchUp(ctx); err != nil {
			return err
		}
		if err := s.counter.refused; err != nil { // the groups before would lose whom they have admitted
			return err
		}
	}
	if err := s.ready(ctx); err != nil {
		return err
	}
	if err := s.nameGroups(ctx, groups); err != nil {
		return err
	}
	if err := s.retest(ctx, before); err != nil {
		return err
	}
	return s.catchUp(ctx)
}

// nameGroups writes down which groups are named now, where that has changed, and
// gives each its lane.
func (s *Store) nameGroups(ctx context.Context, groups []store.Group) error {
	ids, lapses := []string{}, map[string]int{}
	for _, g := range groups {
		ids = append(ids, g.ID)
	}
	for _, id := range s.catalogue.groups {
		if !slices.Contains(ids, id) {
			lapses[id] = s.catalogue.lapses[id] + 1
		}
	}
	if !slices.Equal(ids, s.catalogue.groups) {
		if err := s.catalogue.commit(context.WithoutCancel(ctx), edit{Groups: &ids, Lapses: lapses}); err != nil {
			return err
		}
	}
	for id, n := range lapses {
		s.counter.rollups.Forget(lane(id, n-1))
	}
	s.counter.groups = nil
	for _, g := range groups {
		s.counter.groups = append(s.counter.groups, group{g, lane(g.ID, s.catalogue.lapses[g.ID])})
	}
	return nil
}

// retest makes the traces wait to be counted that groups which were not there
// before, or in another version, may admit.
func (s *Store) retest(ctx context.Context, before []group) error {
	for _, g := range s.counter.groups {
		known := func(h group) bool { return h.lane == g.lane && h.Version == g.Version }
		if slices.ContainsFunc(before, known) {
			continue
		}
		for _, sh := range s.shards {
			sh.soilSince(g.Since)
		}
		for _, b := range s.set() {
			if err := s.retestBlock(ctx, b, g); err != nil {
				return err
			}
		}
	}
	return nil
}

func (sh *shard) soilSince(since roentgen.Time) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.mu.arrange()
	sh.mu.orders[roentgen.ClockUpdated].tree.Ascend(func(p spot) bool {
		if p.At >= since {
			sh.mu.soil(p.trace)
		}
		return p.At >= since
	})
}

// retestBlock pulls those traces of a block into the head that the group may
// admit, unless they were tested against it when the block was written.
func (s *Store) retestBlock(ctx context.Context, b *block, g group) error {
	_, last, _ := b.summary.Bounds(roentgen.ClockUpdated)
	if last < g.Since || slices.Contains(b.tested, graph.Member{Group: g.lane, Version: g.Version}) || !b.summary.MayMatch(g.Match) {
		return nil
	}
	if !b.enter() {
		return nil
	}
	x, err := b.index()
	if err != nil {
		return errors.Join(s.judge(b, err), b.leave())
	}
	for _, id := range s.mayJoin(b, x, g) {
		sh := s.shardOf(id)
		if err := s.inTurn(ctx, sh, func() error { return sh.pull(id) }); err != nil {
			return errors.Join(err, b.leave())
		}
	}
	return b.leave()
}

// mayJoin returns the traces of a block that were updated since the group began,
// may match it, and are no members.
func (s *Store) mayJoin(b *block, x *index.Index, g group) (ids []roentgen.TraceID) {
	rows, all := x.Candidates(g.Match)
	for _, row := range x.Order(roentgen.ClockUpdated) {
		at, _ := x.At(int(row), roentgen.ClockUpdated)
		if at < g.Since {
			break
		}
		if (all || rows.Contains(row)) && s.counts(b, int(row)) && !isMember(x.Row(int(row)).Members, g.lane) {
			ids = append(ids, x.ID(int(row)))
		}
	}
	return ids
}
