package block

import (
	"context"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/storetest"
)

// TestMain lets this binary also be the child that kill_test.go kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(childMain(dir))
	}
	goleak.VerifyTestMain(m)
}

const dataDir = "data"

func testOptions() Options {
	return Options{MaxTraceBytes: storetest.TraceBytes, Now: storetest.Now, Shards: 2, Manual: true}
}

func mustOpen(t *testing.T, fs vfs.FS, opt Options) *Store {
	t.Helper()
	s, _, err := Open(fs, dataDir, opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPromiseInTheHead keeps everything in the head.
func TestPromiseInTheHead(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Store { return mustOpen(t, vfs.NewFault(1), testOptions()) }, storetest.Caps{})
}

// moving is a store that flushes and compacts after every so many calls of
// Append, so that traces are in blocks when they are asked for and go on.
type moving struct {
	*Store
	t     *testing.T
	every int // calls between two flushes; twice as many between two compactions
	calls chan int
	// faults: the file system fails, so that only what was acknowledged counts.
	faults bool
}

func newMoving(t *testing.T, every int) *moving {
	m := &moving{Store: mustOpen(t, vfs.NewFault(1), testOptions()), t: t, every: every, calls: make(chan int, 1)}
	m.calls <- 0
	return m
}

func (m *moving) Append(ctx context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error) {
	out, err := m.Store.Append(ctx, docs)
	n := <-m.calls + 1
	m.calls <- n
	if n%m.every == 0 {
		m.want("flush", m.Flush(context.Background()))
	}
	if n%(2*m.every) == 0 {
		m.want("compact", m.Compact(context.Background()))
	}
	return out, err
}

// want takes it that a test has closed the store.
func (m *moving) want(what string, err error) {
	if err != nil && !m.faults && roentgen.KindOf(err) != roentgen.Unavailable {
		m.t.Errorf("%s: %v", what, err)
	}
}

// TestPromiseInBlocks keeps much in blocks. With all of it there, the random
// lives are.
func TestPromiseInBlocks(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Store { return newMoving(t, 8) }, storetest.Caps{})
}

// TestPromiseWithAHouseKept has the keeper flush and compact in the background.
func TestPromiseWithAHouseKept(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Store {
		opt := testOptions()
		opt.Manual, opt.HeadBytes, opt.FlushAge, opt.Now = false, 60_000, time.Millisecond, nil
		opt.Now = storetest.Now
		return mustOpen(t, vfs.NewFault(1), opt)
	}, storetest.Caps{})
}

func TestDurabilityOfTheHead(t *testing.T) {
	t.Parallel()
	storetest.RunDurableInSteps(t, func(fs vfs.FS) (store.Store, error) {
		s, _, err := Open(fs, dataDir, testOptions())
		if err != nil {
			return nil, err
		}
		return s, nil
	}, slower)
}

// TestDurabilityOfBlocks has every seventh call fail: there are ten times as many
// as without blocks. The long tests take each of them.
func TestDurabilityOfBlocks(t *testing.T) { durabilityOfBlocks(t, 7*slower) }

// durabilityOfBlocks flushes and compacts between the calls, whatever comes of it,
// so that faults hit the making of blocks.
func durabilityOfBlocks(t *testing.T, step int) {
	t.Parallel()
	storetest.RunDurableInSteps(t, func(fs vfs.FS) (store.Store, error) {
		s, _, err := Open(fs, dataDir, testOptions())
		if err != nil {
			return nil, err
		}
		m := &moving{Store: s, t: t, every: 4, calls: make(chan int, 1), faults: true}
		m.calls <- 0
		return m, nil
	}, step)
}
