package memory

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/storetest"
)

// graphOf is the graph of all traces, or of the members of a group.
func graphOf(t testing.TB, s *Store, group string) *graph.Graph {
	t.Helper()
	g, err := s.Graph(context.Background(), store.GraphWindow{From: math.MinInt64, To: math.MaxInt64, Group: group})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// wantCounted compares how many segments were counted.
func wantCounted(t testing.TB, s *Store, group string, want int64) {
	t.Helper()
	got := int64(0)
	for _, n := range graphOf(t, s, group).Nodes {
		got += n.Kept
	}
	if got != want {
		t.Errorf("group %q: %d segments are counted, want %d", group, got, want)
	}
}

// setUsers names a group of the traces of a user.
func setUsers(t testing.TB, s *Store, users ...string) {
	t.Helper()
	setUsersAt(t, s, 0, users...)
}

// setUsersAt names groups that were changed at that time.
func setUsersAt(t testing.TB, s *Store, since roentgen.Time, users ...string) {
	t.Helper()
	var groups []store.Group
	for _, user := range users {
		e, err := filter.Parse(fmt.Sprintf("user = %q", user))
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.Matcher(nil)
		if err != nil {
			t.Fatal(err)
		}
		groups = append(groups, store.Group{ID: user, Version: 1, Since: since, Match: m})
	}
	if err := s.SetGroups(context.Background(), groups); err != nil {
		t.Fatal(err)
	}
}

func TestACallThatHasWaitedLongEnoughIsCounted(t *testing.T) {
	c := newClock()
	opt := Options{Now: c.Now, Graph: graph.Options{InferAfter: time.Minute}}
	both(t, opt, func(t *testing.T, s *Store, check func(*Store) *Store) {
		now := roentgen.At(c.Now())
		doc := c.doc(t, 1, 1, fmt.Sprintf(`,"subsegments":[{"id":"00000000000000aa","name":"far","namespace":"remote","start_time":%[1]d,"end_time":%[1]d,"http":{"request":{"url":"http://far/","traced":true}}}]`, now/1e9))
		mustAppend(t, s, doc)
		wantCounted(t, s, "", 1)
		c.add(time.Minute)
		wantCounted(t, s, "", 1)
		s = check(s)
		wantCounted(t, s, "", 1)
		c.add(time.Second)
		wantCounted(t, s, "", 2)
		c.add(time.Hour)
		wantCounted(t, check(s), "", 2)
		if n := s.counter.waiting.len(); n != 0 {
			t.Errorf("%d traces wait still", n)
		}
	})
}

func TestWhatWasEvictedIsCountedNoMore(t *testing.T) {
	c := newClock()
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	both(t, opt, func(t *testing.T, s *Store, check func(*Store) *Store) {
		setUsers(t, s, "u")
		mustAppend(t, s, c.doc(t, 1, 1, `,"user":"u"`), c.doc(t, 2, 1, ""))
		wantCounted(t, s, "", 2)
		wantCounted(t, s, "u", 1)
		c.add(8 * time.Hour)
		mustAppend(t, s, c.doc(t, 2, 2, `,"user":"u"`))
		wantCounted(t, s, "u", 3)
		c.add(10 * time.Hour)
		maintain(t, s)
		wantCounted(t, s, "", 1)
		wantCounted(t, s, "u", 1)
		s = check(s)
		setUsers(t, s, "u")
		wantCounted(t, s, "u", 1)
		c.add(20 * time.Hour)
		maintain(t, s)
		wantCounted(t, s, "", 0)
		if len(s.mu.dirty)+len(s.mu.loose)+len(s.mu.traces) > 0 {
			t.Errorf("%d traces wait, %d members, %d traces are left", len(s.mu.dirty), len(s.mu.loose), len(s.mu.traces))
		}
	})
}

// keptMember has a trace that was a member once, and now neither has the
// document that made it one nor the file in which that was noted.
func keptMember(t *testing.T, c *clock, s *Store) {
	t.Helper()
	setUsers(t, s, "u")
	mustAppend(t, s, c.doc(t, 1, 1, `,"user":"u"`), c.doc(t, 2, 1, `,"user":"u"`))
	wantCounted(t, s, "u", 2)
	c.add(8 * time.Hour)
	mustAppend(t, s, c.doc(t, 1, 2, ""))
	c.add(10 * time.Hour)
}

func TestMembersAreNotedAgainBeforeTheirFileGoes(t *testing.T) {
	c := newClock()
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	both(t, opt, func(t *testing.T, s *Store, check func(*Store) *Store) {
		keptMember(t, c, s)
		for range 3 {
			maintain(t, s)
			wantTraces(t, s, 1)
			wantCounted(t, s, "u", 1)
			s = check(s)
			setUsers(t, s, "u")
		}
		c.add(30 * time.Hour)
		maintain(t, s)
		if len(s.mu.traces) > 0 {
			t.Errorf("%d traces are left", len(s.mu.traces))
		}
		mustAppend(t, check(s), c.doc(t, 3, 1, ""))
	})
}

// A power cut at any call between two evictions leaves the member noted in the
// old file, the new one, or both.
func TestAMemberSurvivesAPowerCutWhileItsFileGoes(t *testing.T) {
	for n := 1; ; n++ {
		c, fs := newClock(), vfs.NewFault(uint64(n))
		opt := Options{Retention: 16 * time.Hour, Now: c.Now}
		s := mustOpen(t, fs, opt)
		keptMember(t, c, s)
		fs.SetPlan(func(call vfs.Call) vfs.Verdict { return vfs.Verdict{PowerOff: call.N == n} })
		err := s.Maintain(context.Background())
		done := fs.Calls() < n
		fs.SetPlan(nil)
		fs.Crash(vfs.LoseSome)
		_ = s.Close() // the power was off
		s = mustOpen(t, fs, opt)
		setUsers(t, s, "u")
		wantTraces(t, s, 1)
		wantCounted(t, s, "u", 1)
		mustClose(t, s)
		if done {
			if err != nil || n < 5 {
				t.Errorf("without a power cut: %v after %d calls", err, n)
			}
			return
		}
	}
}

// A trace that changes while others are counted is tested twice before it is
// admitted, and one may be evicted by then.
func TestATraceIsAdmittedOnceOrNotAtAll(t *testing.T) {
	c := newClock()
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	both(t, opt, func(t *testing.T, s *Store, check func(*Store) *Store) {
		setUsers(t, s, "u")
		mustAppend(t, s, c.doc(t, 2, 1, `,"user":"u"`))
		c.add(15 * time.Hour)
		mustAppend(t, s, c.doc(t, 1, 1, `,"user":"u"`))
		batch := s.nextDirty(2)
		for _, tr := range []*trace{batch[0], batch[1], batch[1]} {
			s.count(tr)
		}
		c.add(2 * time.Hour)
		if err := s.tidy(context.Background(), 0); err != nil {
			t.Fatal(err)
		}
		if len(s.counter.fresh) != 3 {
			t.Fatalf("%d members are to be admitted, want 3", len(s.counter.fresh))
		}
		s.admit(context.Background())
		if n := len(batch[0].members) + len(batch[1].members); n != 1 {
			t.Errorf("%d members were admitted, want 1", n)
		}
		wantCounted(t, s, "u", 1)
		s = check(s)
		setUsers(t, s, "u")
		wantCounted(t, s, "u", 1)
		c.add(20 * time.Hour)
		maintain(t, s)
		wantCounted(t, s, "u", 0)
	})
}

func TestAFullDiskAdmitsNobodyAndRecovers(t *testing.T) {
	c, fs := newClock(), vfs.NewFault(1)
	opt := Options{Now: c.Now}
	s := mustOpen(t, fs, opt)
	setUsers(t, s, "u")
	mustAppend(t, s, c.doc(t, 1, 1, `,"user":"u"`))
	fs.SetPlan(noSpace)
	for range 2 {
		wantCounted(t, s, "", 1)
		wantCounted(t, s, "u", 0)
	}
	fs.SetPlan(nil)
	wantCounted(t, s, "u", 1)
	mustAppend(t, s, c.doc(t, 1, 1, `,"n":1`)) // supersedes it, or not: a member it is
	s = wantReopenedSame(t, fs, s, opt)
	setUsers(t, s, "u")
	wantCounted(t, s, "u", 1)
}

func noSpace(call vfs.Call) vfs.Verdict {
	if call.Op == vfs.OpWrite {
		return vfs.Verdict{Err: syscall.ENOSPC}
	}
	return vfs.Verdict{}
}

func TestAFullDiskDoesNotKeepAFileForItsMembers(t *testing.T) {
	c, fs := newClock(), vfs.NewFault(1)
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	s := mustOpen(t, fs, opt)
	keptMember(t, c, s)
	maintain(t, s)
	wantCounted(t, s, "u", 1)
	fs.SetPlan(noSpace)
	s.moveMembers()
	if err := s.Maintain(context.Background()); !errors.Is(err, applog.ErrNoSpace) {
		t.Errorf("maintain: %v", err)
	}
	wantCounted(t, s, "u", 1) // it is one as long as the process lives
	fs.SetPlan(nil)
	maintain(t, s)
	if len(s.mu.loose) > 0 {
		t.Errorf("%d members are not noted", len(s.mu.loose))
	}
	s = wantReopenedSame(t, fs, s, opt)
	setUsers(t, s, "u")
	wantCounted(t, s, "u", 1)
}

// moveMembers takes all members out of their files, as eviction does.
func (s *Store) moveMembers() {
	for _, f := range s.mu.files {
		s.loosenMembers(f)
	}
}

func TestAppendKeepsTheBacklogSmall(t *testing.T) {
	s := New(Options{Now: storetest.Now})
	most := 0
	for n := range 1000 {
		mustAppend(t, s, benchCall(t, n)...)
		most = max(most, len(s.mu.dirty))
	}
	if most <= backlogMost || most > backlogMost+countBatch {
		t.Errorf("%d traces waited to be counted, at most %d should", most, backlogMost)
	}
	wantCounted(t, s, "", 1000*callDocuments)
	if len(s.mu.dirty) > 0 {
		t.Errorf("%d traces wait behind a read", len(s.mu.dirty))
	}
}

func TestCloseMeetsReadersOfGraphs(t *testing.T) {
	for range 20 {
		c, fs := newClock(), vfs.NewFault(1)
		s := mustOpen(t, fs, Options{Now: c.Now})
		setUsers(t, s, "u")
		var work sync.WaitGroup
		begun := make(chan bool)
		for range 3 {
			work.Go(func() {
				var once sync.Once
				for {
					_, err := s.Append(context.Background(), []roentgen.Stored{c.doc(t, int(c.tick()), 1, `,"user":"u"`)})
					_, graphErr := s.Graph(context.Background(), store.GraphWindow{To: math.MaxInt64, Group: "u"})
					once.Do(func() { begun <- true })
					for _, err := range []error{err, graphErr, s.Maintain(context.Background())} {
						if err != nil && roentgen.KindOf(err) != roentgen.Unavailable {
							t.Error(err)
						}
					}
					if err != nil {
						return
					}
				}
			})
		}
		for range 3 {
			<-begun
		}
		mustClose(t, s)
		work.Wait()
	}
}

// tick moves the clock and returns how often it has.
func (c *clock) tick() int64 {
	c.add(time.Millisecond)
	return c.Now().Sub(storetest.Now()).Milliseconds()
}

// writeGoldenMember fills a data directory with a document and a member.
func writeGoldenMember(t *testing.T) *vfs.Fault {
	t.Helper()
	fs := vfs.NewFault(1)
	s := mustOpen(t, fs, Options{Now: storetest.Now})
	start := roentgen.At(storetest.Now())
	setUsers(t, s, "u")
	mustAppend(t, s, storetest.Document{Trace: 1, ID: 1, Parent: -1, Start: start, Received: start + 1, More: `,"user":"u"`}.Stored(t))
	wantCounted(t, s, "u", 0) // in progress
	mustAppend(t, s, storetest.Document{Trace: 1, ID: 1, Parent: -1, Start: start, End: start + 5, Received: start + 2}.Stored(t))
	wantCounted(t, s, "u", 1)
	mustClose(t, s)
	return fs
}

func TestTheSameMembersGiveTheSameBytes(t *testing.T) {
	got, name := writeGoldenMember(t).ReadFile(tracesLog), filepath.Join("testdata", "v1-member", tracesDir, "00000001.log")
	if *rewrite {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, got, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || string(got) != string(want) {
		t.Fatalf("%d bytes differ from the golden file's %d: %v", len(got), len(want), err)
	}
	fs := vfs.NewFault(1)
	fs.WriteFile(filepath.Join(dataDir, datadir.Manifest), datadir.Text(storeName))
	fs.WriteFile(tracesLog, want)
	s, found, err := Open(fs, dataDir, Options{Now: storetest.Now})
	if err != nil || found.Documents != 2 || found.Unreadable != 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	defer mustClose(t, s)
	if _, err := s.Graph(context.Background(), store.GraphWindow{Group: "u"}); roentgen.KindOf(err) != roentgen.NotFound {
		t.Errorf("before a group is named: %v", err)
	}
	setUsers(t, s, "u")
	wantCounted(t, s, "u", 1)
}

func TestMemberRecordsWithoutSenseAreCounted(t *testing.T) {
	fs := writeGoldenMember(t)
	appendRecord(t, fs, kindMember, encodeMember(storetest.TraceID(1), 1, ""))
	appendRecord(t, fs, kindMember, encodeMember(storetest.TraceID(9), 1, "u")) // of a trace without documents
	appendRecord(t, fs, kindMember, encodeMember(storetest.TraceID(1), 2, "u")) // a second time
	s, found, err := Open(fs, dataDir, Options{Now: storetest.Now})
	if err != nil || found.Unreadable != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	defer mustClose(t, s)
	setUsers(t, s, "u")
	wantCounted(t, s, "u", 1)
	if err := checkRecord(kindMember, []byte{recordVersion + 1}); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("a record of the next version: %v", err)
	}
}
