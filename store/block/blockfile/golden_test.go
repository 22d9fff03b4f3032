package blockfile

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files again")

// The container alone, with any bytes in its parts: what docs/format/block-file.md
// draws. One of the parts is compressed.
const goldenContainer = "testdata/v1/container.blk"

// A block as a store writes it. What is in its parts is drawn elsewhere.
const goldenBlock = "testdata/v1/00000007.blk"

func golden(t *testing.T, name string, now []byte) []byte {
	t.Helper()
	if *rewrite {
		if err := os.WriteFile(name, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheSameContainerHasTheSameBytes(t *testing.T) {
	if now := small(t); !bytes.Equal(now, golden(t, goldenContainer, now)) {
		t.Errorf("%s is not what is written now", goldenContainer)
	}
	c, _, err := openText(t, golden(t, goldenContainer, small(t)))
	if err == nil {
		err = c.readAll()
	}
	if err != nil {
		t.Error(err)
	}
}

// Blocks of every version that was ever released can be read.
func TestAGoldenBlockCanBeRead(t *testing.T) {
	traces := made(t, 20)
	_, written := blockOf(t, traces)
	fs := vfs.NewFault(1)
	fs.WriteFile("dir/7.blk", golden(t, goldenBlock, written.ReadFile("dir/7.blk")))
	if r := Verify(fs, "dir/7.blk"); !r.Good() || r.Traces != len(traces) {
		t.Fatalf("%+v", r)
	}
	f := opened(t, fs)
	x, err := f.Index()
	if err != nil {
		t.Fatal(err)
	}
	for s, err := range f.All() {
		if err != nil || !sameDocs(s.Docs, traces[s.Row].Docs) || !reflect.DeepEqual(x.Row(s.Row), traces[s.Row].Row) {
			t.Errorf("row %d: %v", s.Row, err)
		}
	}
	if !reflect.DeepEqual(f.Meta(), aMeta) {
		t.Errorf("%+v", f.Meta())
	}
}
