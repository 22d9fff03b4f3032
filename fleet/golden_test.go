package fleet

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/wire"
)

// The files of version 1: a batch, the snapshot of it, a repeat, and notices.
var goldenFiles = []string{"book/00000001.log", "book/00000002.log", "notices/00000001.log"}

// writeGolden makes the history of the golden files.
func writeGolden(t *testing.T, fs vfs.FS) {
	t.Helper()
	f := mustOpen(t, fs, Options{})
	h := header(1, 1<<63, 2, 3)
	answer := wire.BatchAnswer{
		Seq: 2, Outcomes: map[string]int64{wire.OutcomeStored: 2, wire.OutcomeRejected: 1}, Codes: map[string]int64{"InvalidSegment": 1},
		Rejected: []wire.RejectedDocument{{Index: 1, ID: "70de5b6f19ff9a0a", Code: "InvalidSegment", Detail: "no name"}},
	}
	list := []wire.Notice{{Trace: trace(1), Reason: "error"}, {Trace: trace(2), Reason: "slow"}}
	if err := f.Commit(h, answer, list, []byte(`{"epoch":9223372036854775808,"stored":0}`)); err != nil {
		t.Fatal(err)
	}
	f.book.bytes = f.opt.logBytes // the next commit writes the book anew
	drop := fs.(*vfs.Fault)
	drop.SetPlan(func(c vfs.Call) vfs.Verdict { // keep the file before it too
		if c.Op == vfs.OpRemove {
			return vfs.Verdict{Err: os.ErrPermission}
		}
		return vfs.Verdict{}
	})
	if err := f.Commit(h, answer, nil, nil); err == nil {
		t.Fatal("the old file was dropped")
	}
	drop.SetPlan(nil)
	if err := f.Commit(h, answer, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestFilesOfVersion1AreRead(t *testing.T) {
	if *rewrite {
		fs := vfs.NewFault(1)
		writeGolden(t, fs)
		for _, name := range goldenFiles {
			path := filepath.Join("testdata/v1", name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, fs.ReadFile("fleet/"+name), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	fs := vfs.NewFault(1)
	for _, name := range goldenFiles {
		b, err := os.ReadFile(filepath.Join("testdata/v1", name))
		if err != nil {
			t.Fatal(err)
		}
		fs.WriteFile("fleet/"+name, b)
	}
	f := mustOpen(t, fs, Options{})
	if d := f.Damage(); len(d) > 0 {
		t.Fatal(d)
	}
	v := theAgent(t, f, 1)
	if want := (Totals{Batches: 1, Documents: 3, Stored: 2, Rejected: 1, Repeated: 1}); v.Totals != want || v.Missing != 1 || v.Statement == nil {
		t.Errorf("%+v", v)
	}
	answered, release, err := f.Begin(t.Context(), header(1, 1<<63, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	release()
	if answered == nil || answered.Rejected[0].Detail != "no name" || answered.Codes["InvalidSegment"] != 1 {
		t.Errorf("%+v", answered)
	}
	if page := read(t, f, 2, 0, 10); len(page.Notices) != 2 || page.Notices[1].Reason != "slow" || page.Oldest != uint64(start.UnixMicro()) {
		t.Errorf("%+v", page)
	}
}
