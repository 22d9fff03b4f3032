package tail

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/tail/ring"
)

// Tail decides about documents; see the package.
type Tail struct {
	opt    Options
	lock   io.Closer // of the directory; nil in memory
	why    string    // it is in memory although a directory was named
	ring   *ring.Ring
	book   *book
	memory memory
	seed   maphash.Seed

	armed    atomic.Pointer[armed]
	arming   sync.Mutex
	pressure atomic.Uint64 // traces whose position is below are shed

	remembered, forgotten, heads, noticesIn, noticesKnown atomic.Int64
}

// The sizes that stand where Options say nothing.
const (
	defaultRing       = 512 << 20
	defaultMemoryRing = 64 << 20
	defaultRemember   = 10 * time.Minute
	// maxRemembered decisions are in a generation: with the tables of two, 25 MB.
	maxRemembered = 3 << 17
)

// The words that stand in the ring.
const (
	wordForwarded = iota
	wordShed
	wordAgain
)

// Open opens or makes a tail. Where the directory cannot be written, or the disk is full, the tail is in memory;
// files of something else or of a newer program are an error.
func Open(opt Options) (*Tail, error) {
	t := &Tail{opt: opt.withDefaults(), seed: maphash.MakeSeed(), memory: memory{max: maxRemembered}}
	if len(t.opt.Triggers.Triggers) == 0 && t.opt.Triggers.ToldQuota == 0 {
		t.opt.Triggers = DefaultTriggers()
	}
	err := t.openIn(t.opt.Dir, orDefault(opt.RingBytes, defaultRing))
	if t.opt.Dir != "" && noPlace(err) {
		t.why = err.Error()
		t.opt.Logger.Warn("undecided documents wait in memory, and are lost with the process", "why", err)
		t.opt.Dir = ""
		err = t.openIn("", 0)
	}
	if err != nil {
		return nil, err
	}
	t.remembered.Store(int64(t.memory.len()))
	t.SetTriggers(t.opt.Triggers)
	return t, nil
}

// noPlace says that err means a directory that cannot be written, a full disk, or a system that has no rings on disk.
func noPlace(err error) bool {
	return vfs.IsNoSpace(err) || vfs.IsReadOnly(err) || errors.Is(err, ring.ErrNoMapping)
}

func (o Options) withDefaults() Options {
	o.Remember = orDefault(o.Remember, defaultRemember)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

func orDefault[T ~int64](n, standard T) T {
	if n <= 0 {
		return standard
	}
	return n
}

// openIn opens everything in the directory, or in memory.
func (t *Tail) openIn(dir string, bytes int64) (err error) {
	if dir == "" {
		bytes = defaultMemoryRing
		if n := t.opt.RingBytes; n > 0 && (t.why == "" || n < bytes) {
			bytes = n
		}
	} else if err := t.takeDir(dir); err != nil {
		return err
	}
	t.ring, err = ring.Open(ring.Options{Dir: dir, Bytes: bytes, Now: t.opt.Now, Logger: t.opt.Logger})
	if err == nil {
		t.book, err = openBook(dir, t.opt.Logger, &t.memory, t, t.opt.Now())
	}
	if err != nil {
		return errors.Join(err, t.closeFiles())
	}
	return nil
}

// takeDir makes the directory and locks it.
func (t *Tail) takeDir(dir string) (err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the directory of the tail: %w", err)
	}
	if t.lock, err = (vfs.OS{}).Lock(filepath.Join(dir, "LOCK")); err != nil {
		return fmt.Errorf("lock the directory of the tail: %w", err)
	}
	return nil
}

// Close gives the files back. What is held stays held, where the tail is on disk.
func (t *Tail) Close() error { return t.closeFiles() }

func (t *Tail) closeFiles() (err error) {
	if t.book != nil {
		err = t.book.close()
	}
	if t.ring != nil {
		err = errors.Join(err, t.ring.Close())
	}
	if t.lock != nil {
		err = errors.Join(err, t.lock.Close())
	}
	t.lock = nil
	return err
}

// Describe says in one line where undecided documents wait, and why not elsewhere.
func (t *Tail) Describe() string {
	s := t.ring.Stats()
	size := fmt.Sprintf("%d MiB", s.Capacity>>20)
	switch {
	case !s.InMemory:
		return fmt.Sprintf("ring of %s in %s, decisions for %s; both survive a restart", size, t.opt.Dir, t.opt.Remember)
	case t.why != "":
		return fmt.Sprintf("ring of %s in memory, lost with the process, because: %s", size, t.why)
	default:
		return fmt.Sprintf("ring of %s in memory, lost with the process: no directory was named", size)
	}
}

// hash is for the memory's tables.
func (t *Tail) hash(d *decision) uint64 { return t.hashOf(d.id) }

func (t *Tail) hashOf(id roentgen.TraceID) uint64 { return maphash.Comparable(t.seed, id) }
