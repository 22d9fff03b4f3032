package asrocr

import (
	"errors"
	"io"
	"os"
	"testing"
)

func TestAProgramGetsNoMoreMemoryThanItMay(t *testing.T) {
	const script = `text=$(head -c 200000000 /dev/zero | tr '\0' a); echo ${#text}`
	for _, c := range []struct {
		memory uint64
		ok     bool
	}{{64 << 20, false}, {0, true}} {
		out, err := program{path: "/bin/sh", memory: c.memory, output: 100}.run(t.Context(), input{}, "-c", script)
		if (err == nil) != c.ok || !c.ok && !errors.Is(err, errExit) {
			t.Errorf("with %d bytes: %q, %v", c.memory, out, err)
		}
	}
}

func TestAnUploadInAFileHasNoName(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	f, err := unnamed([]byte("complaint"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("there is %v (%v)", left, err)
	}
	for range 2 { // a program may open it more than once
		out, err := program{path: "/bin/cat", output: 100}.run(t.Context(), input{file: f}, asFile)
		if err != nil || string(out) != "complaint" {
			t.Errorf("the program reads %q, %v", out, err)
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Error(err)
	}
}
