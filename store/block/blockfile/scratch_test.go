package blockfile

import (
	"bytes"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// TestABlockIsTheSameInMemoryThatIsUsedAgain writes blocks one after the other
// in one Scratch, an unfinished one among them, and each once more without it.
func TestABlockIsTheSameInMemoryThatIsUsedAgain(t *testing.T) {
	traces, dir, scratch := made(t, 120), t.TempDir(), &Scratch{}
	write := func(name string, all iter.Seq2[Trace, error], s *Scratch) ([]byte, error) {
		path := filepath.Join(dir, name)
		if _, err := Write(vfs.OS{}, path, aMeta, all, Options{ChunkBytes: 8 << 10, Scratch: s}); err != nil {
			return nil, err
		}
		return os.ReadFile(path)
	}
	stop := errors.New("stop")
	for i, part := range [][]Trace{traces, traces[:3], traces[40:90], traces[7:], traces[:1]} {
		broken := func(yield func(Trace, error) bool) { _ = yield(traces[0], nil) && yield(Trace{}, stop) }
		if _, err := write("broken", broken, scratch); !errors.Is(err, stop) {
			t.Fatalf("block %d: got %v, want %v", i, err, stop)
		}
		name := string(rune('a' + i))
		got, err := write(name, each(part), scratch)
		if err != nil {
			t.Fatal(err)
		}
		want, err := write(name+"-fresh", each(part), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("block %d of %d traces: %d bytes differ from the %d of a fresh one", i, len(part), len(got), len(want))
		}
	}
}
