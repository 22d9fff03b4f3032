package fleet

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Options of a Fleet. The zero Options work.
type Options struct {
	// KeepNotices is how long notices are held. Default 1 h: longer than any
	// agent's ring.
	KeepNotices time.Duration
	// MaxNotices bounds how many are held, 20 bytes each. Default 4,000,000.
	MaxNotices int
	// ForgetAgents is how long after its last batch an agent is forgotten.
	// Default 30 days.
	ForgetAgents time.Duration
	// MaxAgents bounds how many are known; of more, those that have been silent
	// for longest are forgotten. Default 10,000.
	MaxAgents int
	// Gather is how long a poll that finds notices waits for more of them.
	// Default 200 ms.
	Gather time.Duration

	// Token reports whether a token of that name may still come in. Default: each
	// may.
	Token func(name string) bool

	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // default: discard

	// logBytes is the size at which the book is written anew; noticeFileBytes
	// that of a file of notices.
	logBytes, noticeFileBytes int64
}

func (o Options) withDefaults() Options {
	orDefault(&o.KeepNotices, time.Hour)
	orDefault(&o.MaxNotices, 4_000_000)
	orDefault(&o.ForgetAgents, 30*24*time.Hour)
	orDefault(&o.MaxAgents, 10_000)
	orDefault(&o.Gather, 200*time.Millisecond)
	orDefault(&o.logBytes, 16<<20)
	orDefault(&o.noticeFileBytes, 8<<20)
	if o.Token == nil {
		o.Token = func(string) bool { return true }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func orDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// Fleet is safe for use by many goroutines.
type Fleet struct {
	opt     Options
	book    book      // guarded by writing
	notices noticeLog // guarded by writing
	recent  recent    // guarded by writing
	writing sync.Mutex

	closing chan struct{}
	once    sync.Once

	mu struct {
		sync.Mutex
		closed   bool
		pending  []*commit
		agents   map[string]*agent
		underWay map[batchName]chan struct{} // closed when the batch is released
		held     held
		woken    chan struct{} // closed, and made anew, when notices came
		damage   []string
	}
}

// The logs within the directory of a Fleet.
const (
	bookDir    = "book"
	noticesDir = "notices"
)

var errClosed = &roentgen.Error{Kind: roentgen.Unavailable, Err: errors.New("the book of agents is closed; repeat when the server is up again")}

// Open returns the fleet that is kept in dir, which it makes if need be. Damage
// is no reason to refuse: it is logged, and said in every view.
func Open(fs vfs.FS, dir string, opt Options) (*Fleet, error) {
	f := &Fleet{opt: opt.withDefaults(), closing: make(chan struct{})}
	f.mu.agents = map[string]*agent{}
	f.mu.underWay = map[batchName]chan struct{}{}
	f.mu.woken = make(chan struct{})
	if err := f.open(fs, dir); err != nil {
		return nil, fmt.Errorf("open the book of agents in %s: %w", dir, errors.Join(err, f.closeLogs()))
	}
	return f, nil
}

func (f *Fleet) open(fs vfs.FS, dir string) (err error) {
	opt := applog.Options{Now: f.opt.Now, SegmentBytes: 4 * f.opt.logBytes, MaxRecordBytes: maxRecord}
	if f.book.log, err = applog.Open(fs, filepath.Join(dir, bookDir), opt); err != nil {
		return err
	}
	if err := f.readBook(); err != nil {
		return err
	}
	opt.SegmentBytes = f.opt.noticeFileBytes
	if f.notices.log, err = applog.Open(fs, filepath.Join(dir, noticesDir), opt); err != nil {
		return err
	}
	if err := f.readNotices(); err != nil {
		return err
	}
	return f.takeCopy(fs, dir)
}

// note keeps what is damaged, for the log and for those who ask.
func (f *Fleet) note(what string) {
	f.opt.Logger.Error("the book of agents is damaged; its sums may be too low", "damage", what)
	f.mu.damage = append(f.mu.damage, what)
}

func (f *Fleet) noteDamage(found ...*applog.CorruptError) {
	for _, c := range found {
		f.note(c.Error())
	}
}

// EndPolls ends every poll that waits, and each later one that would. A server
// calls it when it begins to stop.
func (f *Fleet) EndPolls() { f.once.Do(func() { close(f.closing) }) }

// Close ends polls, waits for the commits under way and releases the files.
func (f *Fleet) Close() error {
	f.EndPolls()
	f.writing.Lock()
	defer f.writing.Unlock()
	if !f.shut() {
		return nil
	}
	return f.closeLogs()
}

// shut reports whether this call was the one that closed f.
func (f *Fleet) shut() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.mu.closed
	f.mu.closed = true
	return !was
}

func (f *Fleet) closeLogs() error {
	var errs []error
	for _, log := range []*applog.Log{f.book.log, f.notices.log} {
		if log != nil {
			errs = append(errs, log.Close())
		}
	}
	return errors.Join(errs...)
}
