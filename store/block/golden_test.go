package block

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/memory"
	"github.com/roentgen/roentgen/store/storetest"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files again")

// goldenDir has a data directory of layout 1 as a crash left it. Every later
// version opens it.
var goldenDir = filepath.Join("testdata", "v1")

func goldenOptions() Options {
	opt := testOptions()
	opt.MaxTraceBytes = 2000
	return opt
}

// goldenGroups are those whose members are in the golden directory.
func goldenGroups(t *testing.T) []store.Group {
	return []store.Group{{ID: "buyers", Version: 1, Match: matcher(t, `user = "u"`)}, {ID: "failed", Version: 4, Match: matcher(t, `fault`)}}
}

func matcher(t *testing.T, expression string) *filter.Matcher {
	t.Helper()
	e, err := filter.Parse(expression)
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.Matcher(nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// goldenDoc is a document that starts that many seconds after the first.
func goldenDoc(t *testing.T, trace, id int, more string) roentgen.Stored {
	t.Helper()
	start := roentgen.At(storetest.Now().Add(time.Duration(trace-3600) * time.Second))
	return storetest.Document{
		Trace: trace, ID: id, Parent: -1, Start: start, End: start + roentgen.Time(id+1)*7e6, Received: start + roentgen.Time(id)*1e9 + 2e9,
		Keep: roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1 / float64(trace+2)}, More: more,
	}.Stored(t)
}

// What documents of the golden directory say besides.
const (
	goldenUser    = `,"user":"u","annotations":{"order":12345678901234567890,"kind":"book","paid":true},"http":{"request":{"url":"https://shop.test/a","method":"GET"},"response":{"status":200}}`
	goldenFault   = `,"fault":true,"cause":{"exceptions":[{"id":"00000000000000aa","type":"Oops","message":"a \u00e4 \ud83d\ude00"}]},"subsegments":[{"id":"00000000000000ab","name":"db","namespace":"remote","start_time":1772010000.5,"end_time":1772010001.25,"fault":true}]`
	goldenWaiting = `,"subsegments":[{"id":"00000000000000ac","name":"other","namespace":"aws","start_time":1772010000.5,"in_progress":true}]`
)

// writeGolden fills a data directory with all that one can hold: blocks with
// dead rows, one that was deleted, and in the logs documents, a limit, members
// and a deletion that no block has yet.
func writeGolden(t *testing.T) *vfs.Fault {
	t.Helper()
	fs, ctx := vfs.NewFault(1), context.Background()
	s := mustOpen(t, fs, goldenOptions())
	steps := []func() error{
		func() error { return s.SetGroups(ctx, goldenGroups(t)) },
		goldenAppend(t, s, goldenDoc(t, 1, 1, goldenUser), goldenDoc(t, 1, 2, ""), goldenDoc(t, 2, 1, goldenFault), goldenDoc(t, 3, 1, "")),
		goldenAppend(t, s, goldenDoc(t, 2, 1, goldenUser), goldenDoc(t, 4, 1, goldenWaiting), goldenDoc(t, 5, 1, goldenUser), goldenDoc(t, 6, 1, "")),
		func() error { return s.Flush(ctx) },
		goldenAppend(t, s, goldenDoc(t, 2, 3, ""), goldenDoc(t, 7, 1, goldenFault), goldenDoc(t, 1, 4, `,"metadata":{"p":"`+string(bytes.Repeat([]byte("p"), 2000))+`"}`)),
		func() error { return s.Delete(ctx, storetest.TraceID(3)) },
		func() error { return s.Flush(ctx) },
		goldenAppend(t, s, goldenDoc(t, 8, 1, goldenUser), goldenDoc(t, 8, 2, goldenFault), goldenDoc(t, 4, 2, goldenUser)),
		func() error { return s.Delete(ctx, storetest.TraceID(5)) },
		goldenAppend(t, s, goldenDoc(t, 8, 4, `,"metadata":{"p":"`+string(bytes.Repeat([]byte("p"), 2000))+`"}`)),
		func() error { _, err := s.Graph(ctx, store.GraphWindow{}); return err },
	}
	for n, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", n, err)
		}
	}
	state, err := memory.OpenState(fs, dataDir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = state.Put(ctx, "group/buyers", []byte(`{"GroupName":"buyers"}`), 0)
	if err := errors.Join(err, state.Close()); err != nil {
		t.Fatal(err)
	}
	crashed := copyFault(t, fs)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return crashed
}

// goldenFolders are those of a data directory that hold something.
var goldenFolders = []string{"", blocksDir, catalogueDir, "state", "wal-00", "wal-01"}

// copyFault is the files as they are now.
func copyFault(t *testing.T, fs *vfs.Fault) *vfs.Fault {
	t.Helper()
	to := vfs.NewFault(1)
	for _, folder := range goldenFolders {
		names, err := fs.List(filepath.Join(dataDir, folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			switch filepath.Ext(name) {
			case ".blk", ".log", filepath.Ext(datadir.Manifest):
				path := filepath.Join(dataDir, folder, name)
				to.WriteFile(path, fs.ReadFile(path))
			}
		}
	}
	return to
}

func goldenAppend(t *testing.T, s *Store, docs ...roentgen.Stored) func() error {
	return func() error {
		_, err := s.Append(context.Background(), docs)
		return err
	}
}

// goldenView is everything that a store says of what it holds.
func goldenView(t *testing.T, s *Store) string {
	t.Helper()
	ctx := context.Background()
	var out bytes.Buffer
	line := func(what string, v any) {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s %s\n", what, b)
	}
	for id := range 10 {
		for trace, err := range s.Traces(ctx, []roentgen.TraceID{storetest.TraceID(id)}) {
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(trace.Documents, func(a, b roentgen.Stored) int { return bytes.Compare(a.Segment.ID[:], b.Segment.ID[:]) })
			line("trace", trace)
		}
	}
	for _, expression := range []string{"", `user = "u"`, `fault`, `annotation.kind = "book"`, `service("db")`, `http.url CONTAINS "shop"`, `duration > 0.02`, `!ok`} {
		var m *filter.Matcher
		if expression != "" {
			m = matcher(t, expression)
		}
		for c := range roentgen.ClockEnd + 1 {
			for found, err := range s.Find(ctx, roentgen.Window{Clock: c, From: math.MinInt64, To: math.MaxInt64}, m) {
				if err != nil {
					t.Fatal(err)
				}
				if found.Trace != nil {
					line(fmt.Sprintf("%s by clock %d", expression, c), found.Partial)
				}
			}
		}
	}
	for _, group := range []string{"", "buyers", "failed"} {
		g, err := s.Graph(ctx, store.GraphWindow{From: math.MinInt64, To: math.MaxInt64, Group: group})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range g.Nodes {
			line("node for group "+group, n)
			line("durations", fmt.Sprint(n.Durations.Entries(), n.ResponseTimes.Entries()))
		}
	}
	return out.String()
}

func TestTodaysCodeReadsLayout1(t *testing.T) {
	fresh := writeGolden(t)
	if *rewrite {
		saveGolden(t, fresh)
	}
	views := map[string]string{}
	for name, fs := range map[string]*vfs.Fault{"fresh": fresh, "golden": loadGolden(t)} {
		s, found, err := Open(fs, dataDir, goldenOptions())
		if err != nil || found.Blocks != 2 || found.Documents < 3 || found.Unreadable > 0 || len(found.Spoilt)+len(found.Foreign)+len(found.Leftovers) > 0 {
			t.Fatalf("%s: %+v, %v", name, found, err)
		}
		for _, log := range found.Logs {
			if len(log.Damage) > 0 || log.DroppedBytes > 0 {
				t.Errorf("%s: %+v", name, log)
			}
		}
		wantInOrder(t, s)
		if err := s.SetGroups(context.Background(), goldenGroups(t)); err != nil {
			t.Fatal(err)
		}
		views[name] = goldenView(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		wantGoldenState(t, fs)
	}
	if views["golden"] != views["fresh"] {
		t.Errorf("the golden directory holds\n%s\nwant\n%s", views["golden"], views["fresh"])
	}
	for _, want := range []string{`"LimitExceeded":true`, "node for group buyers", "node for group failed", `service("db") by clock 2`, `fault by clock 0`} {
		if !bytes.Contains([]byte(views["fresh"]), []byte(want)) {
			t.Errorf("%q is not in what was written", want)
		}
	}
}

func wantGoldenState(t *testing.T, fs vfs.FS) {
	t.Helper()
	s, err := memory.OpenState(fs, dataDir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	items, err := s.List(context.Background(), "")
	if err != nil || len(items) != 1 || items[0].Key != "group/buyers" || string(items[0].Value) != `{"GroupName":"buyers"}` {
		t.Errorf("state %+v, %v", items, err)
	}
}

func saveGolden(t *testing.T, fs *vfs.Fault) {
	t.Helper()
	if err := os.RemoveAll(goldenDir); err != nil {
		t.Fatal(err)
	}
	for _, folder := range goldenFolders {
		names, err := fs.List(filepath.Join(dataDir, folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			to := filepath.Join(goldenDir, folder, name)
			content := fs.ReadFile(filepath.Join(dataDir, folder, name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, content, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func loadGolden(t *testing.T) *vfs.Fault {
	t.Helper()
	to := vfs.NewFault(1)
	err := filepath.WalkDir(goldenDir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(goldenDir, path)
		to.WriteFile(filepath.Join(dataDir, name), content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}
