package fleet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/wire"
)

func TestABatchThatComesAgainGetsItsAnswerAgain(t *testing.T) {
	fs := vfs.NewFault(1)
	f := mustOpen(t, fs, Options{})
	h := header(1, 9, 1, 3)
	_, release, err := f.Begin(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	given := wire.BatchAnswer{
		Seq: 1, Outcomes: map[string]int64{wire.OutcomeStored: 1, wire.OutcomeRefused: 1, wire.OutcomeRejected: 1},
		Codes:    map[string]int64{"InvalidSegment": 2},
		Rejected: []wire.RejectedDocument{{Index: 1, ID: "a", Code: "InvalidSegment", Detail: "why"}},
	}
	if err := f.Commit(h, given, nil, nil); err != nil {
		t.Fatal(err)
	}
	release()
	want := given
	want.Repeated = true
	for life := range 3 {
		answered, release, err := f.Begin(t.Context(), h)
		if err != nil || answered == nil || !reflect.DeepEqual(*answered, want) {
			t.Fatalf("life %d: %+v, %v; want %+v", life, answered, err, want)
		}
		if err := f.Commit(h, *answered, nil, nil); err != nil {
			t.Fatal(err)
		}
		release()
		got := theAgent(t, f, 1).Totals
		if want := (Totals{Batches: 1, Documents: 3, Stored: 1, Refused: 1, Rejected: 1, Repeated: int64(life + 1)}); got != want {
			t.Errorf("life %d: %+v, want %+v", life, got, want)
		}
		fs.Crash(vfs.LoseAll)
		f.Close()
		f = mustOpen(t, fs, Options{})
	}
}

// TestTwoAgentsOfOneIDAreNotMistakenForARepeat: a repeat has the same documents.
func TestTwoAgentsOfOneIDAreNotMistakenForARepeat(t *testing.T) {
	f := mustOpen(t, vfs.NewFault(1), Options{})
	mustCommit(t, f, 1, 9, 1, 3, nil, nil)
	h := header(1, 9, 1, 4)
	_, _, err := f.Begin(t.Context(), h)
	if roentgen.KindOf(err) != roentgen.Unavailable || !strings.Contains(err.Error(), "two agents have one id") {
		t.Errorf("another batch of the same number: %v", err)
	}
	h.Documents = 3
	answered, release, err := f.Begin(t.Context(), h)
	if err != nil || answered == nil || !answered.Repeated {
		t.Fatalf("the batch itself: %+v, %v", answered, err)
	}
	release()
}

func TestAnotherEpochIsAnotherBatch(t *testing.T) {
	f := mustOpen(t, vfs.NewFault(1), Options{})
	for epoch := range uint64(6) {
		mustCommit(t, f, 1, epoch+100, 1, 10, nil, nil)
	}
	v := theAgent(t, f, 1)
	if v.Totals.Documents != 60 || v.Totals.Batches != 6 || v.Totals.Repeated != 0 || len(v.Epochs) != maxEpochs || v.EarlierEpochs != 2 {
		t.Errorf("%+v", v)
	}
}

func TestTheSameBatchIsUnderWayOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := mustOpen(t, vfs.NewFault(1), Options{})
		defer f.Close()
		h := header(1, 1, 1, 2)
		_, release, err := f.Begin(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var second *wire.BatchAnswer
		wg.Go(func() {
			answered, release, err := f.Begin(t.Context(), h)
			if err != nil {
				t.Error(err)
				return
			}
			second = answered
			release()
		})
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			if _, _, err := f.Begin(ctx, h); !errors.Is(err, context.Canceled) {
				t.Errorf("a caller that gave up: %v", err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		if second != nil {
			t.Error("the second began before the first ended")
		}
		if err := f.Commit(h, stored(1, 2), nil, nil); err != nil {
			t.Fatal(err)
		}
		release()
		release() // harmless
		wg.Wait()
		if second == nil || !second.Repeated {
			t.Errorf("the second was answered %+v", second)
		}
	})
}

func TestABatchThatFailedMayComeAgain(t *testing.T) {
	fs := vfs.NewFault(1)
	f := mustOpen(t, fs, Options{})
	h := header(1, 1, 1, 2)
	for range 2 { // stored, and not committed: as if the store had failed
		answered, release, err := f.Begin(t.Context(), h)
		if err != nil || answered != nil {
			t.Fatalf("%+v, %v", answered, err)
		}
		release()
	}
	fs.SetPlan(func(c vfs.Call) vfs.Verdict {
		if c.Op == vfs.OpWrite {
			return vfs.Verdict{Err: syscall.ENOSPC}
		}
		return vfs.Verdict{}
	})
	if err := f.Commit(h, stored(1, 2), notices(0, 2), nil); roentgen.KindOf(err) != roentgen.Unavailable {
		t.Fatalf("a full disk: %v", err)
	}
	fs.SetPlan(nil)
	mustCommit(t, f, 1, 1, 1, 2, notices(0, 2), nil)
	page, err := f.Notices(t.Context(), name(2), 0, 0, 10)
	if err != nil || len(page.Notices) != 2 {
		t.Errorf("%+v, %v: the notices of the first try must not be lost", page, err)
	}
}

func TestAStatementThatIsNoJSONHarmsNobodyElse(t *testing.T) {
	f := mustOpen(t, vfs.NewFault(1), Options{})
	if err := f.Commit(header(1, 1, 1, 1), stored(1, 1), nil, []byte("{")); roentgen.KindOf(err) != roentgen.Invalid {
		t.Errorf("%v", err)
	}
	mustCommit(t, f, 1, 1, 1, 1, nil, nil)
}

func TestAfterCloseEverythingIsUnavailable(t *testing.T) {
	f := mustOpen(t, vfs.NewFault(1), Options{})
	h := header(1, 1, 1, 1)
	_, release, err := f.Begin(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	for range 2 {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Commit(h, stored(1, 1), nil, nil); roentgen.KindOf(err) != roentgen.Unavailable {
		t.Error(err)
	}
	if _, _, err := f.Begin(t.Context(), header(1, 1, 2, 1)); roentgen.KindOf(err) != roentgen.Unavailable {
		t.Error(err)
	}
	if _, err := f.Agents(t.Context()); roentgen.KindOf(err) != roentgen.Unavailable {
		t.Error(err)
	}
	if _, err := f.Notices(t.Context(), name(1), 0, time.Hour, 1); roentgen.KindOf(err) != roentgen.Unavailable {
		t.Error(err)
	}
}

// TestACutAtEachCallLosesNothing ends the power at each call of the disk in
// turn, while a fixed history is committed. What was acknowledged has to be
// there, and the history goes on to the same sums.
func TestACutAtEachCallLosesNothing(t *testing.T) {
	opt := Options{logBytes: 5 << 10, noticeFileBytes: 4 << 10}
	const batches = 21
	// play commits the batches that are not known yet and returns how many are.
	play := func(f *Fleet) int {
		for i := range batches {
			h := header(i%3, 1, uint64(i/3+1), 5)
			answered, release, err := f.Begin(t.Context(), h)
			if err != nil {
				return i
			}
			if answered == nil {
				err = f.Commit(h, stored(h.Seq, 5), notices(10*i, 10*i+3), []byte(`{"stored":1}`))
			}
			release()
			if err != nil {
				return i
			}
		}
		return batches
	}
	for cut := 1; ; cut++ {
		fs := vfs.NewFault(uint64(cut))
		fs.SetPlan(func(c vfs.Call) vfs.Verdict { return vfs.Verdict{PowerOff: c.N == cut} })
		done := 0
		f, err := Open(fs, "fleet", withClock(opt))
		if err == nil {
			done = play(f)
		}
		whole := fs.Calls() < cut
		fs.SetPlan(nil)
		fs.Crash(vfs.LoseSome)
		if f != nil {
			f.Close()
		}
		f, err = Open(fs, "fleet", withClock(opt))
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if d := f.Damage(); len(d) > 0 {
			t.Fatalf("cut at %d: damage %v", cut, d)
		}
		for i := range done {
			if answered, release, err := f.Begin(t.Context(), header(i%3, 1, uint64(i/3+1), 5)); err != nil || answered == nil {
				t.Fatalf("cut at %d: batch %d of %d was acknowledged and is gone: %v", cut, i, done, err)
			} else {
				release()
			}
		}
		if n := play(f); n != batches {
			t.Fatalf("cut at %d: %d batches", cut, n)
		}
		for a := range 3 {
			if got := theAgent(t, f, a); got.Totals.Documents != 5*batches/3 || got.Totals.Stored != 5*batches/3 || got.Missing != 0 {
				t.Fatalf("cut at %d: agent %d: %+v", cut, a, got)
			}
		}
		wantEveryNotice(t, f, cut, batches)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if whole {
			if cut < 100 {
				t.Errorf("the history takes %d calls only: it rewrites and drops nothing", cut)
			}
			return
		}
	}
}

func withClock(opt Options) Options {
	opt.Now = (&clock{start}).now
	return opt
}

func wantEveryNotice(t *testing.T, f *Fleet, cut, batches int) {
	t.Helper()
	seen := map[roentgen.TraceID]bool{}
	for after := uint64(0); ; {
		page, err := f.Notices(t.Context(), name(99), after, 0, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range page.Notices {
			seen[n.Trace] = true
		}
		if len(page.Notices) == 0 {
			break
		}
		after = page.Next
	}
	if len(seen) != 3*batches {
		t.Fatalf("cut at %d: %d notices of %d", cut, len(seen), 3*batches)
	}
}

// TestManyAtOnce has agents that repeat, and others that read, all at the same
// time; the sums are exact.
func TestManyAtOnce(t *testing.T) {
	fs := vfs.NewFault(1)
	f := mustOpen(t, fs, Options{logBytes: 32 << 10, noticeFileBytes: 16 << 10, Gather: time.Millisecond})
	const agents, batches = 8, 60
	var wg sync.WaitGroup
	for a := range agents {
		for half := range 2 { // two at a time, as an agent has them on the way
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(a), uint64(half)))
				for i := range batches / 2 {
					seq := uint64(2*i + half + 1)
					for range 1 + r.IntN(2) {
						mustCommit(t, f, a, 7, seq, 3, notices(1000*a+10*int(seq), 1000*a+10*int(seq)+2), nil)
					}
				}
			})
		}
		wg.Go(func() {
			mine := 0
			for after := uint64(0); mine < 2*batches*(agents-1); {
				page, err := f.Notices(t.Context(), name(a), after, time.Minute, 50)
				if err != nil {
					t.Error(err)
					return
				}
				after, mine = page.Next, mine+len(page.Notices)
			}
		})
	}
	wg.Wait()
	for a := range agents {
		v := theAgent(t, f, a)
		if v.Totals.Batches != batches || v.Totals.Documents != 3*batches || v.Totals.Settled() != 3*batches || v.Missing != 0 {
			t.Errorf("agent %d: %+v", a, v)
		}
	}
}

func TestTheBookIsWrittenAnewWhenItIsMostlyHistory(t *testing.T) {
	fs := vfs.NewFault(1)
	f := mustOpen(t, fs, Options{logBytes: 8 << 10})
	for i := range 400 {
		mustCommit(t, f, i%2, 1, uint64(i/2+1), 1, nil, []byte(fmt.Sprintf(`{"stored":%d}`, i)))
	}
	size := int64(0)
	for _, file := range f.book.log.Files() {
		size += file.Bytes
	}
	if n := len(f.book.log.Files()); size > 200<<10 {
		t.Errorf("%d files of %d bytes", n, size)
	}
	fs.Kill()
	f.Close()
	f = mustOpen(t, fs, Options{logBytes: 8 << 10})
	for a := range 2 {
		v := theAgent(t, f, a)
		if v.Totals.Stored != 200 || string(v.Statement) != fmt.Sprintf(`{"stored":%d}`, 398+a) || v.Before.Stored != 199 {
			t.Errorf("agent %d: %+v", a, v)
		}
	}
}

func TestAgentsThatAreSilentForLongAreForgotten(t *testing.T) {
	c := &clock{start}
	f := mustOpen(t, vfs.NewFault(1), Options{Now: c.now, MaxAgents: 3})
	for a := range 5 {
		mustCommit(t, f, a, 1, 1, 1, nil, nil)
		c.Time = c.Add(time.Hour)
	}
	views, err := f.Agents(t.Context())
	if err != nil || len(views) != 3 || views[0].Host != "web-2" {
		t.Errorf("%d agents, first %+v, %v", len(views), views[0], err)
	}
	c.Time = c.Add(30*24*time.Hour - 90*time.Minute)
	if views, _ = f.Agents(t.Context()); len(views) != 1 || views[0].Host != "web-4" {
		t.Errorf("%+v", views)
	}
}

func TestDamageIsSaidAndSteppedOver(t *testing.T) {
	fs := vfs.NewFault(1)
	f := mustOpen(t, fs, Options{})
	for i := range 9 {
		mustCommit(t, f, 1, 1, uint64(i+1), 10, notices(i, i+1), nil)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	fs.Flip("fleet/book/00000001.log", 200, 1)
	fs.Flip("fleet/notices/00000001.log", 200, 1)
	f = mustOpen(t, fs, Options{Now: (&clock{start.Add(time.Minute)}).now})
	if len(f.Damage()) < 2 {
		t.Errorf("damage: %v", f.Damage())
	}
	if v := theAgent(t, f, 1); v.Totals.Documents == 0 || v.Totals.Documents >= 90 || v.Totals.Documents != v.Totals.Settled() {
		t.Errorf("%+v", v.Totals)
	}
	page, err := f.Notices(t.Context(), name(2), 0, 0, 100)
	if err != nil || len(page.Notices) == 0 || len(page.Notices) >= 9 {
		t.Errorf("%+v, %v", page, err)
	}
	mustCommit(t, f, 3, 1, 1, 1, notices(50, 51), nil)
	next, err := f.Notices(t.Context(), name(2), page.Next, 0, 100)
	if err != nil || len(next.Notices) != 1 || next.Next <= page.Next {
		t.Errorf("numbers were given twice: %+v, %v", next, err)
	}
}
