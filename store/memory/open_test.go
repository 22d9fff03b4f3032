package memory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/store/storetest"
	"github.com/roentgen/roentgen/wire"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files again")

var tracesLog = filepath.Join(dataDir, tracesDir, "00000001.log")

// goldenFiles are those of layout 1, from the top of the data directory.
func goldenFiles() []string {
	return []string{datadir.Manifest, filepath.Join(tracesDir, "00000001.log"), filepath.Join(stateDir, "00000001.log")}
}

// writeGolden fills a data directory with each kind of record.
func writeGolden(t *testing.T) (fs *vfs.Fault, traces string) {
	t.Helper()
	fs = vfs.NewFault(1)
	s := mustOpen(t, fs, Options{MaxTraceBytes: 500, Now: storetest.Now})
	start := roentgen.At(storetest.Now())
	mustAppend(t, s,
		storetest.Document{Trace: 1, ID: 1, Parent: -1, Start: start, Received: start + 1, More: `,"annotations":{"order":12345678901234567890}`}.Stored(t),
		storetest.Document{Trace: 1, ID: 1, Parent: -1, Start: start, End: start + 5, Received: start + 2, Keep: roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 0.1}}.Stored(t))
	large := storetest.Document{Trace: 1, ID: 2, Parent: 1, Subsegment: true, Start: start, More: padding(500)}.Stored(t)
	if got, err := s.Append(context.Background(), []roentgen.Stored{large}); err != nil || got[0] != roentgen.RefusedTraceTooLarge {
		t.Fatal(got, err)
	}
	traces = dump(t, s)
	mustClose(t, s)
	writeGoldenState(t, fs)
	return fs, traces
}

func writeGoldenState(t *testing.T, fs vfs.FS) {
	t.Helper()
	s, err := openState(fs, dataDir, applog.Options{Now: storetest.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	a, err1 := s.Put(ctx, "sampling-rule/Default", []byte(`{"FixedRate":0.05}`), 0)
	_, err2 := s.Put(ctx, "group/all", nil, 0)
	if err := errors.Join(err1, err2, s.Delete(ctx, "sampling-rule/Default", a), s.Close()); err != nil {
		t.Fatal(err)
	}
}

func golden(name string) string { return filepath.Join("testdata", "v1", name) }

func TestTheSameDocumentsGiveTheSameBytes(t *testing.T) {
	fs, _ := writeGolden(t)
	for _, name := range goldenFiles() {
		got := fs.ReadFile(filepath.Join(dataDir, name))
		if *rewrite {
			if err := errors.Join(os.MkdirAll(filepath.Dir(golden(name)), 0o755), os.WriteFile(golden(name), got, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(golden(name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes differ from the golden file's %d: %v", name, len(got), len(want), err)
		}
	}
}

func TestTodaysCodeReadsLayout1(t *testing.T) {
	_, want := writeGolden(t)
	fs := vfs.NewFault(1)
	for _, name := range goldenFiles() {
		b, err := os.ReadFile(golden(name))
		if err != nil {
			t.Fatal(err)
		}
		fs.WriteFile(filepath.Join(dataDir, name), b)
	}
	s, found, err := Open(fs, dataDir, Options{MaxTraceBytes: 500, Now: storetest.Now})
	if err != nil || found.Documents != 2 || found.Unreadable != 0 || found.Damage != nil || found.DroppedBytes != 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	defer mustClose(t, s)
	if got := dump(t, s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	wantGoldenState(t, fs)
}

func wantGoldenState(t *testing.T, fs vfs.FS) {
	t.Helper()
	s, err := OpenState(fs, dataDir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	items, err := s.List(context.Background(), "")
	if err != nil || len(items) != 1 || items[0].Key != "group/all" || items[0].Version != 2 || s.last != 3 {
		t.Errorf("state %+v, %v, last version %d", items, err, s.last)
	}
}

// appendRecord writes a record past the store.
func appendRecord(t *testing.T, fs vfs.FS, kind byte, payload []byte) {
	t.Helper()
	l, err := applog.Open(fs, filepath.Join(dataDir, tracesDir), applog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Append(context.Background(), applog.Record{Kind: kind, Payload: payload})
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsOfANewerVersionAreRefused(t *testing.T) {
	for _, r := range []applog.Record{{Kind: kindDeleted + 1, Payload: []byte{1}}, {Kind: kindDocument, Payload: []byte{recordVersion + 1, 0}}} {
		fs, _ := writeGolden(t)
		appendRecord(t, fs, r.Kind, r.Payload)
		_, _, err := Open(fs, dataDir, Options{Now: storetest.Now})
		if err == nil || !strings.Contains(err.Error(), "newer version") || !strings.Contains(err.Error(), "upgrade") {
			t.Errorf("record %v: %v", r, err)
		}
	}
}

func TestRecordsWithoutSenseAreCountedAndStepedOver(t *testing.T) {
	fs, want := writeGolden(t)
	bad := [][]byte{{}, {1}, encodeDocument(roentgen.Stored{Segment: &roentgen.Segment{Document: []byte(`{"id":1}`)}})}
	for _, payload := range bad {
		appendRecord(t, fs, kindDocument, payload)
	}
	appendRecord(t, fs, kindLimit, []byte{1, 2, 3})
	s, found, err := Open(fs, dataDir, Options{MaxTraceBytes: 500, Now: storetest.Now})
	if err != nil || found.Unreadable != 4 || found.Documents != 2 {
		t.Fatalf("%+v, %v", found, err)
	}
	defer mustClose(t, s)
	if got := dump(t, s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDamageIsReportedAndTheRestIsThere(t *testing.T) {
	fs := vfs.NewFault(1)
	c := newClock()
	s := mustOpen(t, fs, Options{Now: c.Now})
	for n := range 5 {
		mustAppend(t, s, c.doc(t, n, 1, padding(200)))
	}
	mustClose(t, s)
	at := bytes.Index(fs.ReadFile(tracesLog), []byte(storetest.TraceID(2).String()))
	fs.Flip(tracesLog, int64(at), 1)
	s, found, err := Open(fs, dataDir, Options{Now: c.Now})
	if err != nil || len(found.Damage) != 1 || found.Damage[0].File != tracesLog || found.Documents != 4 {
		t.Fatalf("%+v, %v", found, err)
	}
	defer mustClose(t, s)
	wantTraces(t, s, 0, 1, 3, 4)
}

func TestATornLastWriteIsReported(t *testing.T) {
	fs := vfs.NewFault(1)
	c := newClock()
	s := mustOpen(t, fs, Options{Now: c.Now})
	mustAppend(t, s, c.doc(t, 1, 1, ""))
	mustClose(t, s)
	content := fs.ReadFile(tracesLog)
	fs.WriteFile(tracesLog, append(content, content[len(content)-100:]...))
	s, found, err := Open(fs, dataDir, Options{Now: c.Now})
	if err != nil || found.DroppedBytes != 100 || found.Offset != int64(len(content)) || found.Documents != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	mustClose(t, s)
}

// What is typed follows the limits of today, and what was accepted stays.
func TestLimitsOfTheDoorsDoNotLoseDocuments(t *testing.T) {
	fs := vfs.NewFault(1)
	c := newClock()
	s := mustOpen(t, fs, Options{Now: c.Now})
	mustAppend(t, s, c.doc(t, 1, 1, `,"annotations":{"a":1,"b":2},"subsegments":[{"id":"00000000000000aa","name":"s","start_time":1,"end_time":2},{"id":"00000000000000ab","name":"s","start_time":1,"end_time":2}]`))
	mustClose(t, s)
	s = mustOpen(t, fs, Options{MaxTraceBytes: 10, Now: c.Now, Limits: wire.Limits{MaxDocumentBytes: 10, MaxDepth: 1, MaxSubsegments: 1, MaxAnnotations: 1}})
	seg := oneTrace(t, s, 1).Documents[0].Segment
	if len(seg.Subsegments) != 2 || len(seg.Annotations) != 1 {
		t.Errorf("%d subsegments, %d annotations", len(seg.Subsegments), len(seg.Annotations))
	}
}

// The files' times come from the log, so that documents grow old over restarts.
func TestRetentionCountsFromTheFirstLife(t *testing.T) {
	fs, c := vfs.NewFault(1), newClock()
	opt := Options{Retention: 16 * time.Hour, Now: c.Now}
	s := mustOpen(t, fs, opt)
	mustAppend(t, s, c.doc(t, 1, 1, ""))
	for range 4 {
		c.add(3 * time.Hour)
		s = wantReopenedSame(t, fs, s, opt)
	}
	wantTraces(t, s, 1)
	c.add(5 * time.Hour)
	mustClose(t, s)
	s, found, err := Open(fs, dataDir, opt)
	if err != nil || found.Documents != 1 || statsOf(t, s).Evicted != 1 {
		t.Errorf("%+v, %v", found, err)
	}
	wantTraces(t, s)
	mustClose(t, s)
}

func TestTheManifestIsJSON(t *testing.T) {
	var m struct {
		Program, Store string
		Layout         int
	}
	if err := json.Unmarshal(datadir.Text(storeName), &m); err != nil || m.Program != "roentgen" || m.Store != storeName || m.Layout != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}
