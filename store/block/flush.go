package block

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/store/block/blockfile"
	"github.com/roentgen/roentgen/store/block/chunk"
	"github.com/roentgen/roentgen/store/block/index"
)

// picked is a trace that goes into a block, as it was when it was picked.
type picked struct {
	still
	shard   *shard
	trace   *trace
	version uint64
	start   roentgen.Time
}

// Flush writes everything that the head holds into a block, and drops the logs
// behind it.
func (s *Store) Flush(ctx context.Context) error {
	s.house.Lock()
	defer s.house.Unlock()
	return s.flush(ctx, math.MaxInt64)
}

// flush writes about that many bytes of documents into a block: of each shard
// its part, of the traces that have not changed for longest. The house is held.
func (s *Store) flush(ctx context.Context, want int64) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	all := s.pick(want)
	var err error
	if len(all) > 0 {
		err = s.writeBlock(ctx, all)
	}
	s.noteFlush(err)
	if err != nil {
		return fmt.Errorf("write %d traces into a block: %w", len(all), storeError(err))
	}
	return s.dropLogs(ctx)
}

// pickBatch is how many traces are picked between two writers.
const pickBatch = 256

// pick chooses traces and notes how they are now.
func (s *Store) pick(want int64) (all []picked) {
	total := max(1, s.headBytes())
	for _, sh := range s.shards {
		part := want
		if want < total {
			part = int64(float64(want) * float64(sh.bytes.Load()) / float64(total))
		}
		all = append(all, sh.pick(part)...)
	}
	slices.SortFunc(all, func(a, b picked) int {
		return cmp.Or(cmp.Compare(b.start, a.start), bytes.Compare(a.id[:], b.id[:]))
	})
	return all
}

// pick walks through the traces of the shard, those first that have not changed
// for longest.
func (sh *shard) pick(want int64) (all []picked) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.picked = sh.mu.end
	seen := 0
	for t := sh.mu.oldest; t != nil && want > 0; t = t.newer {
		if seen++; seen%pickBatch == 0 {
			t = sh.pause(t)
			if t == nil {
				break
			}
		}
		if t.pins == 0 && len(t.entities) > 0 {
			all = append(all, picked{t.still(), sh, t, t.version, t.clock().start})
			want -= int64(t.bytes)
		}
	}
	return all
}

// pause lets others have the shard for a moment. t is pinned meanwhile, so that
// it stays where it is unless it changes; nil where it did.
func (sh *shard) pause(t *trace) *trace {
	version := t.version
	t.pins++
	sh.mu.Unlock()
	sh.mu.Lock()
	t.pins--
	if t.version != version {
		return nil // it has moved to the end: what is picked is enough
	}
	return t
}

// writeBlock puts traces into a new block and then takes them out of the head.
func (s *Store) writeBlock(ctx context.Context, all []picked) error {
	groups := s.groupsNow()
	number := s.catalogue.next()
	meta := blockfile.Meta{Number: number, Created: s.opt.now(), Positions: s.positions()}
	if _, err := blockfile.Write(s.fs, blockPath(s.dir, number), meta, s.fold(ctx, all, groups, meta.Created), blockfile.Options{Scratch: &s.scratch}); err != nil {
		return err
	}
	b, err := s.openBlock(number, tested(groups))
	if err != nil {
		return err
	}
	if err := s.writePending(ctx); err != nil {
		return errors.Join(err, b.abandon(nil))
	}
	e := edit{Add: []entry{{Number: number, Tested: b.tested}}, Dead: s.replaced(all)}
	if err := s.catalogue.commit(ctx, e); err != nil {
		return errors.Join(err, b.abandon(err))
	}
	s.publish(b, all)
	s.flushes.Add(1)
	return nil
}

// positions is up to where each log was in the head when its traces were picked.
func (s *Store) positions() (all []blockfile.Position) {
	for _, sh := range s.shards {
		all = append(all, blockfile.Position{Shard: sh.number, Position: sh.picked})
	}
	return all
}

// fold makes rows of the traces, and tests them against the groups.
func (s *Store) fold(ctx context.Context, all []picked, groups []group, now roentgen.Time) iter.Seq2[blockfile.Trace, error] {
	return func(yield func(blockfile.Trace, error) bool) {
		r := blockRows{folder: graph.NewFolder(s.opt.Graph), groups: groups, now: now}
		for i := range all {
			if err := ctx.Err(); err != nil {
				yield(blockfile.Trace{}, err)
				return
			}
			t := s.reread.read(&all[i].still)
			if !yield(r.of(&t), nil) {
				return
			}
		}
	}
}

// blockRows makes what a block keeps of traces, one after the other in the same
// memory. They are folded at the time now.
type blockRows struct {
	folder *graph.Folder
	groups []group
	now    roentgen.Time
	whole  roentgen.Trace
	docs   []chunk.Doc
}

// of returns what a block keeps of a trace. It lasts until the next call.
func (r *blockRows) of(t *snapshot) blockfile.Trace {
	summary := t.summary(r.folder.Summarizer())
	t.fill(&r.whole)
	rows := r.folder.Fold(&r.whole, summary, r.now)
	row := index.Row{
		ID: t.id, Start: summary.Start, End: summary.End, Updated: summary.Updated, First: math.MaxInt64,
		Due: rows.Due, Documents: len(t.entities), Limited: t.limited, Failing: rows.Failing(),
		Members: admitted(t.members, rows, r.groups),
	}
	r.docs = r.docs[:0]
	for i := range t.entities {
		e := &t.entities[i]
		row.Revision += len(e.copies)
		row.Bytes += len(e.stands().Segment.Document)
		for _, d := range e.copies {
			row.AllBytes += len(d.Segment.Document)
			row.First = min(row.First, d.Received)
			r.docs = append(r.docs, chunk.Doc{Text: d.Segment.Document, Received: d.Received, Keep: d.Keep})
		}
	}
	return blockfile.Trace{Row: row, Rows: rows, Docs: r.docs}
}

// replaced returns the rows that the picked traces were pulled out of: the new
// block has all that stands in them.
func (s *Store) replaced(all []picked) map[uint64]dead {
	s.moves.RLock()
	defer s.moves.RUnlock()
	rows := map[uint64]dead{}
	for i := range all {
		if at, ok := s.masked[all[i].id]; ok && s.catalogue.blocks[at.block.number] != nil { // also one that was set aside: it may be repaired
			d := rows[at.block.number]
			d.add(at.row, at.loss, false)
			rows[at.block.number] = d
		}
	}
	return rows
}

// publish shows the block in the place of what it holds. A trace that changed
// since it was picked stays in the head, and its row counts no more: it is as if
// it had been pulled out again.
func (s *Store) publish(b *block, all []picked) {
	s.counter.Lock()
	defer s.counter.Unlock()
	s.moves.Lock()
	defer s.moves.Unlock()
	s.enterSet(b)
	for row := range all {
		p := &all[row]
		delete(s.masked, p.id)
		if !s.takeAway(p) {
			s.masked[p.id] = maskedRow{place{b, row}, p.loss()}
			s.bury(b, row, p.loss())
		}
	}
	for _, sh := range s.shards {
		sh.mu.Lock()
		sh.mu.sweep()
		sh.measure()
		sh.mu.Unlock()
	}
}

// takeAway takes a trace out of the head that has not changed since it was
// picked.
func (s *Store) takeAway(p *picked) bool {
	p.shard.mu.Lock()
	defer p.shard.mu.Unlock()
	if p.trace.version != p.version || p.trace.pins > 0 {
		if p.trace.logged != 0 { // the block has what is before
			p.trace.logged = max(p.trace.logged, p.shard.picked.File)
		}
		return false
	}
	s.counter.dismiss(p.trace)
	p.shard.mu.drop(p.trace)
	return true
}

// loss is what the row of the trace counts.
func (t *still) loss() loss {
	l := loss{traces: 1, documents: len(t.entities)}
	for i := range t.entities {
		l.revision += len(t.entities[i].copies)
		l.bytes += int64(len(t.entities[i].stands().text))
	}
	return l
}
