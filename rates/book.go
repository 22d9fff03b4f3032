package rates

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Book is what agents counted. It is safe for use by many goroutines.
type Book struct {
	opt Options
	log *applog.Log // nil: in memory alone

	writing sync.Mutex // guards the order of the log, and logged
	logged  int64      // bytes since it was last written anew
	spare   sync.Pool  // of *graph.Sums, for windows

	mu struct {
		sync.Mutex
		levels    [levels]level
		forgotten roentgen.Time // minutes that began before are not all known
		seen      seen
		hot       []*span // that were added to last, the last one at the end
		stats     Stats
	}
}

// Stats is the size of a Book and what became of what came.
type Stats struct {
	Minutes, Hours int
	Bytes          int64         // of memory
	Oldest         roentgen.Time // beginning of the oldest hour; 0: there is none
	Newest         roentgen.Time // end of the newest minute; 0: there is none
	Batches        int64         // since Open
	Repeated       int64         // that had come before
	Outside        int64         // minutes too old, or too far in the future, to be counted
	Damage         []string      // of the log, when it was opened
}

var errClosed = &roentgen.Error{Kind: roentgen.Unavailable, Err: errors.New("the book of rates is closed; repeat when the server is up again")}

// New returns a Book that is in memory alone.
func New(opt Options) *Book {
	b := &Book{opt: opt.withDefaults()}
	b.mu.seen.most = b.opt.MaxAgents
	b.mu.forgotten = math.MinInt64
	return b
}

// Open returns the Book that is kept in dir, which it makes if need be. Damage
// is no reason to refuse: it is logged and in Stats, and rates are too low
// where it was.
func Open(fs vfs.FS, dir string, opt Options) (*Book, error) {
	b := New(opt)
	log, err := applog.Open(fs, dir, applog.Options{SegmentBytes: b.opt.logBytes, MaxRecordBytes: maxRecord})
	if err != nil {
		return nil, fmt.Errorf("open the book of rates in %s: %w", dir, err)
	}
	b.log = log
	if err := b.replay(); err != nil {
		return nil, fmt.Errorf("read the book of rates in %s back: %w", dir, errors.Join(err, log.Close()))
	}
	return b, nil
}

// Close waits for what is under way and releases the files.
func (b *Book) Close() error {
	if b.log == nil {
		return nil
	}
	return b.log.Close()
}

// Copies opens the files of the log, so that they can be copied while the Book
// goes on. The caller closes them.
func (b *Book) Copies() ([]applog.Copy, error) {
	if b.log == nil {
		return nil, nil
	}
	return b.log.Copies()
}

// Add counts the roll-ups of one batch, and returns once they are durable. A
// batch that has been counted is not counted again. Roll-ups that cannot be
// read are an error of kind Invalid, and then none of the batch is counted;
// where repeating can help the error is of kind Unavailable.
func (b *Book) Add(agent string, epoch, seq uint64, rollups ...[]byte) error {
	return b.add(context.Background(), batch{agent, epoch, seq, rollups})
}

func (b *Book) add(ctx context.Context, in batch) error {
	if len(in.rollups) == 0 {
		return nil
	}
	if len(in.agent) > maxAgent {
		return roentgen.Invalidf("the name of an agent has %d bytes; up to %d are taken", len(in.agent), maxAgent)
	}
	parsed, err := in.parse()
	if err != nil {
		return err
	}
	b.writing.Lock()
	defer b.writing.Unlock()
	if b.repeated(in) {
		return nil
	}
	if b.log != nil {
		if err := b.write(ctx, in.record()); err != nil {
			return err
		}
	}
	b.count(in, parsed)
	return b.rewrite(ctx)
}

func (b *Book) repeated(in batch) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.mu.seen.has(in.agent, in.epoch, in.seq) {
		return false
	}
	b.mu.stats.Repeated++
	return true
}

// count makes what a batch says so.
func (b *Book) count(in batch, parsed []*graph.Minutely) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mu.stats.Batches++
	b.mu.seen.add(in.agent, in.epoch, in.seq)
	now := b.opt.Now()
	for _, r := range parsed {
		for _, begin := range r.Begins() {
			if begin > now+ahead || begin < now-roentgen.Time(b.opt.Hours) {
				b.mu.stats.Outside++
				continue
			}
			for l := range b.mu.levels {
				if l == minutes && begin < now-roentgen.Time(b.opt.Minutes) {
					b.mu.forgotten = max(b.mu.forgotten, begin+minute)
					continue
				}
				b.addLocked(l, r, begin)
			}
		}
	}
	b.forgetLocked(now)
}

// Stats returns the counts.
func (b *Book) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.mu.stats
	m, h := &b.mu.levels[minutes], &b.mu.levels[hours]
	s.Minutes, s.Hours, s.Bytes = len(m.spans), len(h.spans), m.bytes+h.bytes
	if len(h.spans) > 0 {
		s.Oldest = h.spans[0].begin
		s.Newest = b.newestLocked()
	}
	return s
}
