package memory

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/store/storetest"
)

func mustDelete(t testing.TB, s *Store, trace int) {
	t.Helper()
	if err := s.Delete(context.Background(), storetest.TraceID(trace)); err != nil {
		t.Fatal(err)
	}
}

// TestDeletedTracesLeaveNothingBehind goes on until retention has removed the
// files of what was deleted, in which documents, members and notes of a limit
// stand.
func TestDeletedTracesLeaveNothingBehind(t *testing.T) {
	c := newClock()
	opt := Options{Retention: time.Hour, MaxTraceBytes: 1000, Now: c.Now}
	fs := vfs.NewFault(1)
	s := mustOpen(t, fs, opt)
	setUsers(t, s, "u")
	for n := range 40 {
		mustAppend(t, s, c.doc(t, n, 1, `,"user":"u"`), c.doc(t, n, 2, ``))
		if _, err := s.Append(context.Background(), []roentgen.Stored{c.doc(t, n, 3, padding(1000))}); err != nil {
			t.Fatal(err)
		}
		graphOf(t, s, "u")
		if n%4 == 3 {
			mustDelete(t, s, n-2)
			mustDelete(t, s, n)
			mustAppend(t, s, c.doc(t, n, 4, ``)) // begins anew
		}
		if n%10 == 9 {
			s = wantReopenedSame(t, fs, s, opt)
			setUsers(t, s, "u")
		}
		c.add(3 * time.Minute)
		if err := s.Maintain(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if got := statsOf(t, s); got.Evicted == 0 || got.Documents == 0 {
		t.Fatalf("retention has not met what was deleted: %+v", got)
	}
	c.add(3 * time.Hour)
	if err := s.Maintain(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantEmpty(t, s)
}

// wantEmpty wants that nothing of any trace is held, and that the books add up.
func wantEmpty(t *testing.T, s *Store) {
	t.Helper()
	if got := statsOf(t, s); got.Traces != 0 || got.Documents != 0 || got.Bytes != 0 {
		t.Errorf("%+v is left", got)
	}
	wantCounted(t, s, "", 0)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.mu.traces) != 0 || s.mu.held != 0 || len(s.mu.loose) != 0 {
		t.Errorf("%d traces, %d bytes, %d loose members are held", len(s.mu.traces), s.mu.held, len(s.mu.loose))
	}
	for _, f := range s.mu.files {
		if len(f.docs)+len(f.limits)+len(f.members) != 0 || f.bytes != 0 {
			t.Errorf("file %d holds %d documents, %d notes and %d members in %d bytes", f.number, len(f.docs), len(f.limits), len(f.members), f.bytes)
		}
	}
}

func TestDeletingEveryTraceLeavesEmptyBooks(t *testing.T) {
	fs := vfs.NewFault(1)
	s := mustOpen(t, fs, Options{MaxTraceBytes: 1000, Now: storetest.Now})
	c := newClock()
	setUsers(t, s, "u")
	for n := range 3 {
		mustAppend(t, s, c.doc(t, n, 1, `,"user":"u"`))
		if _, err := s.Append(context.Background(), []roentgen.Stored{c.doc(t, n, 3, padding(1000))}); err != nil {
			t.Fatal(err)
		}
	}
	wantCounted(t, s, "u", 3)
	for n := range 3 {
		mustDelete(t, s, n)
	}
	wantEmpty(t, s)
	s = wantReopenedSame(t, fs, s, Options{MaxTraceBytes: 1000, Now: storetest.Now})
	wantEmpty(t, s)
}

// TestTheBytesOfADeletedTraceGoWithItsFile holds what the documentation says of
// erasure.
func TestTheBytesOfADeletedTraceGoWithItsFile(t *testing.T) {
	c := newClock()
	fs := vfs.NewFault(1)
	s := mustOpen(t, fs, Options{Retention: time.Hour, Now: c.Now})
	mustAppend(t, s, c.doc(t, 1, 1, `,"user":"whom to forget"`))
	mustDelete(t, s, 1)
	onDisk := func() bool { return strings.Contains(string(fs.ReadFile(tracesLog)), "whom to forget") }
	if !onDisk() {
		t.Error("the bytes are said to stay in the log until its file goes")
	}
	c.add(3 * time.Hour)
	mustAppend(t, s, c.doc(t, 2, 1, ``))
	if err := s.Maintain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if names, err := fs.List(filepath.Join(dataDir, tracesDir)); err != nil || onDisk() {
		t.Errorf("%v, %v: the bytes are there after their retention", names, err)
	}
}

func TestAFullDiskDeletesNothing(t *testing.T) {
	fs := vfs.NewFault(1)
	s := mustOpen(t, fs, Options{Now: storetest.Now})
	mustAppend(t, s, newClock().doc(t, 1, 1, ``))
	want := dump(t, s)
	fs.SetPlan(func(c vfs.Call) vfs.Verdict {
		if c.Op == vfs.OpWrite {
			return vfs.Verdict{Err: syscall.ENOSPC}
		}
		return vfs.Verdict{}
	})
	if err := s.Delete(context.Background(), storetest.TraceID(1)); roentgen.KindOf(err) != roentgen.Unavailable || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("delete on a full disk: %v", err)
	}
	fs.SetPlan(nil)
	if got := dump(t, s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	mustDelete(t, s, 1)
	wantEmpty(t, s)
}

// writeGoldenDeleted fills a data directory with a deletion between two
// documents of its trace.
func writeGoldenDeleted(t *testing.T) *vfs.Fault {
	t.Helper()
	fs, start := vfs.NewFault(1), roentgen.At(storetest.Now())
	s := mustOpen(t, fs, Options{Now: storetest.Now})
	doc := storetest.Document{Trace: 1, ID: 1, Parent: -1, Start: start, Received: start + 1}
	mustAppend(t, s, doc.Stored(t))
	mustDelete(t, s, 1)
	doc.ID = 2
	mustAppend(t, s, doc.Stored(t))
	mustClose(t, s)
	return fs
}

func TestTheSameDeletionGivesTheSameBytes(t *testing.T) {
	got, name := writeGoldenDeleted(t).ReadFile(tracesLog), filepath.Join("testdata", "v1-deleted", tracesDir, "00000001.log")
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
	if err != nil || found.Documents != 1 || found.Unreadable != 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	defer mustClose(t, s)
	if stats := statsOf(t, s); stats.Documents != 1 || !strings.Contains(dump(t, s), storetest.SegmentID(2).String()) {
		t.Errorf("%+v: what came after the deletion is not there alone", stats)
	}
}

func TestDeletionsWithoutSenseAreCounted(t *testing.T) {
	fs := writeGoldenDeleted(t)
	appendRecord(t, fs, kindDeleted, []byte{recordVersion, 1})
	id := storetest.TraceID(9)
	appendRecord(t, fs, kindDeleted, encodeID(id)) // of a trace that is not there, which is no damage
	s, found, err := Open(fs, dataDir, Options{Now: storetest.Now})
	if err != nil || found.Unreadable != 1 || found.Documents != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	mustClose(t, s)
}
