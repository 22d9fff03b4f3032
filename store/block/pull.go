package block

import (
	"errors"
	"fmt"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/store/block/blockfile"
	"github.com/roentgen/roentgen/store/block/chunk"
	"github.com/roentgen/roentgen/store/block/index"
	"github.com/roentgen/roentgen/wire"
)

// place is the one row of a block that a trace stands in.
type place struct {
	block *block
	row   int
}

// maskedRow is a row that was pulled, and what stands in it.
type maskedRow struct {
	place
	loss loss
}

// locate finds the block that holds the trace, and keeps it until leave; the
// zero place where none does. A block that cannot be read is set aside and
// passed over. Where blocks came or went meanwhile it looks again.
func (s *Store) locate(id roentgen.TraceID) (place, error) {
	for {
		version := s.version.Load()
		at, err := s.locateIn(id)
		if err != nil || at.block != nil || s.still(version) {
			return at, err
		}
	}
}

// still tells whether no block came or went since version was read. It waits for
// one that is on its way: between two versions a trace may be in no block.
func (s *Store) still(version uint64) bool {
	s.moves.RLock()
	defer s.moves.RUnlock()
	return version == s.version.Load()
}

// locateIn looks in those blocks that the sieves leave.
func (s *Store) locateIn(id roentgen.TraceID) (at place, err error) {
	for b := range s.sieves.may(index.KeyOf(id)) {
		if !b.enter() {
			continue
		}
		row, ok, err := b.find(id)
		if err == nil && ok && s.counts(b, row) {
			return place{b, row}, nil
		}
		if err = errors.Join(s.judge(b, err), b.leave()); err != nil {
			return place{}, err
		}
	}
	return place{}, nil
}

func (b *block) find(id roentgen.TraceID) (row int, ok bool, err error) {
	x, err := b.index()
	if err != nil {
		return 0, false, err
	}
	row, ok = x.Find(id)
	return row, ok, nil
}

// counts tells whether a row is its trace's place now.
func (s *Store) counts(b *block, row int) bool {
	s.moves.RLock()
	defer s.moves.RUnlock()
	return !b.gone && !b.dead.has(row)
}

// pull brings a trace that is in a block back into the head of the shard, whose
// goroutine calls it; it does nothing for one that is in no block. The row counts
// no more from then on; it is dead for good when a later block has the trace,
// and until then a crash brings it back.
func (sh *shard) pull(id roentgen.TraceID) error {
	_, err := sh.pullAnd(id, false)
	return err
}

// pullAnd returns the trace that it brought back, nil for none. Where it is asked
// to pin, no flush can have taken it away again.
func (sh *shard) pullAnd(id roentgen.TraceID, pin bool) (*trace, error) {
	for {
		at, err := sh.store.locate(id)
		if err != nil || at.block == nil {
			return nil, err
		}
		t, done, err := sh.pullFrom(at, id, pin)
		if err = errors.Join(err, at.block.leave()); done || err != nil {
			return t, err
		}
	}
}

// pullFrom is not done where the trace has moved to another block meanwhile.
func (sh *shard) pullFrom(at place, id roentgen.TraceID, pin bool) (t *trace, done bool, err error) {
	s, b := sh.store, at.block
	x, err := b.index()
	if err != nil {
		return nil, false, s.judge(b, err)
	}
	docs, err := b.documents(sh.parser, at.row)
	if err != nil && !isDamage(err) {
		return nil, false, fmt.Errorf("read trace %s of %s: %w", id, b.file.Path(), err)
	}
	row := x.Row(at.row)
	s.moves.Lock()
	defer s.moves.Unlock()
	if b.gone || b.dead.has(at.row) {
		return nil, false, nil
	}
	s.bury(b, at.row, lossOf(row))
	if b.leaving != nil && b.leaving(row) { // what comes now comes after it is gone
		s.unplaced = append(s.unplaced, unplaced{maskedRow{place{b, at.row}, lossOf(row)}, false})
		return nil, true, nil
	}
	if err != nil { // the trace begins anew, and stands in one place
		s.unplaced = append(s.unplaced, unplaced{maskedRow{place{b, at.row}, lossOf(row)}, false})
		s.noteDamage(err)
		s.opt.Logger.Error("a trace that goes on cannot be read; it begins anew", "trace", id, "error", err)
		return nil, true, nil
	}
	s.masked[id] = maskedRow{place{b, at.row}, lossOf(row)}
	s.pulls.Add(1)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	t = sh.receive(id, docs, row.Limited, row.Members)
	if pin {
		t.pins++
	}
	return t, true, nil
}

// receive puts a trace that came out of a block into the head.
func (sh *shard) receive(id roentgen.TraceID, docs []roentgen.Stored, limited bool, members []graph.Member) *trace {
	t := sh.mu.trace(id)
	t.limited, t.members = limited, members
	for _, d := range docs {
		sh.mu.hold(t, d)
	}
	sh.measure()
	return t
}

// bury makes a row count no more. moves is held.
func (s *Store) bury(b *block, n int, l loss) {
	if b.dead.add(n) {
		b.lost.add(l)
		b.oldestKnown = false
		s.board.Kill(b.number, n)
	}
}

// documents reads what a row holds.
func (b *block) documents(p *wire.Parser, row int) ([]roentgen.Stored, error) {
	docs, err := b.file.Trace(row)
	if isDamage(err) {
		docs, err = b.file.Trace(row) // as of the index
	}
	if err != nil {
		return nil, err
	}
	return parse(p, docs)
}

// parse makes segments of texts that were accepted once.
func parse(p *wire.Parser, docs []chunk.Doc) ([]roentgen.Stored, error) {
	out := make([]roentgen.Stored, len(docs))
	for i, d := range docs {
		seg, err := p.Parse(d.Text)
		if err != nil {
			return nil, fmt.Errorf("read document %d of a trace again: %w", i, err)
		}
		out[i] = roentgen.Stored{Segment: seg, Received: d.Received, Keep: d.Keep}
	}
	return out, nil
}

func isDamage(err error) bool {
	var damaged *blockfile.CorruptError
	var foreign *blockfile.ForeignError
	return errors.As(err, &damaged) || errors.As(err, &foreign)
}
