package applog

import (
	"context"
	"errors"
	"fmt"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Rotate ends the current file, so that DropBefore can remove it, and returns
// the position at which the next one begins: all records of calls that were
// answered before lie in front of it. A file without records is not ended.
func (l *Log) Rotate(ctx context.Context) (Position, error) {
	at, err := l.inWriter(ctx, func() (Position, error) {
		if s := l.w.current; s == nil || s.end > headerSize {
			if err := l.begin(); err != nil {
				return Position{}, err
			}
		}
		return Position{l.w.current.number, headerSize}, nil
	})
	if err != nil {
		return Position{}, fmt.Errorf("rotate log in %s: %w", l.dir, err)
	}
	return at, nil
}

// DropBefore removes the files with numbers below number, the oldest first,
// durably. The newest file is never removed, because its number must not be
// given again. Until DropBefore has returned nil a crash may bring files back.
// Replays that are under way step over what is dropped.
func (l *Log) DropBefore(number uint64) error {
	_, err := l.inWriter(context.Background(), func() (Position, error) {
		for {
			s := l.oldest()
			if s == nil || s.number >= number {
				return Position{}, nil
			}
			if err := l.drop(s); err != nil {
				return Position{}, err
			}
		}
	})
	if err != nil {
		return fmt.Errorf("drop files before %d of log in %s: %w", number, l.dir, err)
	}
	return nil
}

// inWriter runs do in the writer, between two batches, unless the log has
// failed. Directory changes belong there: of two goroutines that sync a
// directory only one learns of an error.
func (l *Log) inWriter(ctx context.Context, do func() (Position, error)) (Position, error) {
	r := l.pool.Get().(*request)
	r.do = func() (Position, error) {
		if err := l.Err(); err != nil {
			return Position{}, err
		}
		return do()
	}
	return l.submit(ctx, r)
}

// oldest returns the first file unless it is also the last.
func (l *Log) oldest() *segment {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if len(l.mu.segments) < 2 {
		return nil
	}
	return l.mu.segments[0]
}

// drop removes the oldest file. Each removal is synced before the next, so that
// no crash leaves a hole in the numbers.
func (l *Log) drop(s *segment) error {
	if err := l.fs.Remove(s.path); err != nil {
		return err
	}
	l.forget(s)
	if err := l.syncDir(); err != nil {
		return l.fail(err)
	}
	return s.f.Close()
}

func (l *Log) forget(s *segment) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.dropped = true
	l.mu.segments = l.mu.segments[1:]
}

// begin makes the next file and makes it durable before anything is put in.
func (l *Log) begin() error {
	s, h := l.nextSegment()
	f, err := l.fs.Create(s.path)
	if err != nil {
		return fmt.Errorf("begin log file: %w", noSpace(err)) // nothing has happened: the next call tries again
	}
	b := h.encode()
	if _, err := f.WriteAt(b, 0); err != nil {
		return l.abandon(s.path, f, fmt.Errorf("write header: %w", err))
	}
	if err := l.syncNew(f); err != nil {
		return errors.Join(l.fail(fmt.Errorf("sync new log file %s: %w", s.path, err)), f.Close())
	}
	s.f, s.end, s.readable, s.seed = f, headerSize, true, parseHeader(b).stored
	l.w.current = s
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mu.segments = append(l.mu.segments, s)
	return nil
}

// nextSegment describes the file after the last.
func (l *Log) nextSegment() (*segment, header) {
	h := header{number: 1, created: l.opt.Now().UTC()}
	l.mu.RLock()
	defer l.mu.RUnlock()
	if n := len(l.mu.segments); n > 0 {
		h.number, h.prevEnd = l.mu.segments[n-1].number+1, l.mu.segments[n-1].end
	}
	return &segment{number: h.number, path: segmentPath(l.dir, h.number), created: h.created, prevEnd: h.prevEnd}, h
}

func (l *Log) syncNew(f vfs.File) error {
	if err := l.sync(f.Sync, 0); err != nil {
		return err
	}
	return l.syncDir()
}

func (l *Log) syncDir() error {
	if err := l.sync(func() error { return l.fs.SyncDir(l.dir) }, 0); err != nil {
		return fmt.Errorf("sync directory %s: %w", l.dir, err)
	}
	return nil
}

// remove removes a file, durably.
func (l *Log) remove(path string) error {
	if err := l.fs.Remove(path); err != nil {
		return err
	}
	return l.syncDir()
}

// abandon takes a file away whose header could not be written. Where only space
// was lacking and the file is gone, the log stays usable: see writeFailed. The
// removal is synced, because the current file may take more records now: were
// the new one to come back after a power cut, the current one would not be the
// newest, and its torn end would pass for damage.
func (l *Log) abandon(path string, f vfs.File, cause error) error {
	cause = fmt.Errorf("begin log file %s: %w", path, cause)
	if err := errors.Join(f.Close(), l.remove(path)); err != nil {
		return l.fail(fmt.Errorf("%w; remove it: %w", cause, err))
	}
	if !vfs.IsNoSpace(cause) {
		return l.fail(cause)
	}
	return fmt.Errorf("%w: %w", ErrNoSpace, cause)
}
