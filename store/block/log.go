package block

import (
	"context"
	"fmt"

	"github.com/roentgen/roentgen/internal/applog"
)

// dropLogs removes the log files of which blocks have everything. The house is
// held.
func (s *Store) dropLogs(ctx context.Context) error {
	return s.dropLogsBy(ctx, func(sh *shard, drop func() error) error { return s.inTurn(ctx, sh, drop) })
}

// dropLogsBy has each shard's goroutine do it, because nothing may be on its way
// from the log into the head meanwhile.
func (s *Store) dropLogsBy(ctx context.Context, turn func(*shard, func() error) error) error {
	if err := s.writePending(ctx); err != nil {
		return err
	}
	for _, sh := range s.shards {
		if err := turn(sh, func() error { return sh.dropLog(ctx) }); err != nil {
			return fmt.Errorf("drop what is flushed from the log of shard %d: %w", sh.number, storeError(err))
		}
	}
	return nil
}

// dropLog removes the files in front of the first one that the head needs. One
// that nothing needs any more is ended, so that it goes too.
func (sh *shard) dropLog(ctx context.Context) error {
	end := sh.log.End()
	needed, marks := sh.needed()
	if needed == 0 && end.File != 0 {
		at, err := sh.log.Rotate(ctx)
		if err != nil {
			return err
		}
		needed = at.File
	}
	if err := sh.noteAgain(ctx, marks, needed); err != nil {
		return err
	}
	if needed == 0 {
		return nil
	}
	return sh.log.DropBefore(needed)
}

// mostMarks is how many traces are remembered of which there is nothing but that
// a document was refused for its size.
const mostMarks = 10_000

// needed returns the first log file that holds documents which no block has; 0:
// none does. Traces without documents, of which there is nothing but a mark, can
// be noted again.
func (sh *shard) needed() (first uint64, marks []*trace) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for t := sh.mu.newest; t != nil; {
		older := t.older
		switch {
		case t.logged == 0:
		case len(t.entities) > 0:
			if first == 0 || t.logged < first {
				first = t.logged
			}
		case len(marks) == mostMarks:
			sh.mu.drop(t)
		default:
			marks = append(marks, t)
		}
		t = older
	}
	return first, marks
}

// noteAgain writes marks into a later file whose file goes.
func (sh *shard) noteAgain(ctx context.Context, marks []*trace, needed uint64) error {
	for _, t := range marks {
		if t.logged >= needed {
			continue
		}
		var records []applog.Record
		if t.limited {
			records = append(records, traceRecord(kindLimit, t.id))
		}
		for _, m := range t.members {
			records = append(records, memberRecord(t.id, m))
		}
		if len(records) == 0 {
			continue
		}
		at, err := sh.log.Append(ctx, records...)
		if err != nil {
			return err
		}
		sh.mu.Lock()
		t.logged = at.File
		sh.mu.end = applog.Position{File: at.File, Offset: at.Offset + frameBytes(records)}
		sh.mu.Unlock()
	}
	return nil
}
