package memory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/wire"
)

// Archive is a data directory that no store has open, to be read from end to end
// without holding it in memory. Nothing in it is changed. It is for one
// goroutine.
type Archive struct {
	fs     vfs.FS
	dir    string
	locks  []io.Closer
	parser *wire.Parser

	// Damage is what Each found and passed over, but for what a crash left at the
	// end of the newest file: nobody had been told of it. Unreadable is how many
	// records are whole and make no sense.
	Damage     []*applog.CorruptError
	Unreadable int
}

// Kept is one thing that an Archive holds of a trace: a document, or that it is
// a member of a group, or, where both are zero, that documents were refused for
// its size.
type Kept struct {
	Trace    roentgen.TraceID
	Document roentgen.Stored
	Member   graph.Member
}

// OpenArchive takes the data directory dir for reading. It refuses directories
// as Open does, besides those that are empty. Documents are read by the limits
// of the doors as Options has them.
func OpenArchive(fs vfs.FS, dir string, limits wire.Limits) (*Archive, error) {
	if err := datadir.Check(fs, dir, storeName); err != nil {
		return nil, err
	}
	a := &Archive{fs: fs, dir: dir, parser: wire.NewParser(Options{Limits: limits}.reading())}
	for _, part := range []string{tracesDir, stateDir} {
		lock, err := fs.LockThere(filepath.Join(dir, part, "LOCK"))
		if err != nil {
			return nil, errors.Join(err, a.Close())
		}
		a.locks = append(a.locks, lock)
	}
	return a, nil
}

// Close lets others have the directory.
func (a *Archive) Close() error {
	var errs []error
	for _, lock := range a.locks {
		errs = append(errs, lock.Close())
	}
	a.locks = nil
	return errors.Join(errs...)
}

// Each calls fn for everything that is kept, in the order in which it came.
// What was deleted is left out. An error of fn ends the reading and is returned.
func (a *Archive) Each(fn func(Kept) error) error {
	a.Damage, a.Unreadable = nil, 0
	deleted := map[roentgen.TraceID]applog.Position{} // where for the last time
	damage, err := a.read(tracesDir, func(pos applog.Position, kind byte, payload []byte) error {
		if err := checkRecord(kind, payload); err != nil || kind != kindDeleted {
			return err
		}
		if id, err := decodeDelete(payload); err == nil {
			deleted[id] = pos
		}
		return nil
	})
	a.Damage = damage
	if err != nil {
		return err
	}
	_, err = a.read(tracesDir, func(pos applog.Position, kind byte, payload []byte) error {
		k, err := a.decode(kind, bytes.Clone(payload))
		switch {
		case err != nil:
			a.Unreadable++
			return nil
		case kind == kindDeleted || pos.Before(deleted[k.Trace]):
			return nil
		}
		return fn(k)
	})
	return err
}

func (a *Archive) decode(kind byte, payload []byte) (k Kept, err error) {
	switch kind {
	case kindLimit:
		k.Trace, err = decodeLimit(payload)
	case kindDeleted:
		k.Trace, err = decodeDelete(payload)
	case kindMember:
		k.Trace, k.Member.Version, k.Member.Group, err = decodeMember(payload)
	default:
		var doc []byte
		if doc, k.Document, err = decodeDocument(payload); err != nil {
			return k, err
		}
		if k.Document.Segment, err = a.parser.Parse(doc); err == nil {
			k.Trace = k.Document.Segment.Trace
		}
	}
	return k, err
}

// StateFiles returns the paths, within the directory, of the files of which
// OpenState makes the state. Damage in them is an error, as it is for OpenState.
func (a *Archive) StateFiles() ([]string, error) {
	damage, err := a.read(stateDir, nil)
	if err == nil && len(damage) > 0 {
		err = fmt.Errorf("%w; restore the folder %s from a backup, or move it away to go on without sampling rules and groups", damage[0], stateDir)
	}
	if err != nil {
		return nil, fmt.Errorf("read the state in %s: %w", a.dir, err)
	}
	return a.logFiles(stateDir)
}

// logFiles lists the files of a log, oldest first; none where there is no log.
func (a *Archive) logFiles(part string) ([]string, error) {
	names, err := a.fs.List(filepath.Join(a.dir, part))
	if err != nil && !errors.Is(err, iofs.ErrNotExist) {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasSuffix(name, ".log") })
	for i := range names {
		names[i] = filepath.Join(part, names[i])
	}
	return names, nil
}

func (a *Archive) read(part string, fn func(applog.Position, byte, []byte) error) (damage []*applog.CorruptError, err error) {
	names, err := a.logFiles(part)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		found, err := applog.Examine(a.fs, filepath.Join(a.dir, name), fn)
		if err != nil {
			return damage, err
		}
		for _, d := range found.Damage {
			if torn := i == len(names)-1 && d.Offset+d.Bytes == found.Bytes; !torn {
				damage = append(damage, d)
			}
		}
	}
	return damage, nil
}
