package asrocr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/roentgen/roentgen/afirgen/proc"
)

// program is another program that is run once for each piece of work.
type program struct {
	path   string
	memory uint64 // bytes of address space that it may have; 0 for no bound; only Linux keeps it
	output int    // bytes that it may write
	quotes bool   // its stderr may quote what it reads and is not kept
}

// maxErrors is how many bytes of stderr are kept.
const maxErrors = 4 << 10

var errOutput = errors.New("the program wrote more than it may")

// errExit says that the program ended by itself with a code other than 0.
var errExit = errors.New("the program gave up")

// input is what a run gets to read.
type input struct {
	stdin []byte
	file  *os.File // open as /dev/fd/3; nil for none
}

// run ends the program's whole group when ctx ends and returns ctx's error then.
func (p program) run(ctx context.Context, in input, args ...string) ([]byte, error) {
	out, errs := &capped{limit: p.output}, &capped{limit: maxErrors, quiet: true}
	cmd := exec.CommandContext(ctx, p.path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in.stdin), out, errs
	if in.file != nil {
		cmd.ExtraFiles = []*os.File{in.file}
	}
	cmd.Env = environment()
	cmd.WaitDelay = time.Second
	proc.Lead(cmd)
	err := p.wait(cmd)
	switch {
	case err == nil:
		return out.data, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case out.over:
		return nil, errOutput
	case p.quotes:
		return nil, fmt.Errorf("%w: %s", errExit, err)
	}
	return nil, fmt.Errorf("%w: %s: %s", errExit, err, bytes.TrimSpace(errs.data))
}

// wait holds the thread, because the kernel kills the program when the thread that started it ends. The bound of memory is
// set a moment after the start, before the program has read anything worth mentioning.
func (p program) wait(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	bound := limit(cmd.Process.Pid, p.memory)
	if bound != nil {
		_ = proc.Kill(cmd.Process)
	}
	return errors.Join(bound, cmd.Wait())
}

// environment gives the program what it needs and none of our secrets. One thread each: several pieces of work share the
// processors.
func environment() []string {
	env := []string{"OMP_THREAD_LIMIT=1", "LC_ALL=C.UTF-8"}
	for _, name := range []string{"PATH", "TESSDATA_PREFIX", "TMPDIR"} {
		if value, set := os.LookupEnv(name); set {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// unnamed puts data into a file that has no name any more, so that it is gone whatever happens to us. The program opens it
// as /dev/fd/3. The caller closes it.
func unnamed(data []byte) (*os.File, error) {
	f, err := os.CreateTemp("", "afirgen-")
	if err != nil {
		return nil, fmt.Errorf("making room for an upload: %w", err)
	}
	_, err = f.Write(data)
	if err := errors.Join(err, os.Remove(f.Name())); err != nil {
		return nil, fmt.Errorf("making room for an upload: %w", errors.Join(err, f.Close()))
	}
	return f, nil
}

// asFile is the path under which a program finds its input's file.
const asFile = "/dev/fd/3"

// capped keeps the first limit bytes. Beyond them a quiet one swallows and a loud one stops the writer.
type capped struct {
	data        []byte
	limit       int
	quiet, over bool
}

func (c *capped) Write(p []byte) (int, error) {
	room := c.limit - len(c.data)
	if len(p) <= room {
		c.data = append(c.data, p...)
		return len(p), nil
	}
	c.data, c.over = append(c.data, p[:room]...), true
	if c.quiet {
		return len(p), nil
	}
	return room, errOutput
}
