package memory

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/storetest"
)

const dataDir = "data"

// clock is one that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: storetest.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// doc is a document of that trace and entity that starts and is received now.
func (c *clock) doc(t testing.TB, trace, id int, more string) roentgen.Stored {
	t.Helper()
	now := roentgen.At(c.Now())
	return storetest.Document{Trace: trace, ID: id, Parent: -1, Start: now, End: now + 1e6, Received: now, More: more}.Stored(t)
}

func padding(n int) string {
	return fmt.Sprintf(`,"metadata":{"p":%q}`, bytes.Repeat([]byte("p"), n))
}

func mustOpen(t testing.TB, fs vfs.FS, opt Options) *Store {
	t.Helper()
	s, _, err := Open(fs, dataDir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustAppend(t testing.TB, s *Store, docs ...roentgen.Stored) {
	t.Helper()
	outcomes, err := s.Append(context.Background(), docs)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if o > roentgen.Duplicate {
			t.Fatalf("document %d was %s", i, o)
		}
	}
}

func statsOf(t testing.TB, s *Store) store.Stats {
	t.Helper()
	stats, err := s.Stats(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return stats
}

// dump writes everything down that can be read, the store's own affairs not
// included.
func dump(t testing.TB, s *Store) string {
	t.Helper()
	var ids []roentgen.TraceID
	var all []any
	for c := range roentgen.ClockEnd + 1 {
		for p, err := range s.Partials(context.Background(), roentgen.Window{Clock: c, From: math.MinInt64, To: math.MaxInt64}) {
			if err != nil {
				t.Fatal(err)
			}
			all, ids = append(all, p), append(ids, p.Trace)
		}
	}
	for trace, err := range s.Traces(context.Background(), ids) {
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(trace.Documents, func(a, b roentgen.Stored) int { return bytes.Compare(a.Segment.ID[:], b.Segment.ID[:]) })
		all = append(all, trace)
	}
	stats := statsOf(t, s)
	stats.Evicted, stats.DiskBytes = 0, 0
	b, err := json.Marshal(append(all, stats))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// wantReopenedSame closes s and wants that what is opened then is the same.
func wantReopenedSame(t testing.TB, fs vfs.FS, s *Store, opt Options) *Store {
	t.Helper()
	want := dump(t, s)
	mustClose(t, s)
	s = mustOpen(t, fs, opt)
	if got := dump(t, s); got != want {
		t.Errorf("opened again:\n got  %.2000s\n want %.2000s", got, want)
	}
	return s
}

// traceNumbers lists the traces that are there, the newest first.
func traceNumbers(t testing.TB, s *Store) []int {
	t.Helper()
	out := []int{}
	for p, err := range s.Partials(context.Background(), roentgen.Window{From: math.MinInt64, To: math.MaxInt64}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, int(p.Trace[14])<<8+int(p.Trace[15])-1)
	}
	return out
}
