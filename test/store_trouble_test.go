package test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// flip changes one bit of a file.
func flip(t *testing.T, path string, offset int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	_, err = f.ReadAt(b, offset)
	b[0] ^= 8
	_, err2 := f.WriteAt(b, offset)
	if err := errors.Join(err, err2, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestABlockWithAFlippedBit serves what is whole, says what is not, and lets the
// tools mend it.
func TestABlockWithAFlippedBit(t *testing.T) {
	data := t.TempDir()
	s := launch(t, data)
	var ids []string
	for range 10 {
		ids = append(ids, s.putTraces(t, 100)...)
	}
	s.stop(t)
	path := filesIn(t, data, "blocks", "*.blk")[0]
	flip(t, path, size(t, path)/3)

	s = launch(t, data)
	gone := s.missing(t, ids)
	if len(gone) == 0 || len(gone) > len(ids)/2 {
		t.Errorf("%d of %d traces are gone, want those of one chunk", len(gone), len(ids))
	}
	if n := s.metric(t, "roentgen_store_damage"); n == 0 || !strings.Contains(s.stderr.String(), path) {
		t.Errorf("/metrics counts %v damages; the log:\n%s", n, s.stderr)
	}
	s.stop(t)
	stdout, stderr, code := offline(t, "store", "verify", data)
	if code != 1 || !strings.Contains(stdout, path) || !strings.Contains(stderr, "roentgen store repair") {
		t.Errorf("verify ended with %d: %s%s", code, stdout, stderr)
	}
	wantTool(t, "store", "repair", data)
	wantTool(t, "store", "verify", data)
	filesIn(t, data, "damaged", "*.blk*")

	again := startServer(t, data)
	if still := again.missing(t, ids); len(still) != len(gone) {
		t.Errorf("%d traces are gone after the repair, %d were before", len(still), len(gone))
	}
	if n, log := again.metric(t, "roentgen_store_damage"), again.stderr.String(); n != 0 || log != "" {
		t.Errorf("after the repair it still counts %v damages and says:\n%s", n, log)
	}
	alive := slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(gone, id) })
	again.erasesForCertain(t, data, gone[0], alive)
}

// erasesForCertain deletes traces while a damaged file is set aside, of which one
// is in that file alone, and again without it.
func (s *server) erasesForCertain(t *testing.T, data, lost string, alive []string) {
	t.Helper()
	aside := filesIn(t, data, "damaged", "*.blk*")[0]
	discard := "roentgen store discard " + data + " --yes"
	stdout, stderr, code := s.tool(t, nil, "trace", "delete", alive[0], "--yes", "--output", "table")
	if code != 1 || !strings.Contains(stdout, "Deleted "+alive[0]) || !strings.Contains(stderr, "not erased for certain") ||
		!strings.Contains(stderr, aside) || !strings.Contains(stderr, discard) {
		t.Errorf("beside a damaged file a deletion ended with %d: %s%s", code, stdout, stderr)
	}
	if _, stderr, code := s.tool(t, nil, "trace", "delete", lost, "--yes"); code != 1 || !strings.Contains(stderr, "has no trace "+lost) || !strings.Contains(stderr, aside) {
		t.Errorf("of a trace in a damaged file alone it ended with %d: %s", code, stderr)
	}
	if n := s.metric(t, "roentgen_store_unreached_files"); n != 1 {
		t.Errorf("/metrics counts %v files, want 1", n)
	}
	if out := wantTool(t, "store", "discard", data, "--yes"); !strings.Contains(out, aside) {
		t.Errorf("discarded: %s", out)
	}
	if stdout, stderr, code := s.tool(t, nil, "trace", "delete", alive[1], "--yes"); code != 0 {
		t.Errorf("without damaged files it ended with %d: %s%s", code, stdout, stderr)
	}
}

// TestADestroyedCatalogue wants the server not to start as if blocks were not
// there, and the repair to bring them back.
func TestADestroyedCatalogue(t *testing.T) {
	for name, destroy := range map[string]func(t *testing.T, data string) error{
		"overwritten": func(t *testing.T, data string) error {
			path := filesIn(t, data, "catalogue", "*.log")[0]
			return os.WriteFile(path, bytes.Repeat([]byte{0xff}, int(size(t, path))), 0o600)
		},
		"a flipped bit": func(t *testing.T, data string) error {
			flip(t, filesIn(t, data, "catalogue", "*.log")[0], 70)
			return nil
		},
		"removed": func(t *testing.T, data string) error { return os.RemoveAll(filepath.Join(data, "catalogue")) },
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			s := launch(t, data)
			ids := s.putTraces(t, 100)
			s.stop(t)
			if err := destroy(t, data); err != nil {
				t.Fatal(err)
			}
			refused(t, data, "roentgen store repair "+data)
			wantTool(t, "store", "repair", data)
			again := startServer(t, data)
			again.wantAll(t, ids)
			again.wantAll(t, again.putTraces(t, 3))
		})
	}
}

// TestSIGTERMWhileTracesAreSent ends the server under load: what it acknowledged
// is in a block when it has ended, so that nothing is left to be read back.
func TestSIGTERMWhileTracesAreSent(t *testing.T) {
	data := t.TempDir()
	s := launch(t, data)
	from := s.send()
	from.acknowledged(t, 100)
	s.stop(t)
	from.end()
	if logs := filesIn(t, data, "wal-*", "*.log"); size(t, logs...) > 4096 {
		t.Errorf("after a clean end the logs %q still hold %d bytes", logs, size(t, logs...))
	}
	again := startServer(t, data)
	again.wantAll(t, from.ids)
	if log := again.stderr.String(); log != "" {
		t.Errorf("after a clean end the next start says:\n%s", log)
	}
}
