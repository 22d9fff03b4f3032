package memory

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/wire"
)

// tracesDir is the log of documents within the data directory.
const tracesDir = "traces"

// Recovery tells what Open found.
type Recovery struct {
	// Recovery is the log's: the end of the last write before a crash, which
	// nobody had been told of, and damage, which is lost.
	applog.Recovery
	// Documents is how many were read back, superseded ones included and those
	// of deleted traces not.
	Documents int
	// Unreadable is how many records are whole, and this version cannot make
	// sense of them. They stay in the log until retention removes them.
	Unreadable int
}

// Open returns the store in the data directory dir, which it makes if need be,
// with all of its documents in memory. Two stores cannot share a directory; a
// Store and a State do.
//
// It refuses a directory of another program or a newer version
// (*DirectoryError), one that another process has open (*vfs.LockedError),
// and one that cannot be written; the error names the remedy. Damage is no
// reason to refuse: see Recovery.
func Open(fs vfs.FS, dir string, opt Options) (*Store, Recovery, error) {
	if err := datadir.Claim(fs, dir, storeName); err != nil {
		return nil, Recovery{}, err
	}
	s := New(opt)
	log, err := applog.Open(fs, filepath.Join(dir, tracesDir), s.opt.log())
	if err != nil {
		return nil, Recovery{}, fmt.Errorf("open the data directory %s: %w", dir, err)
	}
	s.log, s.fs, s.dir = log, fs, dir
	found, err := s.load()
	if err == nil {
		err = s.tidy(context.Background(), 0) // what is left is counted when somebody asks, or maintains
	}
	if err != nil {
		err = fmt.Errorf("read the log in %s back: %w", dir, err)
		return nil, Recovery{}, errors.Join(err, log.Close())
	}
	return s, found, nil
}

// load builds memory from the log.
func (s *Store) load() (Recovery, error) {
	r := reader{store: s, parser: wire.NewParser(s.opt.reading())}
	r.found.Recovery = s.log.Recovery()
	damage, err := s.log.Replay(applog.Position{}, r.read)
	r.found.Damage = joinDamage(r.found.Damage, damage)
	if err != nil {
		return r.found, err
	}
	s.settle()
	return r.found, nil
}

// settle does for all traces at once what reading left out.
func (s *Store) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dateLocked()
	for _, t := range s.mu.traces {
		s.arrangeLocked(t)
	}
}

// dateLocked gives the files the times that the log has written down.
func (s *Store) dateLocked() {
	for _, info := range s.log.Files() {
		i := slices.IndexFunc(s.mu.files, func(f *file) bool { return f.number == info.Number })
		if i >= 0 && !info.Last.IsZero() {
			s.mu.files[i].first, s.mu.files[i].last = roentgen.At(info.Created), roentgen.At(info.Last)
		}
	}
}

// joinDamage adds what the second reading found and the first did not.
func joinDamage(first, second []*applog.CorruptError) []*applog.CorruptError {
	for _, d := range second {
		known := slices.ContainsFunc(first, func(e *applog.CorruptError) bool { return e.File == d.File && e.Offset == d.Offset })
		if !known {
			first = append(first, d)
		}
	}
	return first
}

// reader puts one record after the other into a store that nobody else has
// yet.
type reader struct {
	store  *Store
	parser *wire.Parser
	found  Recovery
}

// read takes one record in. What was accepted once is accepted again, whatever
// the bounds are now; what cannot be read is left out, counted and logged.
func (r *reader) read(pos applog.Position, kind byte, payload []byte) error {
	if err := checkRecord(kind, payload); err != nil {
		return fmt.Errorf("read record at %s: %w", pos, err)
	}
	take := r.document
	switch kind {
	case kindLimit:
		take = r.limit
	case kindMember:
		take = r.member
	case kindDeleted:
		take = r.delete
	}
	if err := take(pos, payload); err != nil {
		r.found.Unreadable++
		r.store.opt.Logger.Error("a record of the log cannot be read; it is left out", "position", pos, "error", err)
	}
	return nil
}

func (r *reader) limit(pos applog.Position, payload []byte) error {
	id, err := decodeLimit(payload)
	if err != nil {
		return err
	}
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	r.store.markLocked(r.store.traceLocked(id), pos.File)
	return nil
}

func (r *reader) member(pos applog.Position, payload []byte) error {
	id, version, group, err := decodeMember(payload)
	if err != nil {
		return err
	}
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	t := r.store.traceLocked(id)
	i := slices.IndexFunc(t.members, func(m *member) bool { return m.Group == group })
	if i < 0 {
		i, t.members = len(t.members), append(t.members, &member{Member: graph.Member{Group: group, Version: version}, trace: t})
	}
	r.store.placeLocked(t.members[i], pos.File)
	return nil
}

// delete takes out what was read of a trace so far.
func (r *reader) delete(pos applog.Position, payload []byte) error {
	id, err := decodeDelete(payload)
	if err != nil {
		return err
	}
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	if t := r.store.mu.traces[id]; t != nil {
		r.found.Documents -= r.store.deleteLocked(t)
	}
	r.store.growLocked(r.store.fileLocked(pos.File), 0)
	return nil
}

func (r *reader) document(pos applog.Position, payload []byte) error {
	doc, d, err := decodeDocument(payload)
	if err != nil {
		return err
	}
	if d.Segment, err = r.parser.Parse(doc); err != nil {
		return err
	}
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	h := newHeld(d)
	t := r.store.traceLocked(d.Segment.Trace)
	if !t.has(h.document()) {
		r.store.holdLocked(t, h, pos.File)
		r.found.Documents++
	}
	return nil
}
