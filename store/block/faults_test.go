package block

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/storetest"
)

// lived is a disk with a store that has lived: blocks, of which one has dead
// rows, and a head in its logs. What is in it is told for comparison.
type lived struct {
	fs      *vfs.Fault
	content map[roentgen.TraceID]string
	sent    map[string]bool // the texts of all documents
}

func live(t *testing.T, seed uint64) *lived {
	t.Helper()
	l := &lived{fs: vfs.NewFault(seed), sent: map[string]bool{}}
	s, r := mustOpen(t, l.fs, testOptions()), storetest.NewRandom(seed)
	r.Traces = 40
	for n := range 60 {
		d := r.Document().Stored(t)
		l.sent[string(d.Segment.Document)] = true
		if _, err := s.Append(context.Background(), []roentgen.Stored{d}); err != nil {
			t.Fatal(err)
		}
		if n%15 == 14 && n < 50 {
			if err := s.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Delete(context.Background(), oldestOf(t, s)); err != nil {
		t.Fatal(err)
	}
	l.content = contentOf(t, s)
	l.fs.Kill()
	_ = s.Close() // of a dead process: the head stays in the logs
	return l
}

// oldestOf is the trace of the last row of the oldest block.
func oldestOf(t *testing.T, s *Store) roentgen.TraceID {
	t.Helper()
	for _, b := range slices.Backward(s.set()) {
		x, err := b.index()
		if err != nil {
			t.Fatal(err)
		}
		for row := range x.Len() {
			if !b.dead.has(row) {
				return x.ID(row)
			}
		}
	}
	t.Fatal("no row counts")
	return roentgen.TraceID{}
}

// contentOf writes down every trace, as the loop over a window finds it and, if
// it is found by its id, that it is the same.
func contentOf(t *testing.T, s *Store) map[roentgen.TraceID]string {
	t.Helper()
	out := map[roentgen.TraceID]string{}
	for f, err := range s.Find(context.Background(), roentgen.Window{From: math.MinInt64, To: math.MaxInt64}, nil) {
		if err != nil {
			t.Fatalf("find: %v", err)
		}
		if f.Trace == nil {
			continue
		}
		if out[f.Trace.ID] != "" {
			t.Errorf("trace %s is found twice", f.Trace.ID)
		}
		out[f.Trace.ID] = traceText(f.Trace)
	}
	for tr, err := range s.Traces(context.Background(), slices.Collect(maps.Keys(out))) {
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		if text := traceText(tr); text != out[tr.ID] {
			t.Errorf("trace %s is\n%s\nby its id, and in a window\n%s", tr.ID, text, out[tr.ID])
		}
	}
	return out
}

func traceText(t *roentgen.Trace) string {
	docs := slices.SortedFunc(slices.Values(t.Documents), func(a, b roentgen.Stored) int { return bytes.Compare(a.Segment.ID[:], b.Segment.ID[:]) })
	var b strings.Builder
	fmt.Fprintf(&b, "%d %v\n", t.Revision, t.LimitExceeded)
	for _, d := range docs {
		fmt.Fprintf(&b, "%d %v %s\n", d.Received, d.Keep, d.Segment.Document)
	}
	return b.String()
}

// files are all files of the store.
func (l *lived) files(t *testing.T) (paths []string) {
	t.Helper()
	for _, dir := range []string{blocksDir, catalogueDir, "wal-00", "wal-01"} {
		names, err := l.fs.List(filepath.Join(dataDir, dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if name != "LOCK" {
				paths = append(paths, filepath.Join(dataDir, dir, name))
			}
		}
	}
	return paths
}

// TestDamageAnywhere flips bits, cuts and fills with zeros at places spread over
// every file.
func TestDamageAnywhere(t *testing.T) { damageAnywhere(t, 16) }

// damageAnywhere tries so many places of each file.
func damageAnywhere(t *testing.T, places int64) {
	t.Parallel()
	l := live(t, 7)
	ways := []struct {
		name string
		do   func(b []byte, at int64) []byte
	}{
		{"a flipped bit", func(b []byte, at int64) []byte { b[at] ^= 1 << (at % 8); return b }},
		{"an end", func(b []byte, at int64) []byte { return b[:at] }},
		{"zeros", func(b []byte, at int64) []byte { clear(b[at:min(at+512, int64(len(b)))]); return b }},
		{"garbage behind", func(b []byte, at int64) []byte { return append(b, b[:at+1]...) }},
	}
	files := l.files(t)
	for i, path := range files {
		youngest := i+1 == len(files) || filepath.Dir(files[i+1]) != filepath.Dir(path)
		size := int64(len(l.fs.ReadFile(path)))
		stride := max(1, size/places)
		for at, n := int64(0), 0; at < size; at, n = at+stride, n+1 {
			way := ways[(n+int(size))%len(ways)]
			if way.name == "an end" && youngest && l.recordBegins(t, path, at) {
				continue // so looks a log that was never written further: nobody can tell
			}
			what := fmt.Sprintf("%s: %s at %d of %d", path, way.name, at, size)
			fs := copied(t, l.fs, 1)
			fs.WriteFile(path, way.do(l.fs.ReadFile(path), at))
			l.wantHonest(t, what, fs)
		}
	}
}

// recordBegins says whether a record of a log begins there.
func (l *lived) recordBegins(t *testing.T, path string, at int64) (begins bool) {
	t.Helper()
	if filepath.Ext(path) != ".log" {
		return false
	}
	_, err := applog.Examine(l.fs, path, func(pos applog.Position, _ byte, _ []byte) error {
		begins = begins || pos.Offset == at
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return begins
}

// wantHonest opens a damaged store: what it gives is what was sent, whole, what
// it lacks it tells of, and it goes on.
func (l *lived) wantHonest(t *testing.T, what string, fs *vfs.Fault) {
	t.Helper()
	s, found, err := Open(fs, dataDir, testOptions())
	if err != nil {
		if !strings.Contains(err.Error(), "roentgen store repair") && !strings.Contains(err.Error(), "newer version") && !strings.Contains(err.Error(), "not an append log") {
			t.Errorf("%s: open: %v, want the command that helps", what, err)
		}
		return
	}
	got := contentOf(t, s)
	if _, err := s.Graph(context.Background(), store.GraphWindow{From: math.MinInt64, To: math.MaxInt64}); err != nil {
		t.Errorf("%s: graph: %v", what, err)
	}
	told := len(found.Spoilt)+len(s.Damage())+found.Unreadable > 0
	for _, log := range found.Logs {
		told = told || len(log.Damage) > 0 || log.DroppedBytes > 0
	}
	for id, text := range l.content {
		if got[id] != text && !told {
			t.Errorf("%s: trace %s is\n%s\nwant\n%s\nand nobody is told of any damage", what, id, got[id], text)
		}
	}
	for id, text := range got {
		for line := range strings.Lines(text) {
			if _, doc, ok := strings.Cut(line, "{"); ok && !l.sent["{"+strings.TrimSuffix(doc[strings.Index(doc, "{")+1:], "\n")] {
				t.Errorf("%s: trace %s has a document that nobody sent: %s", what, id, line)
			}
		}
	}
	l.wantGoesOn(t, what, fs, s)
}

// wantGoesOn appends to every trace, moves all to blocks, and opens again.
func (l *lived) wantGoesOn(t *testing.T, what string, fs *vfs.Fault, s *Store) {
	t.Helper()
	var docs []roentgen.Stored
	for n := range 40 {
		at := roentgen.At(storetest.Now())
		docs = append(docs, storetest.Document{Trace: n, ID: 500, Parent: -1, Start: at, Received: at}.Stored(t))
	}
	if _, err := s.Append(context.Background(), docs); err != nil {
		t.Errorf("%s: append: %v", what, err)
	}
	if err := errors.Join(s.Flush(context.Background()), s.Compact(context.Background())); err != nil {
		t.Errorf("%s: keep house: %v", what, err)
	}
	wantInOrder(t, s)
	want := contentOf(t, s)
	fs.Kill()
	_ = s.Close() // of a dead process
	s, _, err := Open(fs, dataDir, testOptions())
	if err != nil {
		t.Errorf("%s: open again: %v", what, err)
		return
	}
	if got := contentOf(t, s); !maps.Equal(got, want) {
		t.Errorf("%s: opened again it has %d traces, want the %d from before, the same", what, len(got), len(want))
	}
	wantInOrder(t, s)
	if err := s.Close(); err != nil {
		t.Errorf("%s: close: %v", what, err)
	}
	if t.Failed() {
		t.FailNow() // one is enough
	}
}

// housework is everything that reads or writes files.
var housework = map[string]func(context.Context, *Store) error{
	"flush":    func(ctx context.Context, s *Store) error { return s.Flush(ctx) },
	"compact":  func(ctx context.Context, s *Store) error { return s.Compact(ctx) },
	"maintain": func(ctx context.Context, s *Store) error { return s.Maintain(ctx) },
	"snapshot": func(ctx context.Context, s *Store) error {
		snap, err := s.Snapshot(ctx)
		if err != nil {
			return err
		}
		return snap.Close()
	},
	"find": func(ctx context.Context, s *Store) error {
		for _, err := range s.Find(ctx, roentgen.Window{From: math.MinInt64, To: math.MaxInt64}, nil) {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"graph": func(ctx context.Context, s *Store) error {
		_, err := s.Graph(ctx, store.GraphWindow{From: math.MinInt64, To: math.MaxInt64})
		return err
	},
	"pull": func(ctx context.Context, s *Store) error {
		for _, b := range s.set() {
			x, err := b.index()
			if err != nil {
				return err
			}
			sh := s.shardOf(x.ID(0))
			if err := s.inTurn(ctx, sh, func() error { return sh.pull(x.ID(0)) }); err != nil {
				return err
			}
		}
		return nil
	},
	"groups": func(ctx context.Context, s *Store) error { return s.SetGroups(ctx, nil) },
	"stats":  func(ctx context.Context, s *Store) error { _, err := s.Stats(ctx); return err },
}

// TestAnErrorAtEveryCall fails each call to the file system of each piece of
// housework in turn, once or from then on. Nothing of it may lose anything, now,
// when it is done again, or after a power cut.
func TestAnErrorAtEveryCall(t *testing.T) { errorAtEveryCall(t, 3*slower) }

// errorAtEveryCall fails every n-th call.
func errorAtEveryCall(t *testing.T, stride int) {
	t.Parallel()
	l := live(t, 3)
	for name, do := range housework {
		for _, fault := range []struct {
			error
			stays bool
		}{{syscall.EIO, false}, {syscall.ENOSPC, false}, {syscall.ENOSPC, true}, {io.ErrUnexpectedEOF, false}} {
			for n := 1; ; n += stride {
				what := fmt.Sprintf("%s: %v at call %d, stays: %v", name, fault.error, n, fault.stays)
				if !l.failAt(t, what, do, func(c vfs.Call) error {
					wrong := fault.error == io.ErrUnexpectedEOF && c.Op != vfs.OpRead || fault.error == syscall.ENOSPC && c.Op != vfs.OpWrite && c.Op != vfs.OpCreate && c.Op != vfs.OpSync
					if wrong || c.N < n || c.N > n && !fault.stays {
						return nil
					}
					return fault.error
				}, n) {
					break
				}
			}
		}
	}
}

// failAt is false when there are fewer than n calls.
func (l *lived) failAt(t *testing.T, what string, do func(context.Context, *Store) error, fault func(vfs.Call) error, n int) bool {
	t.Helper()
	fs := copied(t, l.fs, uint64(n))
	opt := testOptions()
	opt.CacheBytes = 1
	s := mustOpen(t, fs, opt)
	fs.SetPlan(func(c vfs.Call) vfs.Verdict { return vfs.Verdict{Err: fault(c), Short: c.Bytes / 2} })
	_ = do(context.Background(), s) // it may fail
	calls := fs.Calls()
	fs.SetPlan(nil)
	if got := contentOf(t, s); !maps.Equal(got, l.content) {
		t.Fatalf("%s: there are %d traces, want %d, the same; damage: %v", what, len(got), len(l.content), s.Damage())
	}
	wantInOrder(t, s)
	_ = do(context.Background(), s) // a log may have failed for good
	fs.Crash(vfs.LoseSome)
	_ = s.Close() // of a dead process
	s = mustOpen(t, fs, testOptions())
	if got := contentOf(t, s); !maps.Equal(got, l.content) {
		t.Fatalf("%s: after a power cut there are %d traces, want %d, the same", what, len(got), len(l.content))
	}
	wantInOrder(t, s)
	if err := do(context.Background(), s); err != nil {
		t.Errorf("%s: after a power cut it cannot be done: %v", what, err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("%s: close: %v", what, err)
	}
	return calls >= n
}

// TestATraceThatBeganAnewStandsOnceAfterARepair sets a block aside, lets its
// traces go on without it, and repairs it.
func TestATraceThatBeganAnewStandsOnceAfterARepair(t *testing.T) {
	for offset := int64(0); offset < 900; offset += 150 {
		l := live(t, 5)
		path := blockPath(dataDir, 1)
		fs := copied(t, l.fs, 1)
		size := int64(len(fs.ReadFile(path)))
		fs.Flip(path, size-1-offset, 4)
		s := mustOpen(t, fs, testOptions())
		l.wantGoesOn(t, fmt.Sprintf("a flipped bit at %d of %d", size-1-offset, size), fs, s)
		r, err := Repair(context.Background(), fs, dataDir, testOptions())
		if err != nil {
			t.Fatal(err)
		}
		s = mustOpen(t, fs, testOptions())
		contentOf(t, s)
		wantInOrder(t, s)
		t.Logf("replaced %d, twice %d", len(r.Replaced), r.Twice)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
