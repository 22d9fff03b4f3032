package test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// terminal is a program of a guide that runs as its reader would run it: at a terminal of 120 columns. It leads a
// session of its own, by which everything that it starts is found again.
type terminal struct {
	cmd    *exec.Cmd
	screen *output       // what it has written
	ended  chan struct{} // closed when the program has ended and err is set
	err    error
}

// atTerminal starts bash on a text.
func atTerminal(dir string, env []string, text string) (*terminal, error) {
	ours, theirs, err := openTerminal()
	if err != nil {
		return nil, err
	}
	c := exec.Command("bash", "-euo", "pipefail", "-c", text)
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, env, theirs, theirs
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	t := &terminal{cmd: c, screen: new(output), ended: make(chan struct{})}
	err = c.Start()
	theirs.Close()
	if err != nil {
		ours.Close()
		return nil, err
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		io.Copy(t.screen, ours) // ends with an error when nobody has the other end any more
	}()
	go func() {
		t.err = c.Wait()
		select { // what was left behind still has the other end
		case <-read:
		case <-time.After(2 * time.Second):
		}
		ours.Close()
		<-read
		close(t.ended)
	}()
	return t, nil
}

// finish waits for the end, and kills the whole session when ctx ends first. It returns the exit code.
func (t *terminal) finish(ctx context.Context) (int, error) {
	select {
	case <-t.ended:
	case <-ctx.Done():
		t.killSession()
		<-t.ended
		return 0, fmt.Errorf("it did not end in time: %w", context.Cause(ctx))
	}
	var exit *exec.ExitError
	if t.err != nil && !errors.As(t.err, &exit) {
		return 0, t.err
	}
	return t.cmd.ProcessState.ExitCode(), nil
}

// text is what was written, without what a terminal adds.
func (t *terminal) text() string { return strings.ReplaceAll(t.screen.String(), "\r\n", "\n") }

// killSession kills every process of the session and returns how many there were.
func (t *terminal) killSession() int {
	left := processesOf(t.cmd.Process.Pid)
	for _, pid := range left {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	return len(left)
}

// processesOf returns the living processes of a session.
func processesOf(leader int) (pids []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // it has ended
		}
		// pid (name) state ppid pgrp session …; the name may hold anything.
		_, rest, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')'):]), " ")
		if f := strings.Fields(rest); len(f) > 3 && f[0] != "Z" && f[0] != "X" && f[3] == strconv.Itoa(leader) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// openTerminal opens a pseudo-terminal that echoes nothing: our end, and that of a program.
func openTerminal() (ours, theirs *os.File, err error) {
	ours, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("open a terminal: %w", err)
	}
	var number, unlocked uint32
	size := struct{ rows, columns, x, y uint16 }{rows: 50, columns: 120}
	err = errors.Join(control(ours, syscall.TIOCSPTLCK, unsafe.Pointer(&unlocked)), control(ours, syscall.TIOCGPTN, unsafe.Pointer(&number)),
		control(ours, syscall.TIOCSWINSZ, unsafe.Pointer(&size)))
	if err == nil {
		theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		ours.Close()
		return nil, nil, fmt.Errorf("open a terminal: %w", err)
	}
	return ours, theirs, nil
}

// control asks the terminal's driver, and leaves the file in the hands of Go's poller, so that Close ends a Read.
func control(f *os.File, request uintptr, argument unsafe.Pointer) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var errno syscall.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(argument))
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return err
}
