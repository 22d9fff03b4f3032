package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/bench"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block"
	"github.com/roentgen/roentgen/wire"
)

// storeDay is when the stores of these tests are filled.
var storeDay = time.Date(2026, 11, 23, 14, 10, 0, 0, time.UTC)

func storeOptions() block.Options {
	return block.Options{Manual: true, Shards: 1, Now: func() time.Time { return storeDay }}
}

// storeDir makes a data directory with two blocks of 30 traces, and returns
// the id of one of the first.
func storeDir(t *testing.T) (string, roentgen.TraceID) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	s, _, err := block.Open(vfs.OS{}, dir, storeOptions())
	if err != nil {
		t.Fatal(err)
	}
	m := bench.Model{Seed: 3, Traces: 60, Window: time.Hour, End: storeDay.Add(-time.Minute), Shape: bench.Plain}
	var b bench.Trace
	var id roentgen.TraceID
	for i := range m.Traces {
		m.Make(i, &b)
		var docs []roentgen.Stored
		b.Documents(nil, func(text []byte, _ int) {
			seg, err := wire.ParseDocument(text, wire.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, roentgen.Stored{Segment: seg, Received: roentgen.At(storeDay)})
		})
		if i == 5 {
			id = docs[0].Segment.Trace
		}
		if _, err := s.Append(context.Background(), docs); err != nil {
			t.Fatal(err)
		}
		if i%30 == 29 {
			if err := s.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, id
}

// storeTool runs roentgen store and returns what it prints.
func storeTool(t *testing.T, words ...string) (string, error) {
	t.Helper()
	w := around{now: func() time.Time { return storeDay }, getenv: func(string) string { return "" }}
	root := &cobra.Command{Use: "roentgen", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(newStoreCommand(w))
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"store"}, words...))
	err := root.ExecuteContext(context.Background())
	return out.String(), err
}

// says runs the tool and wants these words in what it prints or in its error.
func says(t *testing.T, bad bool, words []string, want ...string) {
	t.Helper()
	out, err := storeTool(t, words...)
	if (err != nil) != bad {
		t.Errorf("%v: %v\n%s", words, err, out)
	}
	if err != nil {
		out += err.Error()
	}
	for _, w := range want {
		if !strings.Contains(out, w) {
			t.Errorf("%v does not say %q:\n%s", words, w, out)
		}
	}
}

// damage changes a byte of a file.
func damage(t *testing.T, path string, at int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[at] ^= 0x20
	if err := os.WriteFile(path, text, 0o640); err != nil {
		t.Fatal(err)
	}
}

func TestStoreInspectSaysWhatFilesAre(t *testing.T) {
	dir, id := storeDir(t)
	notes := filepath.Join(dir, "blocks", "notes.txt")
	if err := os.WriteFile(notes, []byte("buy milk"), 0o640); err != nil {
		t.Fatal(err)
	}
	first := filepath.Join(dir, "blocks", "00000001.blk")
	table := []string{"--output", "table"}
	says(t, false, append(table, "inspect", dir), "blocks/00000001.blk", "30 traces", "wal-00", "log file", "records of blocks", "0 records of documents", "program roentgen, layout 1, store block", "foreign")
	says(t, false, append(table, "inspect", first), "block 1, level 0", "documents  90, 0 of them superseded", "spans      360", "graph bundle", "a span")
	says(t, false, append(table, "inspect", dir, "--trace", id.String()), "row 24 of 30: 3 documents", "in chunk")
	says(t, false, append(table, "inspect", dir, "--trace", id.W3C()), first)
	says(t, true, append(table, "inspect", dir, "--trace", "1-5759e988-bd862e3fe1be46a994272793"), "no file of")
	says(t, true, append(table, "inspect", dir, "--trace", "x"), "--trace")
	says(t, true, []string{"inspect", filepath.Join(dir, "none")}, "no such file")
	says(t, true, []string{"inspect"}, "one file or directory, and got 0 words")

	out, err := storeTool(t, "inspect", dir)
	var all []storedFile
	if err != nil || json.Unmarshal([]byte(out), &all) != nil || len(all) < 5 {
		t.Errorf("%v: %s", err, out)
	}
}

func TestStoreVerifyFindsDamage(t *testing.T) {
	dir, _ := storeDir(t)
	says(t, false, []string{"--output", "table", "verify", dir}, "no damage", "30 traces, 90 documents")
	second := filepath.Join(dir, "blocks", "00000002.blk")
	damage(t, second, 60)
	says(t, true, []string{"--output", "table", "verify", dir}, "DAMAGED", "chunk at offset 40: its checksum does not hold", "1 of ", "roentgen store repair")
	says(t, true, []string{"verify", second}, `"damage": [`)
	if err := os.Remove(second); err != nil {
		t.Fatal(err)
	}
	says(t, true, []string{"--output", "table", "verify", dir}, "the file is missing, and the catalogue names it")
}

func TestStoreVerifyTellsAnUnfinishedWriteFromDamage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "00000001.log")
	log, err := os.ReadFile(filepath.Join("..", "..", "internal", "applog", "testdata", "v1", "00000001.log"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, log[:len(log)-1], 0o640); err != nil {
		t.Fatal(err)
	}
	says(t, false, []string{"--output", "table", "verify", path}, "a write that was not finished")
	if err := os.WriteFile(filepath.Join(dir, "00000002.log"), log, 0o640); err != nil {
		t.Fatal(err)
	}
	says(t, true, []string{"--output", "table", "verify", path}, "DAMAGED", "ends inside a record")
}

func TestStoreRepairSavesWhatCanBeRead(t *testing.T) {
	dir, id := storeDir(t)
	second := filepath.Join(dir, "blocks", "00000002.blk")
	damage(t, second, 60)
	says(t, false, []string{"--output", "table", "repair", dir}, "00000002.blk: ", "lost", "set aside: "+filepath.Join(dir, "damaged", "blocks-00000002.blk"), "00000003.blk")
	says(t, false, []string{"--output", "table", "verify", dir}, "no damage")
	says(t, false, []string{"--output", "table", "repair", dir}, "2 blocks of ", "no damage")
	says(t, false, []string{"--output", "table", "inspect", dir}, "block, set aside")
	says(t, false, []string{"--output", "table", "inspect", dir, "--trace", id.String()}, "00000001.blk")
	out, err := storeTool(t, "repair", dir)
	if err != nil || !json.Valid([]byte(out)) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestStoreDiscardRemovesWhatWasSetAsideAlone(t *testing.T) {
	dir, _ := storeDir(t)
	damage(t, filepath.Join(dir, "blocks", "00000001.blk"), 300)
	says(t, false, []string{"discard", dir}, "Nothing is set aside")
	says(t, false, []string{"repair", dir, "--output", "table"}, "set aside")
	aside := filepath.Join(dir, "damaged", "blocks-00000001.blk")
	says(t, true, []string{"discard", dir}, "would remove "+aside, "repeat with --yes")
	if _, err := os.Stat(aside); err != nil {
		t.Error(err)
	}
	says(t, false, []string{"discard", dir, "--yes"}, "removed "+aside)
	if _, err := os.Stat(aside); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	says(t, false, []string{"verify", dir})
	says(t, true, []string{"discard", t.TempDir(), "--yes"}, "roentgen.json")
}

func TestStoreRepairIsRefused(t *testing.T) {
	dir, _ := storeDir(t)
	s, _, err := block.Open(vfs.OS{}, dir, storeOptions())
	if err != nil {
		t.Fatal(err)
	}
	says(t, true, []string{"repair", dir}, "in use by pid")
	says(t, false, []string{"--output", "table", "verify", dir}, "no damage") // which may run beside a server
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	says(t, true, []string{"repair", t.TempDir()}, "no such file")
	memory := t.TempDir()
	if err := os.WriteFile(filepath.Join(memory, "roentgen.json"), []byte(`{"program":"roentgen","layout":1,"store":"memory"}`), 0o640); err != nil {
		t.Fatal(err)
	}
	says(t, true, []string{"repair", memory}, `the store "memory"`)
	newer := t.TempDir()
	if err := os.WriteFile(filepath.Join(newer, "roentgen.json"), []byte(`{"program":"roentgen","layout":2,"store":"block"}`), 0o640); err != nil {
		t.Fatal(err)
	}
	says(t, true, []string{"repair", newer}, "upgrade")
}

func TestEveryHelpOfStoreHasAnExample(t *testing.T) {
	c := newStoreCommand(around{})
	for _, c := range append(c.Commands(), c) {
		if !strings.Contains(c.Example, "roentgen store ") {
			t.Errorf("%s has no example", c.CommandPath())
		}
	}
}
