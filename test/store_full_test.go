package test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// limitFiles bounds how large the files of a process may become; below 0: not.
func limitFiles(t *testing.T, s *server, bytes int64) {
	t.Helper()
	limit := syscall.Rlimit{Cur: uint64(bytes), Max: ^uint64(0)}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(s.cmd.Process.Pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
}

// TestBlocksThatCannotBeWritten has the system refuse files as large as a block:
// the server takes what fits into the head, then refuses, loses nothing of what
// it took, answers, and goes on by itself once blocks can be written.
func TestBlocksThatCannotBeWritten(t *testing.T) {
	s := launch(t, t.TempDir(), "--head-bytes", "400000")
	limitFiles(t, s, 120_000) // a log has files of 100,000 bytes: a quarter of the head
	var ids []string
	says := ""
	for range 40 {
		some, status, message := s.offer(t, 50)
		if status != 200 {
			says = fmt.Sprint(status, " ", message)
			break
		}
		ids = append(ids, some...)
	}
	if !strings.HasPrefix(says, "503") || !strings.Contains(says, "head is full") {
		t.Fatalf("with a head that cannot be written %d traces are taken, and then it says %q", len(ids), says)
	}
	s.wantAll(t, ids)
	limitFiles(t, s, -1)
	eventually(t, func() error {
		some, status, message := s.offer(t, 1)
		if status != 200 {
			return fmt.Errorf("with room again it says %d: %s", status, message)
		}
		ids = append(ids, some...)
		return nil
	})
	s.kill()
	again := startServer(t, s.Data)
	again.wantAll(t, ids)
}
