package spool

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// recover finds what an earlier process left in the directory.
func (s *Spool) recover(d *disk) error {
	t, err := d.mapTable()
	if err != nil {
		return err
	}
	s.mu.table = t
	if err := s.findFiles(d); err != nil {
		return err
	}
	cuts, err := s.readCuts(d)
	if err != nil {
		return err
	}
	s.resume(cuts)
	return nil
}

// readCuts reads the table, or begins a new epoch where it is not to be
// trusted: then documents may be sent twice, which the upstream knows by their
// ids, but no number ever names others.
func (s *Spool) readCuts(d *disk) ([]bounds, error) {
	name := filepath.Join(d.dir, tableName)
	h, cuts, found := readTable(s.mu.table.mem)
	boot := bootID()
	switch {
	case found == conditionForeign:
		return nil, &ForeignError{name}
	case found == conditionNewer:
		return nil, &VersionError{name}
	case found == conditionUnfinished:
		s.begin(newEpoch(), boot)
		return nil, nil
	case found == conditionDamaged:
		s.mu.damage.Files++
		s.opt.Logger.Warn("spool: the table of cuts is damaged: a new epoch begins, and what was sent last may be sent again", slog.String("file", name))
		s.begin(newEpoch(), boot)
		return nil, nil
	case h.boot != boot && h.boot != [16]byte{}:
		s.opt.Logger.Warn("spool: the machine went down without the spool being closed: a new epoch begins, and what was sent last may be sent again")
		s.begin(newEpoch(), boot)
		return nil, nil
	}
	s.epoch = h.epoch
	h.boot = boot
	s.mu.table.putHeader(h)
	return cuts, nil
}

// findFiles lists the files, and takes away what was never made whole.
func (s *Spool) findFiles(d *disk) error {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return readOnly(err)
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		number, err := strconv.ParseUint(name, 10, 64)
		switch {
		case strings.HasSuffix(e.Name(), suffix+unready):
			if err := os.Remove(filepath.Join(d.dir, e.Name())); err != nil {
				return readOnly(err)
			}
		case !ok: // LOCK, the table, what was set aside, lost+found
		case err != nil || d.name(number) != filepath.Join(d.dir, e.Name()):
			return &ForeignError{filepath.Join(d.dir, e.Name())}
		default:
			if err := s.findFile(d, number); err != nil {
				return fmt.Errorf("look at %s: %w", d.name(number), err)
			}
		}
	}
	slices.SortFunc(s.mu.files, func(a, b *file) int { return compare(a.number, b.number) })
	return nil
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// findFile looks at one file.
func (s *Spool) findFile(d *disk, number uint64) error {
	s.mu.lastFile = max(s.mu.lastFile, number)
	b, err := d.peek(number)
	if err != nil {
		return err
	}
	h, found := readHeader(b.head, b.size)
	switch {
	case found == conditionForeign:
		return &ForeignError{d.name(number)}
	case found == conditionNewer:
		return &VersionError{d.name(number)}
	case found == conditionUnfinished:
		return d.remove(number)
	case found == conditionDamaged || h.number != number:
		return s.setAside(d, number)
	}
	f := &file{number: number, created: h.created, seed: h.seed(), closed: true, verify: true, raw: h.coding == codingRaw, disk: b.size}
	f.documents, f.records = int64(h.documents), int64(h.records)
	f.end.Store(int64(h.plain) + fileHead)
	if f.raw {
		if err := s.survey(f); err != nil {
			return err
		}
		if f.broken {
			s.damageLocked(0, 1, &CorruptError{File: d.name(number), Offset: f.end.Load(), Reason: "nothing can be read from here on"})
		}
		if f.records == 0 {
			return d.remove(number)
		}
	}
	s.mu.used += b.size
	s.mu.files = append(s.mu.files, f)
	return nil
}

// survey counts what is in a file that was not packed.
func (s *Spool) survey(f *file) error {
	b, err := s.med.load(f.number, s.cut.read)
	if err != nil {
		return err
	}
	s.cut.read = b
	f.documents, f.records = f.vet(b, len(b))
	return nil
}

// setAside keeps a file that cannot be read for people to look at.
func (s *Spool) setAside(d *disk, number uint64) error {
	s.mu.damage.Files++
	s.opt.Logger.Error("spool: a file is damaged and set aside", slog.String("file", d.name(number)+aside))
	return os.Rename(d.name(number), d.name(number)+aside)
}

// resume finds where the next cut begins and what waits.
func (s *Spool) resume(cuts []bounds) {
	slices.SortFunc(cuts, func(a, b bounds) int { return compare(a.seq, b.seq) })
	for _, c := range cuts {
		s.mu.seq = c.seq
		if !c.last.before(s.mu.end) { // one that was split off may have a higher number
			s.mu.furthest, s.mu.end = c.seq, c.last
		}
		s.mu.lastFile = max(s.mu.lastFile, c.last.file)
		s.mu.inSlot[c.slot] = c.seq
		if !c.done {
			s.mu.recovered = append(s.mu.recovered, c)
			s.documents.Add(int64(c.documents))
		}
	}
	s.placeCursor(s.mu.end)
	s.countWaiting()
	s.sweepLocked()
}

// placeCursor puts the cursor where the last cut ended, or at the first file
// behind that.
func (s *Spool) placeCursor(at position) {
	for _, f := range s.mu.files {
		if f.number < at.file {
			continue
		}
		off := fileHead
		if f.number == at.file {
			off = int(at.off)
		}
		f.refs++
		s.mu.cursor = cursor{f, off}
		return
	}
	s.mu.behind = at.file
}

// countWaiting counts the documents that no cut has named.
func (s *Spool) countWaiting() {
	c := s.mu.cursor
	if c.file == nil {
		return
	}
	for _, f := range s.mu.files {
		if f.number > c.file.number {
			s.documents.Add(f.documents)
		}
	}
	if c.off <= fileHead {
		s.documents.Add(c.file.documents)
		return
	}
	s.fetch(c.file)
	g := &gathering{at: c}
	for g.take(Limit{Documents: never, Bytes: never}) {
	}
	s.documents.Add(int64(len(g.documents)) + c.file.tail)
	for _, l := range g.lost {
		s.documents.Add(l.documents)
	}
}

// finishLocked ends what the medium has.
func (s *Spool) finishLocked() error {
	var errs []error
	for _, mem := range s.mu.stale {
		errs = append(errs, s.med.release(mem))
	}
	for _, f := range s.mu.garbage {
		if f.mapped && f.mem != nil {
			errs = append(errs, s.med.release(f.mem))
		}
		errs = append(errs, s.med.remove(f.number))
	}
	s.mu.stale, s.mu.garbage = nil, nil
	return errors.Join(append(errs, s.med.close(s.mu.table, s.mu.files))...)
}
