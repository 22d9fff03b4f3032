package block

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/store/block/blockfile"
	"github.com/roentgen/roentgen/store/block/index"
	"github.com/roentgen/roentgen/wire"
)

// merging is several blocks on their way into one.
type merging struct {
	store  *Store
	inputs []*block
	keep   func(index.Row) bool // which rows stay; nil: all
	parser *wire.Parser
	fold   blockRows
	now    roentgen.Time

	rows []roentgen.TraceID // of the new block, in its order
	// recounted: of some trace the new block says something else than the old
	// one did, because its call has waited long enough.
	recounted bool
	lost      int64  // documents of rows that keep refused
	bad       *block // of which some row cannot be read; nil: none was met
}

// merge writes the rows of blocks that count into one new block, which then
// stands in their place. Rows that were pulled are taken along: until a later
// block has their traces, a crash would bring them back. The house is held.
func (s *Store) merge(ctx context.Context, inputs []*block, keep func(index.Row) bool) error {
	m := &merging{store: s, inputs: inputs, keep: keep, parser: wire.NewParser(s.opt.reading()), now: s.opt.now()}
	m.fold = blockRows{folder: graph.NewFolder(s.opt.Graph), now: m.now}
	if err := s.writePending(ctx); err != nil {
		return err
	}
	number := s.catalogue.next()
	meta := blockfile.Meta{Number: number, Created: m.now, Level: m.level() + 1, Positions: m.positions()}
	_, err := blockfile.Write(s.fs, blockPath(s.dir, number), meta, m.traces(ctx), blockfile.Options{Scratch: &s.scratch})
	var made *block
	switch {
	case errors.Is(err, blockfile.ErrNoTraces):
		err = nil
	case err == nil:
		made, err = s.openBlock(number, m.tested())
	}
	if err == nil {
		err = s.replace(ctx, m, made)
	}
	if isDamage(err) && m.bad != nil {
		return s.leaveAlone(m.bad, err)
	}
	if err != nil {
		return fmt.Errorf("merge %d blocks into one: %w", len(inputs), storeError(err))
	}
	return nil
}

// leaveAlone keeps a block from being merged of which not all can be read: what
// is left of it would go with it. Where its index is gone it is set aside.
func (s *Store) leaveAlone(b *block, err error) error {
	b.stuck = true
	if _, bad := b.index(); bad != nil {
		return s.judge(b, bad)
	}
	s.moves.Lock()
	defer s.moves.Unlock()
	s.noteDamage(err)
	return nil
}

func (m *merging) level() (level int) {
	for _, b := range m.inputs {
		level = max(level, b.file.Meta().Level)
	}
	return level
}

// positions is of each shard the first of all inputs: of what lies behind it,
// some may have more, which does no harm.
func (m *merging) positions() []blockfile.Position {
	var all []blockfile.Position
	for _, sh := range m.store.shards {
		p := m.inputs[0].position(sh.number)
		for _, b := range m.inputs[1:] {
			if q := b.position(sh.number); q.Before(p) {
				p = q
			}
		}
		if p != (applog.Position{}) {
			all = append(all, blockfile.Position{Shard: sh.number, Position: p})
		}
	}
	return all
}

// tested is against what the traces of all inputs were tested.
func (m *merging) tested() []graph.Member {
	return slices.DeleteFunc(slices.Clone(m.inputs[0].tested), func(g graph.Member) bool {
		return slices.ContainsFunc(m.inputs, func(b *block) bool { return !slices.Contains(b.tested, g) })
	})
}

// traces yields the rows of all inputs in the order of a block.
func (m *merging) traces(ctx context.Context) iter.Seq2[blockfile.Trace, error] {
	return func(yield func(blockfile.Trace, error) bool) {
		var heads []*mergeHead
		defer func() {
			for _, h := range heads {
				h.stop()
			}
		}()
		for _, b := range m.inputs {
			h, err := m.head(b)
			if err != nil {
				yield(blockfile.Trace{}, err)
				return
			}
			if h.advance() {
				heads = append(heads, h)
			} else {
				h.stop()
			}
		}
		for len(heads) > 0 {
			h := slices.MinFunc(heads, (*mergeHead).compare)
			t, err := m.trace(h)
			if err == nil {
				err = ctx.Err()
			}
			if !yield(t, err) || err != nil {
				return
			}
			if !h.advance() {
				h.stop()
				heads = slices.DeleteFunc(heads, func(o *mergeHead) bool { return o == h })
			}
		}
	}
}

// mergeHead is the next row of one input.
type mergeHead struct {
	block *block
	index *index.Index
	pull  func() (blockfile.Stored, error, bool)
	stop  func()
	start roentgen.Time
	blockfile.Stored
	err error
}

func (h *mergeHead) compare(o *mergeHead) int {
	switch {
	case h.start > o.start:
		return -1
	case h.start < o.start:
		return 1
	}
	return bytes.Compare(h.ID[:], o.ID[:])
}

func (m *merging) head(b *block) (*mergeHead, error) {
	x, err := b.index()
	if err != nil {
		m.bad = b
		return nil, err
	}
	rows := m.store.catalogue.blocks[b.number].Dead.Rows // those that were only pulled are not among them
	h := &mergeHead{block: b, index: x}
	h.pull, h.stop = iter.Pull2(b.file.Traces(func(yield func(int) bool) {
		for row := range x.Len() {
			if _, dead := slices.BinarySearch(rows, uint32(row)); dead {
				continue
			}
			if m.keep != nil && !m.keep(x.Row(row)) {
				m.lost += int64(x.Row(row).Revision)
				continue
			}
			if !yield(row) {
				return
			}
		}
	}))
	return h, nil
}

// advance goes to the next row; false at the end.
func (h *mergeHead) advance() (ok bool) {
	if h.Stored, h.err, ok = h.pull(); ok {
		h.start, _ = h.index.At(h.Row, roentgen.ClockStart)
	}
	return ok
}

// trace folds the row that h is at.
func (m *merging) trace(h *mergeHead) (blockfile.Trace, error) {
	if h.err != nil {
		m.bad = h.block
		return blockfile.Trace{}, h.err
	}
	docs, err := parse(m.parser, h.Docs)
	if err != nil {
		return blockfile.Trace{}, err
	}
	row := h.index.Row(h.Row)
	m.recounted = m.recounted || row.Due != 0 && row.Due <= m.now
	t := snapshotOf(row.ID, docs, row.Limited, row.Members)
	m.rows = append(m.rows, row.ID)
	return m.fold.of(&t), nil
}

// replace puts the new block, nil where nothing is left, in the place of the
// inputs.
func (s *Store) replace(ctx context.Context, m *merging, made *block) error {
	e := edit{}
	for _, b := range m.inputs {
		e.Remove = append(e.Remove, b.number)
	}
	if made != nil {
		e.Add = []entry{{Number: made.number, Tested: made.tested}}
	}
	if err := s.catalogue.commit(ctx, e); err != nil {
		if made != nil {
			err = errors.Join(err, made.abandon(err))
		}
		return err
	}
	s.swap(m, made)
	s.merges.Add(1)
	s.evicted.Add(m.lost)
	var errs []error
	for _, b := range m.inputs {
		b.obsolete.Store(true)
		errs = append(errs, b.leave())
	}
	return errors.Join(errs...)
}

// swap shows the new block, with those rows counting no more that were pulled
// out of the inputs.
func (s *Store) swap(m *merging, made *block) {
	s.moves.Lock()
	defer s.moves.Unlock()
	pulled := s.pulledFrom(m.inputs)
	if made != nil && m.keep == nil && len(pulled) == 0 && !m.recounted {
		s.changeSet(made, m.inputs)
		return
	}
	s.leaveSet(m.inputs...)
	if made != nil {
		s.enterSet(made)
	}
	rows := map[roentgen.TraceID]int{}
	for row, id := range m.rows {
		rows[id] = row
	}
	for _, id := range pulled {
		old := s.masked[id]
		row, ok := rows[id]
		if !ok {
			delete(s.masked, id) // retention took it: only the head has it now
			continue
		}
		s.masked[id] = maskedRow{place{made, row}, old.loss}
		s.bury(made, row, old.loss)
	}
}

// pulledFrom returns the traces that were pulled out of these blocks.
func (s *Store) pulledFrom(blocks []*block) (ids []roentgen.TraceID) {
	for id, at := range s.masked {
		if slices.Contains(blocks, at.block) {
			ids = append(ids, id)
		}
	}
	return ids
}
