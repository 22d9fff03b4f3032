package spool

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roentgen/roentgen"
)

// fullDisk is a medium that has no space while full says so.
type fullDisk struct {
	medium
	full atomic.Bool
}

func (d *fullDisk) prepare(h header, size int, used *file) ([]byte, error) {
	if d.full.Load() && used == nil {
		return nil, fmt.Errorf("allocate %d bytes: %w", size, syscall.ENOSPC)
	}
	return d.medium.prepare(h, size, used)
}

func (d *fullDisk) pack(number uint64, head, block []byte) error {
	if d.full.Load() {
		return syscall.ENOSPC
	}
	return d.medium.pack(number, head, block)
}

func TestAFullDiskIsToldAndGoneOnAfter(t *testing.T) {
	s := newSpool(Options{FileBytes: smallFile}.withDefaults())
	disk := &fullDisk{medium: newMemory()}
	s.med = disk
	s.mu.table = table{make([]byte, tableSize)}
	s.begin(newEpoch(), unknownBoot)
	s.keeper.Add(1)
	go s.keep()
	defer closeSpool(t, s)

	n := 0
	take := func() bool {
		doc, keep := numbered(n)
		if !s.Append(doc, keep) {
			return false
		}
		n++
		return true
	}
	for range 100 {
		take()
	}
	disk.full.Store(true)
	eventually(t, "the disk is full", func() bool { return !take() })
	if st := s.Stats(); !st.Full || !strings.Contains(st.Trouble, "no space left") {
		t.Errorf("%+v", st)
	}
	disk.full.Store(false)
	eventually(t, "there is space again", take)
	for at := 0; at < n; {
		cut := next(t, s, Limit{Documents: 50, Age: time.Nanosecond})
		at = wantNumbered(t, cut, at)
		done(t, s, cut.Seq)
	}
	eventually(t, "the trouble is over", func() bool { return s.Stats().Trouble == "" && take() })
}

func TestADirectoryThatCannotBeWrittenIsToldFromOtherTrouble(t *testing.T) {
	for err, want := range map[error]bool{syscall.EROFS: true, syscall.EACCES: true, syscall.EPERM: true, syscall.ENOSPC: false} {
		if got := errors.Is(readOnly(err), ErrReadOnly); got != want {
			t.Errorf("%v is read as read-only: %v, want %v", err, got, want)
		}
	}
}

// TestWhatWaitsCostsNoMemory has an outage of many files: all but a few are on
// the disk alone.
func TestWhatWaitsCostsNoMemory(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir()})
	held := func() (bytes, files int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, f := range s.mu.files {
			bytes += len(f.mem)
		}
		return bytes + len(s.mu.buffer) + len(s.mu.stale)*smallFile, len(s.mu.files)
	}
	for i := range 8000 {
		doc, keep := numbered(i)
		eventually(t, "there is room", func() bool { return s.Append(doc, keep) })
		if i == 5000 {
			for range 4 { // that stay in flight
				next(t, s, Limit{Documents: 50, Age: time.Hour})
			}
		}
	}
	const most = 12 * smallFile // written, cut, read next, and in flight: four cuts reach over seven
	eventually(t, "all but a few files are packed", func() bool { bytes, _ := held(); return bytes <= most })
	if bytes, files := held(); files < 120 {
		t.Errorf("%d bytes are held of %d files: too few files to tell", bytes, files)
	}
	for at := 200; at < 8000; {
		cut := next(t, s, Limit{Documents: 256, Age: time.Nanosecond})
		at = wantNumbered(t, cut, at)
		done(t, s, cut.Seq)
		if bytes, _ := held(); bytes > 3*most {
			t.Fatalf("%d bytes are held while files are read again", bytes)
		}
	}
}

// TestWhatWaitsForAMomentIsNotPacked appends more than is read soon, and less
// than is worth packing: the pages of such files are given back, and what stands
// in them is there.
func TestWhatWaitsForAMomentIsNotPacked(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir(), PackBytes: 64 << 20})
	appendNumbered(t, s, 0, 2000)
	first := next(t, s, Limit{Documents: 50, Age: time.Nanosecond})
	at := wantNumbered(t, first, 0)
	eventually(t, "files that are far rest", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		far := s.farLocked()
		for _, f := range far {
			if !f.resting || f.mem == nil {
				return false
			}
		}
		return len(far) > 10
	})
	for at < 2000 {
		cut := next(t, s, Limit{Documents: 50, Age: time.Nanosecond})
		at = wantNumbered(t, cut, at)
		done(t, s, cut.Seq)
	}
	if st := s.Stats(); st.Packed != 0 || st.Damaged != (Damage{}) {
		t.Errorf("%+v", st)
	}
}

func TestAppendAllocatesNothing(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir(), FileBytes: 4 << 20})
	doc, keep := numbered(10)
	s.Append(doc, keep)
	if n := testing.AllocsPerRun(1000, func() { s.Append(doc, roentgen.Keep{}) }); n != 0 {
		t.Errorf("Append allocates %v times", n)
	}
}

func TestTheKeeperOfAFullSpoolSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(Options{MaxBytes: 64 << 10, FileBytes: smallFile})
		if err != nil {
			t.Fatal(err)
		}
		defer closeSpool(t, s)
		chance := rand.New(rand.NewPCG(1, 1))
		doc := make([]byte, 1000) // that cannot be packed
		for range 200 {
			for i := range doc {
				doc[i] = byte(chance.Uint32())
			}
			s.Append(doc, roentgen.Keep{})
		}
		synctest.Wait() // does not return while it runs in circles
		if !s.Stats().Full {
			t.Errorf("%+v", s.Stats())
		}
	})
}

func TestACutThatWaitsLongKeepsItsOwnFileAlone(t *testing.T) {
	both(t, func(t *testing.T, opt Options) {
		opt.MaxBytes = 8 * smallFile
		s := open(t, opt)
		appendNumbered(t, s, 0, 10)
		old := next(t, s, Limit{Age: time.Nanosecond})
		for i := range 500 {
			appendNumbered(t, s, 10*i, 10*i+10)
			cut := next(t, s, Limit{Age: time.Nanosecond})
			wantNumbered(t, cut, 10*i)
			done(t, s, cut.Seq)
		}
		wantNumbered(t, old, 0)
		if opt.Dir != "" {
			closeSpool(t, s)
			s = open(t, opt)
			if old = next(t, s, Limit{}); !old.Recovered || wantNumbered(t, old, 0) != 10 {
				t.Errorf("%d documents", len(old.Documents))
			}
		}
		if done(t, s, old.Seq); s.Stats().Documents != 0 {
			t.Errorf("%+v", s.Stats())
		}
	})
}
