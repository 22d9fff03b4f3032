package asrocr

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// limit bounds the address space of a running process, and forbids it to leave its memory behind in a file. A process that
// has ended already needs no bound.
func limit(pid int, memory uint64) error {
	err := unix.Prlimit(pid, unix.RLIMIT_CORE, &unix.Rlimit{}, nil)
	if err == nil && memory > 0 {
		err = unix.Prlimit(pid, unix.RLIMIT_AS, &unix.Rlimit{Cur: memory, Max: memory}, nil)
	}
	if err == nil || errors.Is(err, unix.ESRCH) {
		return nil
	}
	return fmt.Errorf("bounding a program's memory: %w", err)
}
