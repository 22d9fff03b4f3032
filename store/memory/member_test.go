package memory

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
)

// A trace may lose its documents after it was tested, be counted as gone, and
// come back under the same id, all before it is admitted. What is known of it
// beside its documents keeps it in memory meanwhile.
func TestATraceThatIsBackBeforeItIsAdmitted(t *testing.T) {
	c := newClock()
	s := New(Options{Retention: 16 * time.Hour, MaxTraceBytes: 3000, Now: c.Now})
	setUsers(t, s, "u")
	mustAppend(t, s, c.doc(t, 1, 1, `,"user":"u"`))
	c.add(15 * time.Hour)
	if got, err := s.Append(context.Background(), []roentgen.Stored{c.doc(t, 1, 3, padding(3000))}); err != nil || got[0] != roentgen.RefusedTraceTooLarge {
		t.Fatal(got, err)
	}
	s.countWaiting()
	c.add(2 * time.Hour)
	if err := s.tidy(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	s.countWaiting()
	mustAppend(t, s, c.doc(t, 1, 4, ""))
	s.admit(context.Background())
	wantCounted(t, s, "u", 0)
	wantCounted(t, s, "", 1)
}

// countWaiting counts what waits, and admits nobody.
func (s *Store) countWaiting() {
	for _, t := range s.nextDirty(s.waiting()) {
		s.count(t)
	}
}

// Nothing arrives after the restart, and the group's expression has changed
// since its members matched: they are members all the same.
func TestMembersCountThoughSomebodyAskedBeforeGroupsWereNamed(t *testing.T) {
	c := newClock()
	both(t, Options{Now: c.Now}, func(t *testing.T, s *Store, check func(*Store) *Store) {
		setUsers(t, s, "u")
		mustAppend(t, s, c.doc(t, 1, 1, `,"user":"u"`))
		wantCounted(t, s, "u", 1)
		c.add(time.Hour)
		s = check(s)
		maintain(t, s)
		setUsersAt(t, s, roentgen.At(c.Now()), "u")
		wantCounted(t, s, "u", 1)
	})
}

func TestWhoeverHangsUpLeavesWhatWasTested(t *testing.T) {
	c, fs := newClock(), vfs.NewFault(1)
	s := mustOpen(t, fs, Options{Now: c.Now})
	setUsers(t, s, "u")
	mustAppend(t, s, c.doc(t, 1, 1, `,"user":"u"`))
	s.countWaiting()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.catchUp(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller hears %v", err)
	}
	if n := s.waiting(); n > 0 || s.counter.refused != nil {
		t.Errorf("%d traces are to be tested again: %v", n, s.counter.refused)
	}
	wantCounted(t, s, "u", 1)
}

// Were the groups replaced all the same, a trace that the old expression admits
// would never be a member.
func TestAFullDiskKeepsTheGroupsThatHaveNotBeenTested(t *testing.T) {
	c, fs := newClock(), vfs.NewFault(1)
	s := mustOpen(t, fs, Options{Now: c.Now})
	setUsers(t, s, "u")
	mustAppend(t, s, c.doc(t, 1, 1, `,"user":"u"`))
	fs.SetPlan(noSpace)
	if err := s.SetGroups(context.Background(), nil); roentgen.KindOf(err) != roentgen.Unavailable || !errors.Is(err, applog.ErrNoSpace) {
		t.Errorf("groups on a full disk: %v", err)
	}
	wantCounted(t, s, "u", 0)
	fs.SetPlan(nil)
	wantCounted(t, s, "u", 1)
}

// oldFile has two files: the first is due, and the second, which is written to,
// was begun so long ago that the next documents belong into another.
func oldFile(t *testing.T, opt Options, c *clock) (*vfs.Fault, *Store) {
	t.Helper()
	fs := vfs.NewFault(1)
	s := mustOpen(t, fs, opt)
	mustAppend(t, s, c.doc(t, 1, 1, ""))
	c.add(8 * time.Hour)
	mustAppend(t, s, c.doc(t, 2, 1, ""))
	c.add(10 * time.Hour)
	return fs, s
}

func TestAFullDiskDoesNotKeepAnOldFileForANewOne(t *testing.T) {
	c := newClock()
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	fs, s := oldFile(t, opt, c)
	fs.SetPlan(noSpace)
	if err := s.Maintain(context.Background()); !errors.Is(err, applog.ErrNoSpace) {
		t.Errorf("maintain on a full disk: %v", err)
	}
	wantTraces(t, s, 2)
	if fs.ReadFile(filepath.Join(dataDir, tracesDir, "00000001.log")) != nil {
		t.Error("the old file is still there")
	}
	fs.SetPlan(nil)
	mustAppend(t, s, c.doc(t, 3, 1, ""))
	if n := s.log.End().File; n != 3 {
		t.Errorf("documents go to file %d, want 3", n)
	}
	wantTraces(t, wantReopenedSame(t, fs, s, opt), 3, 2)
}

func TestWhatAnOldFileTookIsSpaceForANewOne(t *testing.T) {
	c := newClock()
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	fs, s := oldFile(t, opt, c)
	full := true
	fs.SetPlan(func(call vfs.Call) vfs.Verdict {
		if call.Op == vfs.OpRemove && filepath.Base(call.Name) == "00000001.log" {
			full = false
		}
		if call.Op == vfs.OpWrite && full {
			return vfs.Verdict{Err: syscall.ENOSPC}
		}
		return vfs.Verdict{}
	})
	mustAppend(t, s, c.doc(t, 3, 1, ""))
	if full {
		t.Error("the old file is still there")
	}
	fs.SetPlan(nil)
	wantTraces(t, wantReopenedSame(t, fs, s, opt), 3, 2)
}

// A file that cannot be ended is not evicted from memory alone: after a restart
// its documents would be back.
func TestTheOnlyFileStaysOnAFullDisk(t *testing.T) {
	c, fs := newClock(), vfs.NewFault(1)
	opt := Options{MaxBytes: 3000, Now: c.Now}
	s := mustOpen(t, fs, opt)
	mustAppend(t, s, c.doc(t, 1, 1, padding(2000)))
	next := c.doc(t, 2, 1, padding(2000))
	fs.SetPlan(noSpace)
	if _, err := s.Append(context.Background(), []roentgen.Stored{next}); !errors.Is(err, applog.ErrNoSpace) {
		t.Errorf("append: %v", err)
	}
	wantTraces(t, s, 1)
	fs.SetPlan(nil)
	mustAppend(t, s, next)
	wantTraces(t, s, 2)
	wantTraces(t, wantReopenedSame(t, fs, s, opt), 2)
}

// Groups come and go while files do, and writers and readers are at it. In the
// end the graphs are those that the log gives.
func TestGroupsChangeWhileFilesGo(t *testing.T) {
	c, fs := newClock(), vfs.NewFault(1)
	s := mustOpen(t, fs, Options{MaxBytes: 20_000, Now: c.Now})
	setUsers(t, s, "u")
	var work sync.WaitGroup
	for w := range 2 {
		work.Go(func() {
			for n := range 150 {
				mustAppend(t, s, c.doc(t, n%30, 2*n+w, `,"user":"u"`+padding(100)), c.doc(t, n%40, 2*n+w, ""))
			}
		})
	}
	for _, users := range [][]string{{"u", "v"}, {"u"}} {
		work.Go(func() {
			for range 150 {
				setUsers(t, s, users...)
				wantNoError(t, s, "u")
			}
		})
	}
	work.Wait()
	setUsers(t, s, "u")
	all, members := graphOf(t, s, ""), graphOf(t, s, "u")
	mustClose(t, s)
	s = mustOpen(t, fs, Options{Now: c.Now}) // which evicts nothing
	setUsers(t, s, "u")
	if got := graphOf(t, s, ""); !reflect.DeepEqual(got, all) {
		t.Errorf("opened again, the graph is\n%+v\nwant\n%+v", got, all)
	}
	if got := graphOf(t, s, "u"); !reflect.DeepEqual(got, members) {
		t.Errorf("opened again, the graph of the group is\n%+v\nwant\n%+v", got, members)
	}
}

func wantNoError(t *testing.T, s *Store, group string) {
	if _, err := s.Graph(context.Background(), store.GraphWindow{Group: group}); err != nil {
		t.Error(err)
	}
}
