package block

import (
	"context"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/storetest"
)

// ageing is a store whose clock a test moves.
type ageing struct {
	*testing.T
	*Store
	fs  *vfs.Fault
	opt Options
	now time.Time
}

func newAgeing(t *testing.T, opt Options) *ageing {
	a := &ageing{T: t, fs: vfs.NewFault(1), now: storetest.Now(), opt: opt}
	a.opt.Manual, a.opt.Shards, a.opt.Now = true, 1, func() time.Time { return a.now }
	a.open()
	t.Cleanup(func() { a.Store.Close() })
	return a
}

func (a *ageing) open() { a.Store = mustOpen(a.T, a.fs, a.opt) }

// die ends the process and begins another.
func (a *ageing) die() {
	a.fs.Kill()
	_ = a.Store.Close() // of a dead process: whatever it says
	a.open()
}

// add appends a document that starts and is received now.
func (a *ageing) add(trace, id int, more string) {
	a.Helper()
	at := roentgen.At(a.now)
	d := storetest.Document{Trace: trace, ID: id, Parent: -1, Start: at, End: at + 1e6, Received: at, More: more}
	if out, err := a.Append(context.Background(), []roentgen.Stored{d.Stored(a)}); err != nil || out[0] != roentgen.StoredNew {
		a.Fatalf("append: %v, %v", out, err)
	}
}

func (a *ageing) do(what string, err error) {
	a.Helper()
	if err != nil {
		a.Fatalf("%s: %v", what, err)
	}
}

// revision is how many documents the store has of a trace.
func (a *ageing) revision(trace int) int {
	a.Helper()
	for t, err := range a.Traces(context.Background(), []roentgen.TraceID{storetest.TraceID(trace)}) {
		a.do("read", err)
		return t.Revision
	}
	return 0
}

func (a *ageing) want(trace, revision int) {
	a.Helper()
	if got := a.revision(trace); got != revision {
		a.Errorf("trace %d has %d documents, want %d", trace, got, revision)
	}
	wantInOrder(a.T, a.Store)
}

// TestWhatGoesOnOutlivesItsBlock evicts a block out of which a trace was pulled,
// and then kills the process.
func TestWhatGoesOnOutlivesItsBlock(t *testing.T) {
	a := newAgeing(t, Options{Retention: 10 * time.Hour})
	a.add(1, 1, "")
	a.add(2, 1, "")
	a.do("flush", a.Flush(context.Background()))
	a.now = a.now.Add(9 * time.Hour)
	a.add(1, 2, "")
	a.now = a.now.Add(2 * time.Hour)
	a.do("maintain", a.Maintain(context.Background()))
	a.want(1, 2)
	a.want(2, 0)
	a.die()
	a.want(1, 2)
	a.want(2, 0)
}

// TestWhatIsKeptLongerComesBackFromTheLog has a server down for longer than
// traces without a failure are kept.
func TestWhatIsKeptLongerComesBackFromTheLog(t *testing.T) {
	a := newAgeing(t, Options{Retention: 10 * time.Hour, RetainFailing: 100 * time.Hour})
	a.add(1, 1, `,"fault":true`)
	a.add(2, 1, "")
	a.add(3, 1, "")
	a.now = a.now.Add(9 * time.Hour)
	a.add(3, 2, "")
	a.now = a.now.Add(2 * time.Hour)
	a.die()
	a.want(1, 1)
	a.want(2, 0)
	a.want(3, 2) // whole: of a trace the last document counts
	a.now = a.now.Add(100 * time.Hour)
	a.die()
	a.want(1, 0)
}

// TestFailingTracesStayLonger has blocks written anew with what failed.
func TestFailingTracesStayLonger(t *testing.T) {
	a := newAgeing(t, Options{Retention: 10 * time.Hour, RetainFailing: 100 * time.Hour})
	a.add(1, 1, `,"fault":true`)
	a.add(2, 1, "")
	a.do("flush", a.Flush(context.Background()))
	a.now = a.now.Add(11 * time.Hour)
	a.do("maintain", a.Maintain(context.Background()))
	a.want(1, 1)
	a.want(2, 0)
	a.die()
	a.want(1, 1)
	a.now = a.now.Add(100 * time.Hour)
	a.do("maintain", a.Maintain(context.Background()))
	a.want(1, 0)
	if s, err := a.Stats(context.Background()); err != nil || s.Traces != 0 || s.Evicted != 1 {
		t.Errorf("%+v, %v: want nothing, and one document evicted since the last start", s, err)
	}
}

// TestTheDiskIsBounded evicts the oldest blocks.
func TestTheDiskIsBounded(t *testing.T) {
	a := newAgeing(t, Options{MaxDiskBytes: 20_000})
	for n := range 20 {
		a.add(n, 1, "")
		a.do("flush", a.Flush(context.Background()))
		a.now = a.now.Add(time.Minute)
	}
	a.add(0, 2, "") // goes on, and its block is the first to go
	a.do("maintain", a.Maintain(context.Background()))
	total := int64(0)
	for _, b := range a.set() {
		total += b.file.Bytes()
	}
	if total > a.opt.MaxDiskBytes || len(a.set()) < 2 {
		t.Errorf("%d bytes in %d blocks, want at most %d and some blocks", total, len(a.set()), a.opt.MaxDiskBytes)
	}
	a.want(0, 2)
	a.want(1, 0)
	a.die()
	a.want(0, 2)
}
