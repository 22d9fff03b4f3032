package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
)

// CopyMark is the file that goes with a copy of the directory: when the copy was
// made, RFC 3339. Who opens a directory with it goes on from the past: agents
// sent batches, and were given numbers of notices, of which this book knows
// nothing.
const CopyMark = "COPY"

// Snapshot returns the files that make a fleet as it is now, and the mark that
// they are a copy; folder is their place within the data directory. Commits
// wait for the moment that takes.
//
// Whoever copies the documents too does so afterwards: of a batch in the book
// the documents are durable, and must be in the copy.
func (f *Fleet) Snapshot(folder string) (*datadir.Snapshot, error) {
	f.writing.Lock()
	defer f.writing.Unlock()
	if f.isClosed() {
		return nil, errClosed
	}
	mark := markOf(f.opt.Now())
	snap := &datadir.Snapshot{Files: []datadir.File{{Name: folder + "/" + CopyMark, Bytes: int64(len(mark)), ReaderAt: strings.NewReader(mark)}}}
	err := snap.AddLog(folder+"/"+bookDir, f.book.log)
	if err == nil {
		err = snap.AddLog(folder+"/"+noticesDir, f.notices.log)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("look at the book of agents to copy it: %w", err), snap.Close())
	}
	return snap, nil
}

func markOf(made time.Time) string { return made.UTC().Format(time.RFC3339Nano) + "\n" }

// MarkCopy says in the directory of a fleet that it is a copy made at that time,
// for those who copied its files themselves while nobody had them open.
func MarkCopy(fsys vfs.FS, dir string, made time.Time) error {
	path := filepath.Join(dir, CopyMark)
	file, err := fsys.Create(path)
	if errors.Is(err, fs.ErrExist) { // the copy of a copy that nobody has opened
		return nil
	}
	if err == nil {
		_, err = file.WriteAt([]byte(markOf(made)), 0)
		err = errors.Join(err, file.Sync(), file.Close(), fsys.SyncDir(dir))
	}
	if err != nil {
		return fmt.Errorf("mark the copy of the book of agents with %s: %w", path, err)
	}
	return nil
}

// takeCopy makes the book of a copy one that goes on: it says of each agent from
// when the copy is, and gives notices numbers that the original cannot have
// given. A crash before the mark is removed repeats that.
func (f *Fleet) takeCopy(fsys vfs.FS, dir string) error {
	path := filepath.Join(dir, CopyMark)
	made, err := readCopyMark(fsys, path, f.opt.Now())
	if err != nil || made.IsZero() {
		return err
	}
	for _, a := range f.mu.agents {
		a.Copied = made
	}
	err = f.writeAnew()
	if err == nil {
		err = f.skipNumbers()
	}
	if err == nil {
		err = errors.Join(fsys.Remove(path), fsys.SyncDir(dir))
	}
	if err != nil {
		return fmt.Errorf("take over the copy of %s: %w", made.Format(time.RFC3339), err)
	}
	f.opt.Logger.Warn("the book of agents is a copy: what agents sent between then and now is not in it", "made", made, "agents", len(f.mu.agents))
	return nil
}

// readCopyMark returns when the copy was made; zero: it is none. What cannot be
// read was made now at the latest.
func readCopyMark(fsys vfs.FS, path string, now time.Time) (time.Time, error) {
	file, err := fsys.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	text, err := io.ReadAll(io.NewSectionReader(file, 0, 100))
	if err = errors.Join(err, file.Close()); err != nil {
		return time.Time{}, err
	}
	made, err := time.Parse(time.RFC3339Nano, string(bytes.TrimSpace(text)))
	if err != nil || made.IsZero() {
		return now, nil
	}
	return made, nil
}

// skipNumbers goes on with the microseconds of now, as a log without records
// does, and writes that down.
func (f *Fleet) skipNumbers() error {
	now := f.opt.Now()
	f.mu.held.next = max(f.mu.held.next, uint64(now.UnixMicro()))
	return f.markNumber(now)
}

// markNumber writes a record without notices: it holds where numbers go on from
// after a restart.
func (f *Fleet) markNumber(now time.Time) error {
	next := f.mu.held.next
	at, err := f.notices.log.Append(context.Background(), applog.Record{Kind: kindNotices, Payload: appendNoticeRecord(nil, next, now, fromAgent{})})
	if err == nil {
		f.notices.grown(at.File, next-1)
	}
	return err
}
