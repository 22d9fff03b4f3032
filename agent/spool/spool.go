package spool

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Spool is an open spool. One goroutine appends, and closes; every other method
// may be called from any.
type Spool struct {
	opt   Options
	med   medium
	epoch uint64

	// The writer's own.
	w    *file
	woff int

	documents atomic.Int64 // that wait, cut or not
	appended  atomic.Int64 // records, ever
	area      atomic.Int64 // bytes of records, ever
	wantCount atomic.Int64 // of appended: at which the cutter is woken
	wantArea  atomic.Int64 // of area: the same
	blocked   atomic.Bool  // there is no room, and no use in asking before the keeper has looked
	nudged    atomic.Bool
	shut      atomic.Bool

	turn   chan struct{} // holds one token: whoever has it may cut
	wake   chan struct{} // there is something to look at for the cutter
	kick   chan struct{} // there is something to do for the keeper
	stop   chan struct{}
	keeper sync.WaitGroup

	making sync.Mutex // one file is made at a time; it comes before mu
	mu     struct {
		sync.Mutex
		table     table
		files     []*file // by number; the writer's is the last
		ready     *file   // made, for the writer to take
		spares    []*file // done with, to be made anew: their pages are there
		garbage   []*file // done with, to be removed
		stale     [][]byte
		lastFile  uint64 // highest number ever given
		used      int64  // bytes that the medium holds
		packing   bool   // so much waits that files are packed
		cursor    cursor
		behind    uint64        // without a cursor: the file in which the last cut ended
		seq       uint64        // of the last cut
		furthest  uint64        // the cut that ends at
		end       position      // behind which new ones begin
		inSlot    [slots]uint64 // the cut that keeps each slot: while it is in flight, and longer where freeLocked says so; 0: none
		flight    map[uint64]*flight
		recovered []bounds // cut by an earlier process, in order, not handed out yet
		lastCut   time.Time
		trouble   string
		told      string // the trouble that was told last
		toldAt    time.Time
		damage    Damage
		buffer    []byte // of a file that was decoded, for the next one
	}

	// The cutter's own; whoever has the turn.
	cut struct {
		read []byte // what was loaded, before it is decoded
	}
	// The keeper's own.
	raw, packed []byte
}

// cursor is where the next new cut begins.
type cursor struct {
	file *file // holds a reference; nil: before whatever comes
	off  int
}

// flight is a cut that was handed out.
type flight struct {
	cut   *Cut
	slot  int
	from  position
	to    position
	files []*file // a reference to each
}

// Epoch returns the number under which the cuts count: made at random when the
// directory was new or could not be trusted, and at each Open in memory.
func (s *Spool) Epoch() uint64 { return s.epoch }

// Describe says in one sentence where documents wait and what outlives what.
func (s *Spool) Describe() string {
	if s.opt.Dir == "" {
		return fmt.Sprintf("the spool is in memory, %d MiB at most: what waits there is lost when the process ends", s.opt.MaxBytes>>20)
	}
	return fmt.Sprintf("the spool is in %s, %d MiB at most: what waits there outlives a kill and a restart", s.opt.Dir, s.opt.MaxBytes>>20)
}

// Nudge makes a Next that waits, or else the following one, cut at once
// whatever there is, were it nothing.
func (s *Spool) Nudge() {
	s.nudged.Store(true)
	signal(s.wake)
}

// signal leaves a token for one waiter, where none is left already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// troubleLocked remembers what is wrong, and tells it when it begins and once a
// minute.
func (s *Spool) troubleLocked(err error) {
	s.mu.trouble = ""
	if err == nil {
		return
	}
	s.mu.trouble = err.Error()
	cause := withoutNumbers(err)
	if now := s.opt.Now(); cause != s.mu.told || now.Sub(s.mu.toldAt) >= time.Minute {
		s.opt.Logger.Error("spool: " + s.mu.trouble)
		s.mu.told, s.mu.toldAt = cause, now
	}
}

// withoutNumbers is what stays the same of an error that another file meets next.
func withoutNumbers(err error) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, err.Error())
}

// damageLocked counts and names what cannot be read.
func (s *Spool) damageLocked(documents, files int64, err error) {
	s.mu.damage.Documents += documents
	s.mu.damage.Files += files
	s.opt.Logger.Error("spool: documents are lost to damage", slog.Int64("documents", documents), slog.String("error", err.Error()))
}

// Stats returns what the spool holds.
func (s *Spool) Stats() Stats {
	inMemory := s.opt.Dir == "" || s.med.gone()
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Stats{
		Epoch: s.epoch, InMemory: inMemory, Documents: s.documents.Load(), Bytes: s.mu.used, Capacity: s.opt.MaxBytes,
		Files: len(s.mu.files), InFlight: len(s.mu.flight) + len(s.mu.recovered), Full: s.blocked.Load(),
		Trouble: s.mu.trouble, Damaged: s.mu.damage,
	}
	for _, f := range s.mu.files {
		if !f.raw {
			st.Packed++
		}
	}
	if st.Documents > 0 {
		st.Oldest = s.oldestLocked()
	}
	return st
}

// oldestLocked is when the oldest document that waits came; of a file that is
// not in memory, when the file was made.
func (s *Spool) oldestLocked() time.Time {
	var oldest time.Time
	earlier := func(t time.Time) {
		if !t.IsZero() && (oldest.IsZero() || t.Before(oldest)) {
			oldest = t
		}
	}
	for _, fl := range s.mu.flight {
		earlier(fl.cut.Oldest)
	}
	for _, b := range s.mu.recovered {
		if f := s.fileLocked(b.first.file); f != nil {
			earlier(time.Unix(0, f.created))
		}
	}
	if oldest.IsZero() {
		earlier(s.cursorTimeLocked())
	}
	return oldest
}

func (s *Spool) cursorTimeLocked() time.Time {
	c := s.cursorLocked()
	off := c.off
	for _, f := range s.mu.files {
		if c.file == nil || f.number < c.file.number {
			continue
		}
		if f.mem == nil {
			return time.Unix(0, f.created)
		}
		if r, ok := f.read(off); ok {
			return f.time(r.age)
		}
		off = fileHead
	}
	return time.Time{}
}

func (s *Spool) fileLocked(number uint64) *file {
	for _, f := range s.mu.files {
		if f.number == number {
			return f
		}
	}
	return nil
}
