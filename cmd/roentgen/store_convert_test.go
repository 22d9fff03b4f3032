package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/bench"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/block"
	"github.com/roentgen/roentgen/store/memory"
	"github.com/roentgen/roentgen/wire"
)

func convertClock() time.Time { return storeDay }

// convertTraceBytes is so little that the largest traces are cut off.
const convertTraceBytes = 7_000

// convertGroup is a group of the traces whose names begin so.
func convertGroup(t *testing.T, id, expression string) store.Group {
	t.Helper()
	e, err := filter.Parse(expression)
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.Matcher(nil)
	if err != nil {
		t.Fatal(err)
	}
	return store.Group{ID: id, Version: 3, Match: m}
}

func openOld(t *testing.T, dir string) *memory.Store {
	t.Helper()
	s, found, err := memory.Open(vfs.OS{}, dir, memory.Options{Retention: 1000 * time.Hour, MaxTraceBytes: convertTraceBytes, Graph: folding(), Now: convertClock})
	if err != nil || found.Unreadable > 0 || len(found.Damage) > 0 {
		t.Fatal(found, err)
	}
	return s
}

// oldDir fills a directory of the store memory: traces of which some are too
// large and some are superseded, deleted, or deleted and sent again; members of a
// group that is there and of one that is not any more; and a state.
func oldDir(t *testing.T) string {
	t.Helper()
	dir, ctx := filepath.Join(t.TempDir(), "old"), context.Background()
	s := openOld(t, dir)
	docs := convertDocuments(t)
	put := func(part [][]roentgen.Stored) {
		for some := range slices.Chunk(part, 25) {
			if _, err := s.Append(ctx, slices.Concat(some...)); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(docs[:100])
	slow, gone := convertGroup(t, "slow", `duration >= 0.2`), convertGroup(t, "gone", `ok`)
	if err := s.SetGroups(ctx, []store.Group{slow, gone}); err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		if err := s.Delete(ctx, docs[3*n][0].Segment.Trace); err != nil {
			t.Fatal(err)
		}
	}
	put(docs[30:])
	if err := s.SetGroups(ctx, []store.Group{slow}); err != nil {
		t.Fatal(err)
	}
	state, err := memory.OpenState(vfs.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	version, err := state.Put(ctx, "sampling-rule/a", []byte(`{"FixedRate":0.5}`), 0)
	_, err2 := state.Put(ctx, "sampling-rule/a", []byte(`{"FixedRate":0.25}`), version)
	if err := errors.Join(err, err2, state.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	oldBooks(t, dir)
	return dir
}

// oldBooks puts one batch of an agent into the books of a directory.
func oldBooks(t *testing.T, dir string) {
	t.Helper()
	cfg := config{Data: dir, Retention: time.Hour}
	known, err := openFleet(cfg, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h := wire.BatchHeader{Agent: "0123456789abcdef0123456789abcdef", Epoch: 1, Seq: 1, Documents: 5}
	answer := wire.BatchAnswer{Seq: 1, Outcomes: map[string]int64{wire.OutcomeStored: 5}}
	counted, err2 := openRates(cfg, slog.New(slog.DiscardHandler))
	if err := errors.Join(err2, known.Commit(h, answer, nil, nil), known.Close()); err != nil {
		t.Fatal(err)
	}
	m := graph.NewMinutes(graph.Options{})
	for n := range 7 {
		start := roentgen.At(time.Now().Add(-time.Minute))
		m.Add(&roentgen.Segment{Name: "shop", ID: roentgen.SegmentID{1, byte(n)}, Start: start, End: start + 1e6})
	}
	if err := errors.Join(counted.Add(h.Agent, 1, 1, m.Take(roentgen.At(time.Now()))), counted.Close()); err != nil {
		t.Fatal(err)
	}
}

// wantBooks wants what oldBooks put there, in a directory that came of it.
func wantBooks(t *testing.T, dir string) {
	t.Helper()
	cfg := config{Data: dir, Retention: time.Hour}
	known, err := openFleet(cfg, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer known.Close()
	views, err := known.Agents(t.Context())
	if err != nil || len(views) != 1 || views[0].Totals.Stored != 5 || views[0].Copied.IsZero() {
		t.Errorf("%+v, %v", views, err)
	}
	counted, err := openRates(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer counted.Close()
	now := roentgen.At(time.Now())
	if r, ok := counted.Window(now-roentgen.Time(time.Hour), now).Node(roentgen.ServiceID{Name: "shop"}); !ok || r.Stats.Count() != 7 {
		t.Errorf("%d requests of the shop were counted, want 7", r.Stats.Count())
	}
}

// convertDocuments are those of 200 traces, each received and kept in its own
// way; every fifth comes unfinished first.
func convertDocuments(t *testing.T) (out [][]roentgen.Stored) {
	m := bench.Model{Seed: 3, Traces: 200, Window: time.Hour, End: storeDay.Add(-time.Minute), Shape: bench.Plain}
	var b bench.Trace
	received := roentgen.At(storeDay.Add(-time.Hour))
	for i := range m.Traces {
		m.Make(i, &b)
		var docs []roentgen.Stored
		add := func(text []byte) {
			seg, err := wire.ParseDocument(text, wire.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			received += 12345
			keep := roentgen.Keep{}
			if i%7 == 0 {
				keep = roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1 / float64(i+1)}
			}
			docs = append(docs, roentgen.Stored{Segment: seg, Received: received, Keep: keep})
		}
		b.Documents(nil, func(text []byte, _ int) {
			if i%5 == 0 {
				add(unfinished(t, text))
			}
			add(text)
		})
		out = append(out, docs)
	}
	return out
}

// unfinished is the document before it was done.
func unfinished(t *testing.T, text []byte) []byte {
	var d map[string]any
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	delete(d, "end_time")
	delete(d, "subsegments")
	d["in_progress"] = true
	out, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// everything is all that a store says of what it holds.
func everything(t *testing.T, s store.Reader) string {
	t.Helper()
	ctx := context.Background()
	var out bytes.Buffer
	w := json.NewEncoder(&out)
	var ids []roentgen.TraceID
	for c := range roentgen.ClockEnd + 1 {
		for p, err := range s.Partials(ctx, roentgen.Window{Clock: c, From: math.MinInt64, To: math.MaxInt64}) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, p.Trace)
			slices.SortFunc(p.Parts, func(a, b roentgen.Part) int { return bytes.Compare(a.ID[:], b.ID[:]) })
			w.Encode(p)
		}
	}
	for trace, err := range s.Traces(ctx, ids) {
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(trace.Documents, func(a, b roentgen.Stored) int { return bytes.Compare(a.Segment.ID[:], b.Segment.ID[:]) })
		w.Encode(trace)
	}
	for _, group := range []string{"", "slow", "gone"} {
		g, err := s.Graph(ctx, store.GraphWindow{From: roentgen.At(storeDay.Add(-2 * time.Hour)), To: roentgen.At(storeDay), Group: group})
		if err != nil {
			t.Fatal(err)
		}
		w.Encode(g)
	}
	return out.String()
}

// files is the content of a directory.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		out[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The new store says of everything what the old one says, and the old directory
// is as it was.
func TestConvertKeepsEverything(t *testing.T) {
	old := oldDir(t)
	groups := []store.Group{convertGroup(t, "slow", `duration >= 0.2`), convertGroup(t, "gone", `user = "nobody"`)}
	before := files(t, old)
	for name, head := range map[string]int64{"in one block": 0, "in many": 60_000} {
		t.Run(name, func(t *testing.T) {
			to, ctx := filepath.Join(t.TempDir(), "new"), context.Background()
			done, err := convert(ctx, old, to, block.Options{Graph: folding(), Now: convertClock, HeadBytes: head})
			if err != nil || done.Documents == 0 || done.Damage != nil || done.Unreadable > 0 {
				t.Fatalf("%+v, %v", done, err)
			}
			after := files(t, old)
			for path, content := range before {
				if after[path] != content {
					t.Errorf("%s was changed", path)
				}
			}
			if len(after) != len(before) {
				t.Errorf("the old directory has %d files, had %d", len(after), len(before))
			}
			s, found, err := block.Open(vfs.OS{}, to, block.Options{Retention: 1000 * time.Hour, MaxTraceBytes: convertTraceBytes, Graph: folding(), Now: convertClock, Manual: true})
			if err != nil || found.Documents > 0 || found.Blocks == 0 {
				t.Fatalf("%+v, %v", found, err)
			}
			defer s.Close()
			want := openOld(t, copyDir(t, old))
			defer want.Close()
			for _, s := range []store.Store{s, want} { // the second time "gone" has lost its members
				if err := errors.Join(s.SetGroups(ctx, groups[:1]), s.SetGroups(ctx, groups)); err != nil {
					t.Fatal(err)
				}
			}
			all := everything(t, want)
			if !strings.Contains(all, `"LimitExceeded":true`) {
				t.Error("no trace is too large")
			}
			compareLines(t, everything(t, s), all)
			if stats, err := s.Stats(ctx); err != nil || stats.Documents != done.Documents || stats.Traces != done.Traces {
				t.Errorf("%+v, %v, and %+v was said", stats, err, done)
			}
			wantState(t, to)
			wantBooks(t, to)
		})
	}
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(a) != len(b) || len(b) < 500 {
		t.Errorf("%d lines, want %d", len(a), len(b))
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("line %d is\n%.2000s\nwant\n%.2000s", i, a[i], b[i])
		}
	}
}

func copyDir(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func wantState(t *testing.T, dir string) {
	t.Helper()
	s, err := memory.OpenState(vfs.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	items, err := s.List(context.Background(), "")
	if err != nil || len(items) != 1 || string(items[0].Value) != `{"FixedRate":0.25}` || items[0].Version != 2 {
		t.Errorf("state %+v, %v", items, err)
	}
}

func TestConvertRefuses(t *testing.T) {
	old, ctx := oldDir(t), context.Background()
	blocks, _ := storeDir(t)
	newDir := func() string { return filepath.Join(t.TempDir(), "new") }
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "letter"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	used := copyDir(t, old)
	defer openOld(t, used).Close()
	stateUsed := copyDir(t, old)
	state, err := memory.OpenState(vfs.OS{}, stateUsed)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	for _, c := range []struct{ name, from, to, says string }{
		{"a directory in use", used, newDir(), "in use by pid"},
		{"a state in use", stateUsed, newDir(), "in use by pid"},
		{"blocks", blocks, newDir(), `holds the store "block"`},
		{"somebody else's", full, newDir(), "not one of Roentgen's"},
		{"a target that is not empty", old, full, "is not empty, it holds letter"},
		{"itself", old, old, "is not empty"},
	} {
		_, err := convert(ctx, c.from, c.to, block.Options{})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// What is broken off says so to all who would open it.
func TestConvertBrokenOff(t *testing.T) {
	old, to := oldDir(t), filepath.Join(t.TempDir(), "new")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := convert(ctx, old, to, block.Options{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	says := "is unfinished: `roentgen store convert " + old + " --to " + to + "` was broken off"
	_, _, err := block.Open(vfs.OS{}, to, storeOptions())
	_, err2 := memory.OpenState(vfs.OS{}, to)
	_, err3 := convert(context.Background(), old, to, block.Options{})
	_, err4 := block.Repair(context.Background(), vfs.OS{}, to, storeOptions())
	for i, err := range []error{err, err2, err3, err4} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("case %d: %v", i, err)
		}
	}
}

// Damage is passed over and named.
func TestConvertDamaged(t *testing.T) {
	old := copyDir(t, oldDir(t))
	logs, err := filepath.Glob(filepath.Join(old, "traces", "*.log"))
	if err != nil || len(logs) == 0 {
		t.Fatal(logs, err)
	}
	content, err := os.ReadFile(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 4
	content = append(content, content[len(content)-50:]...) // what a crash leaves is no damage
	if err := os.WriteFile(logs[0], content, 0o600); err != nil {
		t.Fatal(err)
	}
	done, err := convert(context.Background(), old, filepath.Join(t.TempDir(), "new"), block.Options{})
	if err != nil || len(done.Damage) != 1 || done.Damage[0].File != logs[0] || done.Documents == 0 {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestConvertCommand(t *testing.T) {
	old := oldDir(t)
	run := func(args ...string) (string, error) {
		c := newCommand()
		var out bytes.Buffer
		c.SetOut(&out)
		c.SetErr(&out)
		c.SetArgs(append([]string{"store", "convert"}, args...))
		return out.String(), c.ExecuteContext(context.Background())
	}
	if _, err := run(old); err == nil || !strings.Contains(err.Error(), "--to") {
		t.Errorf("without --to: %v", err)
	}
	to := filepath.Join(t.TempDir(), "new")
	if _, err := run(old, "--to", to); err != nil {
		t.Fatal(err)
	}
	if err := verifyClean(t, to); err != nil {
		t.Error(err)
	}
}

// verifyClean reads a data directory through.
func verifyClean(t *testing.T, dir string) error {
	t.Helper()
	c := newCommand()
	c.SetOut(new(bytes.Buffer))
	c.SetErr(new(bytes.Buffer))
	c.SetArgs([]string{"store", "verify", dir})
	return c.ExecuteContext(context.Background())
}
