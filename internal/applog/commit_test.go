package applog

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// gate holds the syncs of data until they are let through.
type gate struct {
	pass chan struct{}
}

// shut makes every sync of fs wait from now on.
func shut(fs *vfs.Fault) *gate {
	g := &gate{pass: make(chan struct{})}
	fs.SetPlan(func(c vfs.Call) vfs.Verdict {
		if c.Op == vfs.OpSync {
			<-g.pass
		}
		return vfs.Verdict{}
	})
	return g
}

func (g *gate) open() { close(g.pass) }

// opened returns a log whose first file is made, so that the syncs that
// follow are those of data.
func opened(t *testing.T, fs *vfs.Fault, opt Options) *Log {
	l := mustOpen(t, fs, opt)
	mustAppend(t, l, "first")
	return l
}

func TestConcurrentCallsShareAnFsync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := vfs.NewFault(1)
		var synced []int
		l := opened(t, fs, Options{OnSync: func(_ time.Duration, n int) { synced = append(synced, n) }})
		before := l.Stats()
		g := shut(fs)
		var wg sync.WaitGroup
		call := func(i int) {
			wg.Go(func() { mustAppend(t, l, fmt.Sprint("a", i), fmt.Sprint("b", i)) })
		}
		call(0)
		synctest.Wait() // the first is being synced
		for i := 1; i < 65; i++ {
			call(i)
		}
		synctest.Wait() // 64 wait
		g.open()
		wg.Wait()
		after := l.Stats()
		if n := after.Syncs - before.Syncs; n != 2 {
			t.Errorf("%d fsyncs for 65 calls, want 2", n)
		}
		if after.Batches != 3 || after.BatchCalls[6] != 1 || after.Appends != 66 || after.Records != 131 {
			t.Errorf("stats: %+v", after)
		}
		mustClose(t, l)
		if want := "[0 0 1 2 128]"; fmt.Sprint(synced) != want { // header, directory, first, one call, 64 calls
			t.Errorf("OnSync was told of %v records, want %s", synced, want)
		}
	})
}

func TestABatchEndsWhereItIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := vfs.NewFault(1)
		l := opened(t, fs, Options{MaxRecordBytes: 100, MaxBatchBytes: 260})
		g := shut(fs)
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() { mustAppend(t, l, fmt.Sprintf("%0100d", 1)) })
			synctest.Wait()
		}
		g.open()
		wg.Wait()
		// first; then one alone; then five by twos.
		if s := l.Stats(); s.Batches != 5 || s.BatchCalls[1] != 2 {
			t.Errorf("stats: %+v", s)
		}
		mustClose(t, l)
	})
}

func TestACallThatIsNotTakenUpEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := vfs.NewFault(1)
		l := opened(t, fs, Options{Queue: 1})
		g := shut(fs)
		var wg sync.WaitGroup
		ctx, cancel := context.WithCancel(context.Background())
		var errs [3]error
		call := func(i int, ctx context.Context) {
			wg.Go(func() { _, errs[i] = l.Append(ctx, records(fmt.Sprint("call ", i))...) })
			synctest.Wait()
		}
		call(0, ctx) // being synced: waits whatever ctx says
		call(1, ctx) // in the queue
		call(2, ctx) // before the full queue
		cancel()
		synctest.Wait()
		g.open()
		wg.Wait()
		if errs[0] != nil {
			t.Errorf("the call that was taken up: %v", errs[0])
		}
		wantError(t, errs[1], context.Canceled)
		wantError(t, errs[2], context.Canceled)
		_, err := l.Append(ctx, records("late")...)
		wantError(t, err, context.Canceled)
		mustAppend(t, l, "last")
		wantRecords(t, l, "first", "call 0", "last")
		mustClose(t, l)
	})
}

func TestCloseWritesWhatWasHandedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := vfs.NewFault(1)
		l := opened(t, fs, Options{Queue: 1})
		g := shut(fs)
		var wg sync.WaitGroup
		var errs [3]error
		for i := range errs {
			wg.Go(func() { _, errs[i] = l.Append(context.Background(), records(fmt.Sprint("call ", i))...) })
			synctest.Wait()
		}
		wg.Go(func() { l.Close() })
		synctest.Wait()
		g.open()
		wg.Wait()
		if errs[0] != nil || errs[1] != nil {
			t.Errorf("calls that were handed over: %v, %v", errs[0], errs[1])
		}
		wantError(t, errs[2], ErrClosed) // it was still before the full queue
		fs.SetPlan(nil)
		l = mustOpen(t, fs, Options{})
		wantRecords(t, l, "first", "call 0", "call 1")
		mustClose(t, l)
	})
}

// failOnce fails the next call of op.
func failOnce(fs *vfs.Fault, op vfs.Op, v vfs.Verdict) {
	var once sync.Once
	fs.SetPlan(func(c vfs.Call) (verdict vfs.Verdict) {
		if c.Op == op {
			once.Do(func() { verdict = v })
		}
		return verdict
	})
}

func TestAFailedFsyncIsFinalAndNeverRepeated(t *testing.T) {
	for _, cause := range []error{syscall.EIO, syscall.ENOSPC} {
		fs := vfs.NewFault(1)
		l := opened(t, fs, Options{})
		failOnce(fs, vfs.OpSync, vfs.Verdict{Err: cause})
		before := l.Stats().Syncs
		for range 3 {
			_, err := l.Append(context.Background(), records("lost")...)
			wantError(t, err, ErrFailed)
			wantError(t, err, cause)
		}
		wantError(t, l.Err(), ErrFailed)
		wantError(t, l.DropBefore(9), ErrFailed)
		if n := l.Stats().Syncs - before; n != 1 {
			t.Errorf("%d fsyncs, want 1", n)
		}
		wantRecords(t, l, "first") // what was acknowledged stays readable
		mustClose(t, l)
	}
}

func TestRecordsThatReopeningShowsSurviveThePowerCutAfterIt(t *testing.T) {
	fs := vfs.NewFault(1)
	l := opened(t, fs, Options{})
	failOnce(fs, vfs.OpSync, vfs.Verdict{Err: syscall.EIO})
	if _, err := l.Append(context.Background(), records("in doubt")...); err == nil {
		t.Fatal("acknowledged without an fsync")
	}
	mustClose(t, l)
	l = mustOpen(t, fs, Options{}) // the page cache still has the record, marked clean
	wantRecords(t, l, "first", "in doubt")
	fs.Crash(vfs.LoseAll)
	l.Close()
	wantRecords(t, mustOpen(t, fs, Options{}), "first", "in doubt")
}

func TestAFullDiskIsAnAnswerAndTheLogGoesOn(t *testing.T) {
	for _, short := range []int{0, 1, 30, 2000} {
		fs := vfs.NewFault(1)
		l := opened(t, fs, Options{})
		failOnce(fs, vfs.OpWrite, vfs.Verdict{Err: syscall.ENOSPC, Short: short})
		_, err := l.Append(context.Background(), records("refused", fmt.Sprintf("%03000d", 1))...)
		wantError(t, err, ErrNoSpace)
		mustAppend(t, l, "second")
		wantRecords(t, l, "first", "second")
		fs.Crash(vfs.LoseSome)
		l.Close()
		wantRecords(t, mustOpen(t, fs, Options{}), "first", "second")
	}
}

// The kernel writes the refused records back before they are cut off, and the
// power goes at once: the cut itself must be durable.
func TestWhatAFullDiskRefusedDoesNotComeBack(t *testing.T) {
	fs := vfs.NewFault(1)
	l := opened(t, fs, Options{})
	fs.SetPlan(func(c vfs.Call) vfs.Verdict {
		switch c.Op {
		case vfs.OpWrite:
			return vfs.Verdict{Err: syscall.ENOSPC, Short: 2000}
		case vfs.OpTruncate:
			for range 20 { // once would do with a chance of one half
				fs.Writeback()
			}
		}
		return vfs.Verdict{}
	})
	_, err := l.Append(context.Background(), records("refused", fmt.Sprintf("%03000d", 1))...)
	wantError(t, err, ErrNoSpace)
	fs.Crash(vfs.LoseAll)
	l.Close()
	fs.SetPlan(nil)
	wantRecords(t, mustOpen(t, fs, Options{}), "first")
}

func TestAFullDiskThatCannotBeCutBackIsFinal(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpTruncate, vfs.OpSync} {
		fs := vfs.NewFault(1)
		l := opened(t, fs, Options{})
		fs.SetPlan(func(c vfs.Call) vfs.Verdict {
			switch c.Op {
			case vfs.OpWrite:
				return vfs.Verdict{Err: syscall.ENOSPC, Short: 10}
			case op:
				return vfs.Verdict{Err: syscall.EIO}
			}
			return vfs.Verdict{}
		})
		_, err := l.Append(context.Background(), records("refused")...)
		wantError(t, err, ErrFailed)
		wantError(t, err, syscall.EIO)
	}
}

// The kernel writes the half-made file back before it is removed; the current
// file takes more; the power goes while it takes the last.
func TestAFileGivenUpDoesNotComeBack(t *testing.T) {
	for _, short := range []int{0, 5, headerSize} {
		fs := vfs.NewFault(1)
		l := opened(t, fs, Options{})
		fs.SetPlan(func(c vfs.Call) vfs.Verdict {
			switch c.Op {
			case vfs.OpWrite:
				return vfs.Verdict{Err: syscall.ENOSPC, Short: short}
			case vfs.OpRemove:
				for range 20 {
					fs.Writeback()
				}
			}
			return vfs.Verdict{}
		})
		_, err := l.Rotate(context.Background())
		wantError(t, err, ErrNoSpace)
		fs.SetPlan(nil)
		mustAppend(t, l, "second")
		fs.Crash(vfs.LoseAll)
		l.Close()
		l = mustOpen(t, fs, Options{})
		if r := l.Recovery(); r.DroppedBytes != 0 || r.Damage != nil {
			t.Errorf("%d bytes of header written: %+v", short, r)
		}
		wantRecords(t, l, "first", "second")
		mustClose(t, l)
	}
}

func TestAFullDiskAtRotationIsAnAnswer(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite} {
		fs := vfs.NewFault(1)
		l := opened(t, fs, Options{})
		failOnce(fs, op, vfs.Verdict{Err: syscall.ENOSPC, Short: 5})
		_, err := l.Rotate(context.Background())
		wantError(t, err, ErrNoSpace)
		at, err := l.Rotate(context.Background())
		if err != nil || at.File != 2 {
			t.Errorf("after space came back: %s, %v", at, err)
		}
		mustAppend(t, l, "second")
		wantRecords(t, l, "first", "second")
	}
}
