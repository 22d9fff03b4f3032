package memory

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/storetest"
)

// both runs a test on a store with a log and on one without; check is called
// where a reopened store has to be the same.
func both(t *testing.T, opt Options, test func(t *testing.T, s *Store, check func(*Store) *Store)) {
	t.Run("without log", func(t *testing.T) {
		test(t, New(opt), func(s *Store) *Store { return s })
	})
	t.Run("with log", func(t *testing.T) {
		fs := vfs.NewFault(1)
		test(t, mustOpen(t, fs, opt), func(s *Store) *Store { return wantReopenedSame(t, fs, s, opt) })
	})
}

func wantTraces(t *testing.T, s *Store, want ...int) {
	t.Helper()
	if got := traceNumbers(t, s); !slices.Equal(got, want) {
		t.Errorf("traces %v, want %v", got, want)
	}
}

func maintain(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Maintain(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestRetentionDropsWhatIsTooOldEvenWhenNothingArrives(t *testing.T) {
	c := newClock()
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	both(t, opt, func(t *testing.T, s *Store, check func(*Store) *Store) {
		mustAppend(t, s, c.doc(t, 1, 1, ""))
		c.add(15 * time.Hour)
		mustAppend(t, s, c.doc(t, 2, 1, ""))
		wantTraces(t, s, 2, 1)
		c.add(2 * time.Hour)
		maintain(t, s)
		wantTraces(t, s, 2)
		s = check(s)
		c.add(15 * time.Hour)
		maintain(t, s)
		wantTraces(t, s)
		if got := statsOf(t, s); got.Traces != 0 || got.Documents != 0 || got.Bytes != 0 || got.Oldest != 0 {
			t.Errorf("an empty store: %+v", got)
		}
		mustAppend(t, s, c.doc(t, 3, 1, ""))
		wantTraces(t, check(s), 3)
	})
}

func TestATrickleDoesNotKeepTheOldest(t *testing.T) {
	c := newClock()
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	both(t, opt, func(t *testing.T, s *Store, check func(*Store) *Store) {
		for n := range 200 { // one small document every 20 minutes, far from filling a file
			mustAppend(t, s, c.doc(t, n, 1, ""))
			c.add(20 * time.Minute)
		}
		maintain(t, s)
		if got := len(traceNumbers(t, s)); got < 16*3-1 || got > 17*3+4 {
			t.Errorf("%d traces are kept of three an hour, 16 hours of them and up to one more", got)
		}
		if got := statsOf(t, s); int(got.Evicted)+got.Documents != 200 && got.Evicted > 0 {
			t.Errorf("%d documents of 200 are accounted for", int(got.Evicted)+got.Documents)
		}
		check(s)
	})
}

func TestAClockThatJumpedDoesNotKeepDocuments(t *testing.T) {
	c := newClock()
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	both(t, opt, func(t *testing.T, s *Store, check func(*Store) *Store) {
		c.add(1000 * time.Hour)
		mustAppend(t, s, c.doc(t, 1, 1, ""))
		c.add(-1000 * time.Hour)
		for n := range 3 {
			c.add(2 * time.Hour)
			mustAppend(t, s, c.doc(t, 2+n, 1, ""))
		}
		s = check(s)
		c.add(40 * time.Hour)
		maintain(t, s)
		wantTraces(t, s)
	})
}

func TestTheOldestGoFirstWhenThereIsTooMuch(t *testing.T) {
	c := newClock()
	opt := Options{MaxBytes: 200_000, Now: c.Now}
	both(t, opt, func(t *testing.T, s *Store, check func(*Store) *Store) {
		const documents = 600
		for n := range documents {
			mustAppend(t, s, c.doc(t, n, 1, padding(1000)))
			c.add(time.Second)
			if got := statsOf(t, s).Bytes; got > opt.MaxBytes {
				t.Fatalf("%d bytes are held, at most %d", got, opt.MaxBytes)
			}
		}
		got := traceNumbers(t, s)
		if len(got) < 100 || got[0] != documents-1 || got[0]-got[len(got)-1] != len(got)-1 {
			t.Errorf("traces %v: want the newest without a gap", got)
		}
		stats := statsOf(t, s)
		if int(stats.Evicted)+stats.Documents != documents {
			t.Errorf("%d evicted and %d there, of %d", stats.Evicted, stats.Documents, documents)
		}
		if s.log != nil && stats.DiskBytes > opt.MaxBytes*5/4 {
			t.Errorf("%d bytes on disk", stats.DiskBytes)
		}
		check(s)
	})
}

// What is left of a trace after some of its documents were evicted is what
// those that are left make, whether the store was opened again or not.
func TestWhatIsLeftIsWhatTheRestMakes(t *testing.T) {
	c := newClock()
	opt := Options{Retention: 16 * time.Hour, MaxTraceBytes: 3000, Now: c.Now}
	both(t, opt, func(t *testing.T, s *Store, check func(*Store) *Store) {
		complete := c.doc(t, 1, 1, `,"user":"first"`)
		mustAppend(t, s, complete, c.doc(t, 1, 2, ""))
		big := c.doc(t, 1, 3, padding(3000))
		if got, err := s.Append(context.Background(), []roentgen.Stored{big}); err != nil || got[0] != roentgen.RefusedTraceTooLarge {
			t.Fatal(got, err)
		}
		c.add(8 * time.Hour)
		open := storetest.Document{Trace: 1, ID: 1, Parent: -1, Start: roentgen.At(c.Now()), Received: roentgen.At(c.Now())}.Stored(t)
		if got, err := s.Append(context.Background(), []roentgen.Stored{open}); err != nil || got[0] != roentgen.Replaced {
			t.Fatal(got, err)
		}
		s = check(s)
		if trace := oneTrace(t, s, 1); trace.Revision != 3 || !trace.LimitExceeded || trace.Documents[0].Segment.InProgress {
			t.Errorf("before: %+v", trace)
		}
		c.add(10 * time.Hour)
		maintain(t, s)
		s = check(s)
		trace := oneTrace(t, s, 1)
		if trace.Revision != 1 || trace.LimitExceeded || len(trace.Documents) != 1 || !trace.Documents[0].Segment.InProgress {
			t.Errorf("after: %+v", trace)
		}
		if stats := statsOf(t, s); stats.Documents != 1 || stats.Bytes != int64(len(open.Segment.Document)) {
			t.Errorf("stats %+v", stats)
		}
		mustAppend(t, s, storetest.Document{Trace: 1, ID: 9, Parent: -1, Start: roentgen.At(c.Now()), Received: 1, More: padding(2000)}.Stored(t)) // there is room again
	})
}

func oneTrace(t *testing.T, s *Store, n int) *roentgen.Trace {
	t.Helper()
	for trace, err := range s.Traces(context.Background(), []roentgen.TraceID{storetest.TraceID(n)}) {
		if err != nil {
			t.Fatal(err)
		}
		return trace
	}
	t.Fatalf("trace %d is not there", n)
	return nil
}

func TestAnOldStartIsRefusedUnlessTheDocumentIsThere(t *testing.T) {
	c := newClock()
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	both(t, opt, func(t *testing.T, s *Store, check func(*Store) *Store) {
		old, there := c.doc(t, 1, 2, ""), c.doc(t, 1, 1, "")
		c.add(10 * time.Hour)
		mustAppend(t, s, there)
		c.add(7 * time.Hour)
		edge := c.doc(t, 3, 1, "")
		edge.Segment.Start = roentgen.At(c.Now().Add(-16 * time.Hour))
		mustAppend(t, s, edge)
		c.add(time.Nanosecond)
		got, err := s.Append(context.Background(), []roentgen.Stored{old, there, c.doc(t, 2, 1, "")})
		want := []roentgen.Outcome{roentgen.RefusedTooOld, roentgen.Duplicate, roentgen.StoredNew}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("outcomes %v, %v; want %v", got, err, want)
		}
		if got := oneTrace(t, s, 1); got.Revision != 1 {
			t.Errorf("a refused document counts: revision %d", got.Revision)
		}
	})
}

func TestANegativeBoundIsNone(t *testing.T) {
	c := newClock()
	s := New(Options{Retention: -1, MaxBytes: -1, MaxTraceBytes: -1, Now: c.Now})
	old := c.doc(t, 1, 1, padding(DefaultMaxTraceBytes))
	c.add(100 * 365 * 24 * time.Hour)
	mustAppend(t, s, old, c.doc(t, 1, 2, ""))
	c.add(24 * time.Hour)
	maintain(t, s)
	wantTraces(t, s, 1)
}

// TestEvictionAndWritersAgreeWithTheLog has writers whose every call evicts what
// the one before it wrote. A document that was acknowledged into a file which
// was being dropped would be in memory and not in the log.
func TestEvictionAndWritersAgreeWithTheLog(t *testing.T) {
	c := newClock()
	for round := range 40 {
		fs, opt := vfs.NewFault(1), Options{MaxBytes: 3000, Now: c.Now}
		s := mustOpen(t, fs, opt)
		var work sync.WaitGroup
		for w := range 4 {
			work.Go(func() { crowd(t, s, c, w) })
		}
		work.Wait()
		if stats := statsOf(t, s); int(stats.Evicted)+stats.Documents != 4*20*2 || stats.Evicted < 100 {
			t.Fatalf("round %d: %+v", round, stats)
		}
		want := dump(t, s)
		fs.Crash(vfs.LoseAll)
		// Opening would evict what the last calls are over the bound together.
		if got := dump(t, mustOpen(t, fs, Options{Now: c.Now})); got != want {
			t.Fatalf("round %d, after a power cut:\n got  %.1000s\n want %.1000s", round, got, want)
		}
	}
}

func crowd(t *testing.T, s *Store, c *clock, writer int) {
	for n := range 20 {
		docs := []roentgen.Stored{c.doc(t, writer, n, padding(700)), c.doc(t, 10+n, writer, "")}
		if _, err := s.Append(context.Background(), docs); err != nil {
			t.Error(err)
			return
		}
	}
}

func TestAFileThatCannotBeRemovedGoesWithTheNext(t *testing.T) {
	c, fs := newClock(), vfs.NewFault(1)
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	s := mustOpen(t, fs, opt)
	mustAppend(t, s, c.doc(t, 1, 1, ""))
	c.add(17 * time.Hour)
	fs.SetPlan(func(call vfs.Call) vfs.Verdict {
		if call.Op == vfs.OpRemove {
			return vfs.Verdict{Err: syscall.EBUSY}
		}
		return vfs.Verdict{}
	})
	if err := s.Maintain(context.Background()); err == nil || !strings.Contains(err.Error(), "00000001.log") {
		t.Errorf("maintain: %v, want an error that names the file", err)
	}
	wantTraces(t, s)
	mustAppend(t, s, c.doc(t, 2, 1, ""))
	fs.SetPlan(nil)
	c.add(18 * time.Hour)
	maintain(t, s)
	if fs.ReadFile(filepath.Join(dataDir, tracesDir, "00000001.log")) != nil {
		t.Error("the file is still there")
	}
	wantTraces(t, wantReopenedSame(t, fs, s, opt))
}

func TestBeforeStopsAtTheBeginningOfTime(t *testing.T) {
	if got := before(math.MinInt64+5, 10); got != math.MinInt64 {
		t.Errorf("got %d", got)
	}
}
