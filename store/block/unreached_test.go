package block

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/storetest"
)

// withDamage is a store of two blocks with two traces each, of which the first
// has been damaged in one of its parts.
func withDamage(t *testing.T, part string) *ageing {
	t.Helper()
	a := newAgeing(t, Options{Retention: 100 * time.Hour})
	for n := range 4 {
		a.add(n, 1, "")
		if n%2 == 1 {
			a.do("flush", a.Flush(context.Background()))
		}
	}
	var at int64
	for _, b := range a.set() {
		if c, ok := b.file.Chunk(0); b.number == 1 && part == "chunk" && ok {
			at = c.Offset + int64(c.Bytes)/2
		}
		for _, p := range b.file.Parts() {
			if b.number == 1 && p.Name == part {
				at = p.Offset + p.Bytes/2
			}
		}
	}
	if at == 0 {
		t.Fatalf("the first block has no %s", part)
	}
	a.do("close", a.Store.Close())
	a.fs.Flip(blockPath("data", 1), at, 1)
	a.open()
	return a
}

func (a *ageing) wantUnreached(why string, paths ...string) []Unreached {
	a.Helper()
	got, err := a.Unreached(context.Background())
	a.do("list", err)
	if len(got) != len(paths) || int(a.Status().Unreached) != len(paths) {
		a.Fatalf("%s: %+v, want %v; the status has %d", why, got, paths, a.Status().Unreached)
	}
	for i, path := range paths {
		if got[i].Path != path || got[i].Why == "" || got[i].Until == 0 {
			a.Errorf("%s: %+v, want %s", why, got[i], path)
		}
	}
	return got
}

// TestADeletionNamesTheFilesThatItDoesNotReach has a trace in a damaged chunk:
// its bytes stay when it is deleted, until the file is repaired and discarded.
func TestADeletionNamesTheFilesThatItDoesNotReach(t *testing.T) {
	ctx := context.Background()
	a := withDamage(t, "chunk")
	a.wantUnreached("nothing was deleted")
	a.do("delete", a.Delete(ctx, storetest.TraceID(0)))
	a.do("compact", a.Compact(ctx))
	a.wantUnreached("a damaged block keeps what was deleted", blockPath("data", 1))
	a.do("close", a.Store.Close())
	opt := a.opt
	opt.Graph = a.Store.opt.Graph
	if _, err := Repair(ctx, a.fs, "data", opt); err != nil {
		t.Fatal(err)
	}
	a.open()
	aside := filepath.Join("data", DamagedDir, "blocks-00000001.blk")
	if got := a.wantUnreached("it was repaired", aside); !got[0].Aside {
		t.Errorf("%+v", got[0])
	}
	a.now = a.now.Add(99 * time.Hour)
	a.do("maintain", a.Maintain(ctx))
	a.wantUnreached("not past its retention", aside)
	a.now = a.now.Add(2 * time.Hour)
	a.do("maintain", a.Maintain(ctx))
	a.wantUnreached("past its retention")
	if a.fs.ReadFile(aside) != nil {
		t.Errorf("%s is still there", aside)
	}
}

// TestABlockThatIsNotServedGoesWithItsRetention has one of which the index is
// damaged: no trace in it can be deleted any more.
func TestABlockThatIsNotServedGoesWithItsRetention(t *testing.T) {
	ctx := context.Background()
	a := withDamage(t, "index")
	if a.revision(0) != 0 { // looks into it
		t.Fatal("a trace was found without an index")
	}
	path := blockPath("data", 1)
	for life := range 2 {
		if got := a.wantUnreached("set aside", path); got[0].Aside || !strings.Contains(got[0].Why, "not served") {
			t.Errorf("%+v", got)
		}
		a.do("maintain", a.Maintain(ctx))
		if life == 0 {
			a.die()
		}
	}
	a.now = a.now.Add(101 * time.Hour)
	a.do("maintain", a.Maintain(ctx))
	a.wantUnreached("past its retention")
	named, others, err := List(a.fs, "data")
	if err != nil || a.fs.ReadFile(path) != nil || len(others) > 0 {
		t.Errorf("%v, %v, %v", named, others, err)
	}
	for _, l := range named {
		if l.Path == path {
			t.Errorf("the catalogue names %s still", path)
		}
	}
	a.die()
	a.wantUnreached("after another start")
}

// TestRemovingADamagedFileMayBeBrokenOff cuts the power at every call.
func TestRemovingADamagedFileMayBeBrokenOff(t *testing.T) {
	ctx := context.Background()
	for n := 1; ; n++ {
		a := withDamage(t, "index")
		a.revision(0)
		a.now = a.now.Add(101 * time.Hour)
		before := a.fs.Calls()
		a.fs.SetPlan(func(c vfs.Call) vfs.Verdict { return vfs.Verdict{PowerOff: c.N == before+n} })
		err := a.Maintain(ctx)
		done := err == nil && a.fs.Calls() < before+n
		a.fs.SetPlan(nil)
		a.fs.Crash(vfs.LoseSome)
		_ = a.Store.Close() // of a dead process
		a.open()
		a.do("maintain", a.Maintain(ctx))
		a.wantUnreached("after it was repeated")
		if done {
			return
		}
	}
}
