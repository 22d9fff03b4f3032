package test

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// process is a program that a test has started, and how long it may take to stop.
type process struct {
	cmd   *exec.Cmd
	logs  *output
	ended chan error
	grace time.Duration
}

// processes are those of a test, in the order of their start.
type processes struct {
	test    *testing.T
	running map[string]*process
	order   []string
}

func newProcesses(t *testing.T) processes { return processes{test: t, running: map[string]*process{}} }

// launch starts a program that is stopped with the test at the latest.
func (all *processes) launch(name string, c *exec.Cmd, grace time.Duration) *process {
	all.test.Helper()
	p := &process{cmd: c, logs: new(output), ended: make(chan error, 1), grace: grace}
	c.Stdout, c.Stderr = p.logs, p.logs
	if err := c.Start(); err != nil {
		all.test.Fatalf("starting %s: %v", name, err)
	}
	go func() { p.ended <- c.Wait() }()
	all.running[name] = p
	all.order = append(all.order, name)
	all.test.Cleanup(func() { all.stop(name) })
	return p
}

// stop asks a program to stop, and wants it to end well, by itself and within its grace.
func (all *processes) stop(name string) {
	all.test.Helper()
	p := all.running[name]
	if p == nil {
		return
	}
	delete(all.running, name)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) && len(p.ended) == 0 {
		return // it was waited for already
	}
	select {
	case err := <-p.ended:
		if err != nil {
			all.test.Errorf("%s ended with %v:\n%s", name, err, p.logs)
		}
	case <-time.After(p.grace):
		all.test.Errorf("%s is killed after %s:\n%s", name, p.grace, p.logs)
		all.test.Error(p.cmd.Process.Kill(), <-p.ended)
	}
}

// died is what a program that should run has ended with; nil while it runs.
func (all *processes) died(name string) error {
	p := all.running[name]
	select {
	case err := <-p.ended:
		p.ended <- err
		if err == nil {
			err = errors.New("it has ended")
		}
		return err
	default:
		return nil
	}
}
