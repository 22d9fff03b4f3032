package ring

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestDirectIsAFileLikeAnother compares what both say.
func TestDirectIsAFileLikeAnother(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	d := NewDirect(f)
	text := bytes.Repeat([]byte("0123456789abcdef"), 1<<12)
	if n, err := d.WriteAt(text, 5000); n != len(text) || err != nil {
		t.Fatalf("%d bytes were written: %v", n, err)
	}
	if n, err := d.WriteAt(nil, 0); n != 0 || err != nil {
		t.Errorf("nothing was written: %d, %v", n, err)
	}
	for _, at := range []int64{0, 4990, 5000, 40000, 5000 + int64(len(text)) - 1, 5000 + int64(len(text)), 1 << 30} {
		usual, own := make([]byte, 20000), make([]byte, 20000)
		n, err := f.ReadAt(usual, at)
		m, derr := d.ReadAt(own, at)
		if n != m || errors.Is(err, io.EOF) != errors.Is(derr, io.EOF) || !bytes.Equal(usual, own) {
			t.Errorf("at %d: %d bytes, %v; the file says %d, %v", at, m, derr, n, err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.WriteAt(text, 0); err == nil {
		t.Error("a closed file was written")
	}
	if _, err := d.ReadAt(text, 0); err == nil {
		t.Error("a closed file was read")
	}
}

func TestDirectTellsWhyAWriteFailed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var path *os.PathError
	if _, err := NewDirect(f).WriteAt([]byte("y"), 0); !errors.As(err, &path) || path.Path != name {
		t.Errorf("a file that is open for reading was written: %v", err)
	}
}
