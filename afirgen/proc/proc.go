// Package proc starts other programs so that they cannot outlive us: each leads a process group of its own, which can
// be ended as a whole, and (on Linux) is killed by the kernel when the thread that started it dies.
package proc

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// Lead makes cmd the leader of its own process group, so that a Ctrl-C in the terminal reaches us alone and Kill
// reaches its children too. Call it before Start. On Linux the goroutine that calls Start should hold its thread
// (runtime.LockOSThread) until Wait has returned when the program is meant to live long.
func Lead(cmd *exec.Cmd) {
	cmd.SysProcAttr = attributes()
	cmd.Cancel = func() error { return Kill(cmd.Process) }
}

// Kill ends the group that p leads, at once. A group that has ended already is os.ErrProcessDone.
func Kill(p *os.Process) error { return Signal(p, syscall.SIGKILL) }

// Signal sends sig to the whole group that p leads.
func Signal(p *os.Process, sig syscall.Signal) error {
	err := syscall.Kill(-p.Pid, sig)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
