package block

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/store"
)

// counter is what the traces of the head come to. Whoever holds it counts them.
// Those of blocks are on the board.
type counter struct {
	sync.Mutex
	rollups *graph.Rollups
	folder  *graph.Folder
	reread  *rereader
	groups  []group                  // by which traces are tested
	refused error                    // why those who were admitted last could not be noted; nil: they were
	waiting map[*trace]roentgen.Time // when traces have to be counted again
}

func (c *counter) init(opt Options) {
	c.rollups, c.folder, c.waiting = graph.NewRollups(), graph.NewFolder(opt.Graph), map[*trace]roentgen.Time{}
	c.reread = newRereader(opt)
}

// dismiss takes out what was counted of a trace.
func (c *counter) dismiss(t *trace) {
	if t.tally != nil {
		c.rollups.Remove(t.tally)
		t.tally = nil
	}
	delete(c.waiting, t)
}

// mostRounds bounds how often Graph begins again because traces or blocks have
// moved meanwhile.
const mostRounds = 100

// Graph returns the graph of a window, with all that was appended before. It
// first counts what has changed in the head since the last call.
func (s *Store) Graph(ctx context.Context, w store.GraphWindow) (*graph.Graph, error) {
	g, err := s.graph(ctx, w)
	if err != nil {
		return nil, fmt.Errorf("read the graph: %w", err)
	}
	return g, nil
}

func (s *Store) graph(ctx context.Context, w store.GraphWindow) (*graph.Graph, error) {
	for round := 0; ; round++ {
		if err := s.wake(ctx); err != nil {
			return nil, err
		}
		q, err := s.ask(ctx, w, round < mostRounds)
		if errors.Is(err, graph.ErrChanged) {
			continue
		}
		if err != nil {
			return nil, err
		}
		g, err := q.Graph() // reads blocks, while others go on
		if err == nil || round == mostRounds || !errors.Is(err, graph.ErrChanged) && !isDamage(err) {
			return g, err
		}
		if isDamage(err) {
			s.judgeBundles()
		}
	}
}

// ask counts what has changed in the head and puts the question to the board at
// a moment at which every trace is in one place. Where asleep matters, it fails
// with graph.ErrChanged while a block has traces that have to be counted again:
// they were flushed meanwhile.
func (s *Store) ask(ctx context.Context, w store.GraphWindow, asleep bool) (*graph.Question, error) {
	s.counter.Lock()
	defer s.counter.Unlock()
	g, ok := s.counter.group(w.Group)
	if !ok && w.Group != "" {
		return nil, roentgen.NotFoundf("there is no group %q", w.Group)
	}
	for round := 0; ; round++ {
		pulls := s.pulls.Load()
		if err := s.catchUp(ctx); err != nil {
			return nil, err
		}
		s.moves.RLock()
		if pulls == s.pulls.Load() || round == mostRounds {
			defer s.moves.RUnlock()
			if now := s.opt.now(); asleep && slices.ContainsFunc(s.set(), func(b *block) bool { return b.due != 0 && b.due <= now }) {
				return nil, graph.ErrChanged
			}
			return s.board.Ask(w.From, w.To, g.lane, g.Version, s.counter.rollups), nil
		}
		s.moves.RUnlock()
	}
}

// judgeBundles sets those blocks aside of which what they come to cannot be read.
func (s *Store) judgeBundles() {
	for _, b := range s.set() {
		if !b.enter() {
			continue
		}
		_, err := b.file.Bundle()
		if err := errors.Join(s.judge(b, err), b.leave()); err != nil {
			s.opt.Logger.Error("read what a block comes to", "block", b.number, "error", err)
		}
	}
}

// countBatch is how many traces are counted between two looks at the context.
const countBatch = 64

// fresh is a trace that a group admits, when that has been noted.
type fresh struct {
	shard *shard
	trace *trace
	graph.Member
}

// catchUp counts every trace of the head that has changed. The counter is held.
func (s *Store) catchUp(ctx context.Context) error {
	s.soilDue()
	var all []fresh
	for _, sh := range s.shards {
		for {
			if err := s.ready(ctx); err != nil {
				return err
			}
			batch := sh.nextDirty()
			if len(batch) == 0 {
				break
			}
			for _, t := range batch {
				all = append(all, s.count(sh, t)...)
			}
		}
	}
	s.counter.refused = s.admitMembers(context.WithoutCancel(ctx), all)
	return nil
}

// soilDue makes the traces wait to be counted whose time has come.
func (s *Store) soilDue() {
	now := s.opt.now()
	for t, due := range s.counter.waiting {
		if due > now {
			continue
		}
		delete(s.counter.waiting, t)
		sh := s.shardOf(t.id)
		sh.mu.Lock()
		if sh.mu.traces[t.id] == t {
			sh.mu.soil(t)
		}
		sh.mu.Unlock()
	}
}

func (sh *shard) nextDirty() []*trace {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	n := min(countBatch, len(sh.mu.dirty))
	batch := slices.Clone(sh.mu.dirty[:n])
	clear(sh.mu.dirty[:n])
	sh.mu.dirty = sh.mu.dirty[n:]
	for _, t := range batch {
		t.dirty = false
	}
	return batch
}

// count counts t as it is now in place of what it was, and returns who admits
// it. A change that comes meanwhile makes it wait again.
func (s *Store) count(sh *shard, t *trace) (out []fresh) {
	sh.mu.RLock()
	was := t.still()
	sh.mu.RUnlock()
	s.counter.dismiss(t)
	if len(was.entities) == 0 {
		return nil
	}
	now := s.counter.reread.read(&was)
	summary := now.summary(s.counter.folder.Summarizer())
	rows := s.counter.folder.Fold(now.whole(), summary, s.opt.now())
	all := admitted(now.members, rows, s.counter.groups)
	t.tally = s.counter.rollups.Add(rows, now.members...)
	if rows.Due != 0 {
		s.counter.waiting[t] = rows.Due
	}
	for _, m := range all[len(now.members):] {
		out = append(out, fresh{sh, t, m})
	}
	return out
}

// admitMembers makes memberships durable and then counts them, so that no graph
// ever shows a member that a crash may dismiss. Where that fails the traces are
// tested again. The counter is held.
func (s *Store) admitMembers(ctx context.Context, all []fresh) error {
	for _, sh := range s.shards {
		mine := slices.DeleteFunc(slices.Clone(all), func(f fresh) bool { return f.shard != sh })
		for batch := range slices.Chunk(mine, membersPerCall) {
			if err := s.inTurn(ctx, sh, func() error { return sh.admitSome(ctx, batch) }); err != nil {
				s.opt.Logger.Error("note in the log which traces groups have admitted; they are not counted before that succeeds", "error", err)
				s.testAgain(all)
				return err
			}
			for _, f := range batch {
				if f.trace.tally != nil && isMember(f.trace.members, f.Group) {
					s.counter.rollups.Join(f.trace.tally, f.Member)
				}
			}
		}
	}
	return nil
}

// admitSome runs in the shard's goroutine. A trace that has left the head since
// it was folded was tested again on its way into the block.
func (sh *shard) admitSome(ctx context.Context, batch []fresh) error {
	var records []applog.Record
	var joining []fresh
	sh.mu.RLock()
	for _, f := range batch {
		if sh.mu.traces[f.trace.id] == f.trace && !isMember(f.trace.members, f.Group) {
			records, joining = append(records, memberRecord(f.trace.id, f.Member)), append(joining, f)
		}
	}
	sh.mu.RUnlock()
	if len(records) == 0 {
		return nil
	}
	at, err := sh.log.Append(ctx, records...)
	if err != nil {
		return storeError(err)
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for _, f := range joining {
		if sh.mu.traces[f.trace.id] == f.trace {
			f.trace.join(f.Member)
			f.trace.log(at.File)
		}
	}
	sh.mu.end = applog.Position{File: at.File, Offset: at.Offset + frameBytes(records)}
	return nil
}

func (s *Store) testAgain(all []fresh) {
	for _, f := range all {
		f.shard.mu.Lock()
		if f.shard.mu.traces[f.trace.id] == f.trace {
			f.shard.mu.soil(f.trace)
		}
		f.shard.mu.Unlock()
	}
}

// membersPerCall is how many go into the log together.
const membersPerCall = callBytes / (memberHead + store.MaxGroupID + 64)
