package fleet

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// copyTo lays what f is now into a file system of its own.
func copyTo(t *testing.T, f *Fleet) *vfs.Fault {
	t.Helper()
	snap, err := f.Snapshot("fleet")
	if err != nil {
		t.Fatal(err)
	}
	to := vfs.NewFault(1)
	for _, file := range snap.Files {
		content, err := io.ReadAll(io.NewSectionReader(file, 0, file.Bytes))
		if err != nil {
			t.Fatal(err)
		}
		to.WriteFile(file.Name, content)
	}
	if err := snap.Close(); err != nil {
		t.Fatal(err)
	}
	return to
}

func booked(t *testing.T, stored int64) []byte {
	t.Helper()
	text, err := json.Marshal(Statement{Epoch: 1, Received: map[string]int64{"udp": stored}, Stored: stored})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestARestoredBookSaysWhatIsNotInIt goes back to a copy, while the agent goes on
// from where it was: what came in between is missing, and nobody is woken by it.
func TestARestoredBookSaysWhatIsNotInIt(t *testing.T) {
	c := &clock{start}
	f := mustOpen(t, vfs.NewFault(1), Options{Now: c.now})
	mustCommit(t, f, 1, 1, 1, 10, notices(0, 5), nil)
	c.Time = c.Add(time.Minute)
	fs := copyTo(t, f)
	c.Time = c.Add(time.Minute)
	mustCommit(t, f, 1, 1, 2, 7, notices(5, 500), nil)
	given := read(t, f, 2, 0, 1000).Next

	c.Time = c.Add(time.Minute)
	restored := mustOpen(t, fs, Options{Now: c.now})
	if v := theAgent(t, restored, 1); v.Totals.Stored != 10 || !v.Copied.Equal(start.Add(time.Minute)) {
		t.Fatalf("%+v", v)
	}
	if page := read(t, restored, 2, 0, 1000); len(page.Notices) != 5 {
		t.Errorf("%d notices of the copy, want 5", len(page.Notices))
	}
	mustCommit(t, restored, 1, 1, 3, 1, notices(600, 602), booked(t, 17))
	for life := range 2 {
		if page := read(t, restored, 2, given, 1000); len(page.Notices) != 2 {
			t.Errorf("life %d: behind the number %d of the original stand %+v, want the 2 new ones", life, given, page)
		}
		b := theAgent(t, restored, 1)
		if got := b.Balance(); !got.OK || !strings.Contains(got.Explain, "backup of 2026-11-30 00:01:00 UTC: at least 7 documents") {
			t.Errorf("life %d: %+v", life, got)
		}
		if len(restored.Damage()) > 0 {
			t.Error(restored.Damage())
		}
		restored.Close()
		c.Time = c.Add(time.Minute)
		restored = mustOpen(t, fs, Options{Now: c.now})
	}
	if fs.ReadFile("fleet/"+CopyMark) != nil {
		t.Error("the mark is still there: each start would be taken for a restore")
	}
	mustCommit(t, restored, 2, 1, 1, 1, nil, booked(t, 5))
	if v := theAgent(t, restored, 2); v.Balance().OK {
		t.Error("an agent that came after the restore booked what nobody counted, and that is held to be good")
	}
}

// TestTakingACopyOverMayBeBrokenOff cuts the power at every call.
func TestTakingACopyOverMayBeBrokenOff(t *testing.T) {
	f := mustOpen(t, vfs.NewFault(1), Options{})
	mustCommit(t, f, 1, 1, 1, 10, notices(0, 5), nil)
	for n := 1; ; n++ {
		fs := copyTo(t, f)
		fs.SetPlan(func(c vfs.Call) vfs.Verdict { return vfs.Verdict{PowerOff: c.N == n} })
		first, err := Open(fs, "fleet", Options{Now: (&clock{start.Add(time.Hour)}).now})
		done := err == nil && fs.Calls() < n
		fs.SetPlan(nil)
		fs.Crash(vfs.LoseSome)
		if err == nil {
			first.Close()
		}
		again := mustOpen(t, fs, Options{Now: (&clock{start.Add(2 * time.Hour)}).now})
		if v := theAgent(t, again, 1); v.Totals.Stored != 10 || v.Copied.IsZero() || len(again.Damage()) > 0 {
			t.Fatalf("call %d: %+v, %v", n, v, again.Damage())
		}
		if next := again.nextNotice(); next < uint64(start.Add(time.Hour).UnixMicro()) {
			t.Fatalf("call %d: the next notice has the number %d", n, next)
		}
		again.Close()
		if done {
			return
		}
	}
}

func TestACopyWhoseMarkCannotBeReadIsOneAllTheSame(t *testing.T) {
	f := mustOpen(t, vfs.NewFault(1), Options{})
	mustCommit(t, f, 1, 1, 1, 10, nil, nil)
	fs := copyTo(t, f)
	if err := fs.Remove("fleet/" + CopyMark); err != nil {
		t.Fatal(err)
	}
	fs.WriteFile("fleet/"+CopyMark, []byte("yesterday"))
	restored := mustOpen(t, fs, Options{})
	if v := theAgent(t, restored, 1); !v.Copied.Equal(start) {
		t.Errorf("%+v", v)
	}
}
