package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// both runs a test of the promise on both file systems.
func both(t *testing.T, test func(t *testing.T, f FS, dir string)) {
	t.Run("OS", func(t *testing.T) { test(t, OS{}, filepath.Join(t.TempDir(), "a", "b")) })
	t.Run("Fault", func(t *testing.T) { test(t, NewFault(1), "a/b") })
}

func create(t *testing.T, f FS, name, content string) File {
	t.Helper()
	h, err := f.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	if _, err := h.WriteAt([]byte(content), 0); err != nil {
		t.Fatal(err)
	}
	return h
}

func want(t *testing.T, h File, content string) {
	t.Helper()
	size, err := h.Size()
	if err != nil || size != int64(len(content)) {
		t.Fatalf("size %d, %v; want %d", size, err, len(content))
	}
	b := make([]byte, size+1)
	n, err := h.ReadAt(b, 0)
	if string(b[:n]) != content || err != io.EOF {
		t.Errorf("read %q, %v; want %q", b[:n], err, content)
	}
}

func TestFilesAreWrittenReadCutAndGrown(t *testing.T) {
	both(t, func(t *testing.T, f FS, dir string) {
		if err := errors.Join(f.MkdirAll(dir), f.MkdirAll(dir)); err != nil {
			t.Fatal(err)
		}
		h := create(t, f, filepath.Join(dir, "x"), "hello world")
		want(t, h, "hello world")
		if err := h.Truncate(5); err != nil {
			t.Fatal(err)
		}
		want(t, h, "hello")
		if _, err := h.WriteAt([]byte("!"), 7); err != nil {
			t.Fatal(err)
		}
		want(t, h, "hello\x00\x00!") // and not what was cut off
		if n, err := h.ReadAt(make([]byte, 1), 99); n != 0 || err != io.EOF {
			t.Errorf("read behind the end: %d, %v", n, err)
		}
		if err := errors.Join(h.Sync(), f.SyncDir(dir), h.Close()); err != nil {
			t.Error(err)
		}
		if _, err := h.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
			t.Errorf("read after close: %v", err)
		}
	})
}

func TestNamesAreCreatedListedAndRemoved(t *testing.T) {
	both(t, func(t *testing.T, f FS, dir string) {
		if err := f.MkdirAll(dir); err != nil {
			t.Fatal(err)
		}
		h := create(t, f, filepath.Join(dir, "y"), "y")
		create(t, f, filepath.Join(dir, "x"), "x")
		if names, err := f.List(dir); err != nil || fmt.Sprint(names) != "[x y]" {
			t.Errorf("listed %v, %v", names, err)
		}
		if _, err := f.Create(filepath.Join(dir, "x")); !errors.Is(err, fs.ErrExist) {
			t.Errorf("created twice: %v", err)
		}
		if err := f.Remove(filepath.Join(dir, "y")); err != nil {
			t.Fatal(err)
		}
		want(t, h, "y") // an open file outlives its name
		for name, err := range map[string]error{
			"open":       second(f.Open(filepath.Join(dir, "y"))),
			"open write": second(f.OpenWrite(filepath.Join(dir, "y"))),
			"remove":     f.Remove(filepath.Join(dir, "y")),
		} {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s of what is gone: %v", name, err)
			}
		}
	})
}

func second(_ File, err error) error { return err }

func TestAFileOpenedForReadingIsNotWritten(t *testing.T) {
	both(t, func(t *testing.T, f FS, dir string) {
		if err := f.MkdirAll(dir); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "x")
		create(t, f, name, "x")
		h, err := f.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		if _, err := h.WriteAt([]byte("y"), 0); err == nil {
			t.Error("written")
		}
		if err := h.Truncate(0); err == nil {
			t.Error("cut")
		}
		want(t, h, "x")
	})
}

func TestALockIsHeldOnceAndComesBack(t *testing.T) {
	both(t, func(t *testing.T, f FS, dir string) {
		if err := f.MkdirAll(dir); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "LOCK")
		for range 2 {
			l, err := f.Lock(name)
			if err != nil {
				t.Fatal(err)
			}
			_, err = f.Lock(name)
			var locked *LockedError
			if !errors.As(err, &locked) || locked.PID != os.Getpid() || !strings.Contains(err.Error(), fmt.Sprint("in use by pid ", os.Getpid())) {
				t.Errorf("locked twice: %v", err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestADirectoryIsNotMadeOverAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (OS{}).MkdirAll(name); err == nil || !strings.Contains(err.Error(), "in the way") {
		t.Errorf("made: %v", err)
	}
}

func TestErrorsAreToldApart(t *testing.T) {
	for _, c := range []struct {
		err               error
		noSpace, readOnly bool
	}{
		{syscall.ENOSPC, true, false}, {errQuota, true, false}, {syscall.EROFS, false, true},
		{syscall.EACCES, false, true}, {syscall.EIO, false, false}, {nil, false, false},
	} {
		wrapped := c.err
		if c.err != nil {
			wrapped = pathError(OpWrite, "x", c.err)
		}
		if IsNoSpace(wrapped) != c.noSpace || IsReadOnly(wrapped) != c.readOnly {
			t.Errorf("%v: no space %v, read-only %v", wrapped, IsNoSpace(wrapped), IsReadOnly(wrapped))
		}
	}
}
