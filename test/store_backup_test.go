package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBackupWhileTracesAreSent copies a server that is written to and that
// writes blocks, and starts another one on the copy.
func TestBackupWhileTracesAreSent(t *testing.T) {
	s := startServer(t, t.TempDir(), "--head-bytes", "30000")
	ids := s.putTraces(t, 200)
	from := s.send()
	ids = append(ids, from.acknowledged(t, 50)...)
	archive := filepath.Join(t.TempDir(), "roentgen.tar")
	stdout, stderr, code := s.tool(t, nil, "backup", archive)
	later := from.acknowledged(t, 1)
	from.end()
	if code != 0 || !strings.Contains(stderr, "roentgen restore") {
		t.Fatalf("it ended with %d: %s%s", code, stdout, stderr)
	}
	s.wantAll(t, append(later, ids...))

	copied := filepath.Join(t.TempDir(), "copied")
	wantTool(t, "restore", archive, "--data", copied)
	wantTool(t, "store", "verify", copied)
	again := startServer(t, copied)
	again.wantAll(t, ids)
	again.wantAll(t, again.putTraces(t, 3))
	if _, stderr, code := offline(t, "restore", archive, "--data", copied); code != 1 || !strings.Contains(stderr, "not empty") {
		t.Errorf("into a directory that is not empty: %d, %s", code, stderr)
	}
}

// TestASpoiltBackupIsNotRestored wants no server to start on half of a copy.
func TestASpoiltBackupIsNotRestored(t *testing.T) {
	s := startServer(t, t.TempDir(), "--head-bytes", "30000")
	s.putTraces(t, 200)
	archive := filepath.Join(t.TempDir(), "roentgen.tar")
	if _, stderr, code := s.tool(t, nil, "backup", archive); code != 0 {
		t.Fatal(stderr)
	}
	whole, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte{}, whole...)
	flipped[len(flipped)/2] ^= 16
	for name, c := range map[string]struct {
		archive []byte
		says    string
	}{
		"cut short":             {whole[:len(whole)/2], "cut short"},
		"cut before its list":   {whole[:strings.LastIndex(string(whole), "roentgen-backup.json")], "cut short"},
		"with a flipped bit":    {flipped, "is damaged"},
		"something else's":      {[]byte(strings.Repeat("letters ", 1000)), "no backup"},
		"an empty file instead": {nil, "cut short"},
	} {
		spoilt, data := filepath.Join(t.TempDir(), "spoilt.tar"), filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(spoilt, c.archive, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, stderr, code := offline(t, "restore", spoilt, "--data", data); code != 1 || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: %d, %s", name, code, stderr)
		}
		if entries, err := os.ReadDir(data); err == nil && len(entries) > 0 {
			refused(t, data, "roentgen.json")
		}
	}
}
