package applog

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Log is an open append log. All methods may be called at once from several
// goroutines.
type Log struct {
	fs       vfs.FS
	dir      string
	opt      Options
	lock     io.Closer
	recovery Recovery

	queue   chan *request
	closing chan struct{} // closed by Close: take nothing new
	done    chan struct{} // closed by the writer: nothing is written any more
	once    sync.Once
	pool    sync.Pool // of *request

	// w belongs to the writer goroutine alone.
	w writer

	mu struct {
		sync.RWMutex
		segments []*segment // ascending by number
		stats    Stats
		failed   error // wraps ErrFailed; once set it stays
		closed   bool
		closeErr error
	}
}

// Open opens the log in dir, which it makes if need be, repairs what a crash
// left, and starts the writer, which Close ends. It reads every file through.
//
// It refuses with *vfs.LockedError where another process has the log open, with
// ErrReadOnly where it may not write, with *ForeignError and *VersionError
// where a file is not ours or newer than this program. Damage is no reason to
// refuse: see Recovery.
func Open(fs vfs.FS, dir string, opt Options) (*Log, error) {
	l, err := open(fs, dir, opt.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("open log in %s: %w", dir, err)
	}
	go l.run()
	return l, nil
}

func open(fs vfs.FS, dir string, opt Options) (*Log, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	lock, err := lockDir(fs, dir)
	if err != nil {
		return nil, readOnly(err)
	}
	r := recovery{fs: fs, dir: dir}
	err = r.run()
	if err == nil {
		// A process before this one may have died between making a file and
		// syncing its name. What is appended now relies on that name.
		err = fs.SyncDir(dir)
	}
	if err != nil {
		return nil, errors.Join(readOnly(err), closeSegments(r.segments), lock.Close())
	}
	return newLog(fs, dir, opt, lock, r), nil
}

func lockDir(fs vfs.FS, dir string) (io.Closer, error) {
	if err := fs.MkdirAll(dir); err != nil {
		return nil, err
	}
	return fs.Lock(filepath.Join(dir, "LOCK"))
}

func readOnly(err error) error {
	if vfs.IsReadOnly(err) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}

func newLog(fs vfs.FS, dir string, opt Options, lock io.Closer, r recovery) *Log {
	l := &Log{
		fs: fs, dir: dir, opt: opt, lock: lock, recovery: r.report,
		queue:   make(chan *request, opt.Queue),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
	}
	l.pool.New = func() any { return &request{done: make(chan result, 1)} }
	l.w.current = r.current
	l.mu.segments = r.segments
	return l
}

// Close refuses further calls, waits until those handed over are written and
// answered, and releases the files and the lock. Later calls return the same.
func (l *Log) Close() error {
	l.once.Do(func() {
		close(l.closing)
		<-l.done
		err := errors.Join(l.closeFiles(), l.lock.Close())
		l.mu.Lock()
		defer l.mu.Unlock()
		if err != nil {
			l.mu.closeErr = fmt.Errorf("close log in %s: %w", l.dir, err)
		}
	})
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.mu.closeErr
}

func (l *Log) closeFiles() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mu.closed = true
	return closeSegments(l.mu.segments)
}

func closeSegments(segments []*segment) error {
	var errs []error
	for _, s := range segments {
		errs = append(errs, s.f.Close())
	}
	return errors.Join(errs...)
}

// Recovery returns what Open found.
func (l *Log) Recovery() Recovery {
	r := l.recovery
	r.Damage = slices.Clone(r.Damage)
	return r
}

// Err returns why the log answers every Append with ErrFailed, nil while it works.
func (l *Log) Err() error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.mu.failed
}

// Files lists the files, the oldest first. The last one is written to.
func (l *Log) Files() []FileInfo {
	l.mu.RLock()
	defer l.mu.RUnlock()
	infos := make([]FileInfo, len(l.mu.segments))
	for i, s := range l.mu.segments {
		infos[i] = s.info()
	}
	return infos
}

// End returns the position behind the last record. The next one is written
// there or, if a new file is begun for it, at a greater position.
func (l *Log) End() Position {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if n := len(l.mu.segments); n > 0 {
		return Position{l.mu.segments[n-1].number, l.mu.segments[n-1].end}
	}
	return Position{}
}
