package applog

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files again")

// goldenBatches is what the golden files of version 1 hold.
func goldenBatches() [][]Record {
	return [][]Record{
		{{Kind: 1, Payload: []byte(`{"name":"afirgen"}`)}},
		{{Kind: 2}, {Kind: 255, Payload: bytes.Repeat([]byte{frameMark0, frameMark1}, 20)}},
		{{Kind: 3, Payload: []byte(strings.Repeat("r", 4000))}},
		{{Kind: 1, Payload: []byte("second file")}},
	}
}

func writeGolden(t *testing.T) *vfs.Fault {
	fs := vfs.NewFault(1)
	now := aDay // the writer looks at it only while Append waits
	l := mustOpen(t, fs, Options{SegmentBytes: smallestSegment, Now: func() time.Time { return now }})
	for _, batch := range goldenBatches() {
		now = now.Add(1500 * time.Millisecond)
		if _, err := l.Append(context.Background(), batch...); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, l)
	return fs
}

func goldenFiles() []string { return []string{"00000001.log", "00000002.log", "00000003.log"} }

func TestTheSameRecordsGiveTheSameBytes(t *testing.T) {
	fs := writeGolden(t)
	for _, name := range goldenFiles() {
		got, golden := fs.ReadFile(filepath.Join(testDir, name)), filepath.Join("testdata", "v1", name)
		if *rewrite {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes differ from the golden file's %d", name, len(got), len(want))
		}
	}
}

func TestTodaysCodeReadsVersion1(t *testing.T) {
	fs := vfs.NewFault(1)
	for _, name := range goldenFiles() {
		b, err := os.ReadFile(filepath.Join("testdata", "v1", name))
		if err != nil {
			t.Fatal(err)
		}
		fs.WriteFile(filepath.Join(testDir, name), b)
	}
	l := mustOpen(t, fs, Options{})
	if r := l.Recovery(); r.DroppedBytes != 0 || r.Damage != nil {
		t.Errorf("recovery: %+v", r)
	}
	want := slices.Concat(goldenBatches()...)
	i := 0
	damage, err := l.Replay(Position{}, func(pos Position, kind byte, payload []byte) error {
		if i >= len(want) || kind != want[i].Kind || !bytes.Equal(payload, want[i].Payload) {
			t.Errorf("record %d at %s: kind %d, %d bytes", i, pos, kind, len(payload))
		}
		i++
		return nil
	})
	if err != nil || damage != nil || i != len(want) {
		t.Errorf("%d records, want %d; %v, %v", i, len(want), damage, err)
	}
}
