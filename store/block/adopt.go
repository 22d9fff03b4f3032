package block

import (
	"context"
	"errors"
	"fmt"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/store/block/blockfile"
	"github.com/roentgen/roentgen/store/block/index"
)

// adopt looks into block files that the catalogue does not name, where the end
// of the catalogue is lost: nearly always that was an edit which a crash broke
// off, and the logs or other blocks have everything. Where they do not, the disk
// has damaged an edit that was durable, and the traces are taken back into the
// head. Nobody else has the store yet.
func (s *Store) adopt(found *Recovery) error {
	for _, path := range s.orphans {
		n, err := s.adoptFile(path)
		if isDamage(err) {
			err = nil // it was not finished, or there is nothing to be had of it
		}
		if err != nil {
			return fmt.Errorf("take back what %s holds, which the catalogue has lost: %w", path, err)
		}
		if n > 0 {
			err := fmt.Errorf("the end of the catalogue was damaged, and with it that there was block file %s: %d traces of it were taken back", path, n)
			found.Spoilt = append(found.Spoilt, err)
			s.opt.Logger.Error("a block was lost from the catalogue", "error", err)
		}
		found.Leftovers = append(found.Leftovers, path)
		if err := s.fs.Remove(path); err != nil {
			return fmt.Errorf("remove what a crash left: %w", err)
		}
	}
	s.orphans, s.deletions = nil, nil
	return nil
}

func (s *Store) adoptFile(path string) (n int, err error) {
	f, err := blockfile.Open(s.fs, path, s.cache)
	if err != nil {
		return 0, err
	}
	b := &block{file: f}
	defer func() { err = errors.Join(err, f.Close()) }()
	x, err := b.index()
	if err != nil {
		return 0, err
	}
	for row := range x.Len() {
		r := x.Row(row)
		has, err := s.hasAll(b, r)
		if err == nil && !has {
			err = s.takeBack(b, row, r)
			n++
		}
		if err != nil && !isDamage(err) {
			return n, err
		}
	}
	return n, nil
}

// hasAll tells whether the store has as many documents of the trace as the row,
// or knows that it was deleted later.
func (s *Store) hasAll(b *block, r index.Row) (bool, error) {
	sh, have := s.shardOf(r.ID), 0
	if pos, ok := s.deletions[r.ID]; ok && !pos.Before(b.position(sh.number)) {
		return true, nil
	}
	if t := sh.mu.traces[r.ID]; t != nil && len(t.entities) > 0 {
		for i := range t.entities {
			have += len(t.entities[i].copies)
		}
		return have >= r.Revision, nil
	}
	at, err := s.locate(r.ID)
	if err != nil || at.block == nil {
		return false, err
	}
	x, err := at.block.index()
	if err == nil {
		have = x.Row(at.row).Revision
	}
	return have >= r.Revision, errors.Join(err, at.block.leave())
}

// takeBack puts the documents of a row into the log and the head.
func (s *Store) takeBack(b *block, row int, r index.Row) error {
	sh := s.shardOf(r.ID)
	docs, err := b.documents(sh.parser, row)
	if err != nil {
		return err
	}
	if sh.mu.traces[r.ID] == nil {
		if err := sh.pull(r.ID); err != nil {
			return err
		}
	}
	t := sh.mu.trace(r.ID)
	var raw []byte
	var fresh []roentgen.Stored
	for _, d := range docs {
		if !t.has(d.Segment) {
			raw, fresh = appendEntry(raw, d), append(fresh, d)
		}
	}
	_, record := batchRecord(raw, nil)
	records := []applog.Record{record}
	if r.Limited {
		records = append(records, traceRecord(kindLimit, r.ID))
	}
	at, err := sh.log.Append(context.Background(), records...)
	if err != nil {
		return storeError(err)
	}
	for _, d := range fresh {
		sh.mu.hold(t, d)
	}
	t.limited = t.limited || r.Limited
	t.log(at.File)
	sh.mu.end = sh.log.End()
	sh.measure()
	return nil
}
