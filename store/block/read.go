package block

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// Traces yields the traces of ids, each as it is when the loop comes to it.
func (s *Store) Traces(ctx context.Context, ids []roentgen.TraceID) iter.Seq2[*roentgen.Trace, error] {
	return func(yield func(*roentgen.Trace, error) bool) {
		seen := make(map[roentgen.TraceID]bool, len(ids))
		parser := wire.NewParser(s.opt.reading())
		for _, id := range ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			t, err := s.read(ctx, parser, id)
			if err != nil {
				yield(nil, fmt.Errorf("read trace %s: %w", id, err))
				return
			}
			if t != nil && !yield(t.whole(), nil) {
				return
			}
		}
	}
}

// read returns the trace, nil where there is none. It looks again where the
// trace moves while it is being looked for.
func (s *Store) read(ctx context.Context, p *wire.Parser, id roentgen.TraceID) (*snapshot, error) {
	for {
		if err := s.ready(ctx); err != nil {
			return nil, err
		}
		version, pulls := s.version.Load(), s.pulls.Load()
		if t := s.shardOf(id).look(id); t != nil {
			return t.read(p)
		}
		at, err := s.locate(id)
		if err != nil {
			return nil, err
		}
		if at.block != nil {
			t, err := s.readRow(p, at)
			return t, errors.Join(err, at.block.leave())
		}
		if version == s.version.Load() && pulls == s.pulls.Load() {
			return nil, nil
		}
	}
}

// look returns the trace if the head has documents of it.
func (sh *shard) look(id roentgen.TraceID) *still {
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	t := sh.mu.traces[id]
	if t == nil || len(t.entities) == 0 {
		return nil
	}
	now := t.still()
	return &now
}

// readRow reads a trace out of a block; nil where it is damaged, which is logged
// and counted.
func (s *Store) readRow(p *wire.Parser, at place) (*snapshot, error) {
	x, err := at.block.index()
	if err != nil {
		return nil, s.judge(at.block, err)
	}
	docs, err := at.block.documents(p, at.row)
	if err != nil {
		return nil, s.judgeRow(at, err)
	}
	row := x.Row(at.row)
	t := snapshotOf(row.ID, docs, row.Limited, row.Members)
	return &t, nil
}

// judge sets a block aside that turned out to be damaged; any other error stays
// one.
func (s *Store) judge(b *block, err error) error {
	if err == nil || !isDamage(err) {
		return err
	}
	s.moves.Lock()
	defer s.moves.Unlock()
	if b.gone {
		return nil
	}
	s.leaveSet(b)
	s.aside[b.number] = err.Error()
	s.noteDamage(err)
	return b.leave()
}

// judgeRow passes over a trace of which the documents are damaged. The rest of
// the block can be read.
func (s *Store) judgeRow(at place, err error) error {
	if !isDamage(err) {
		return err
	}
	s.moves.Lock()
	defer s.moves.Unlock()
	s.noteDamage(err)
	return nil
}

// mostDamage is how many damages are remembered.
const mostDamage = 1000

// noteDamage remembers and logs a damage, each once. moves is held.
func (s *Store) noteDamage(err error) {
	for _, known := range s.damage {
		if known.Error() == err.Error() {
			return
		}
	}
	if len(s.damage) < mostDamage {
		s.damage = append(s.damage, err)
		s.opt.Logger.Error("a block is damaged; the rest is served", "error", err)
	}
}

// Damage returns what was found damaged since the store was opened.
func (s *Store) Damage() []error {
	s.moves.RLock()
	defer s.moves.RUnlock()
	return append([]error(nil), s.damage...)
}
