package mariadb

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/roentgen/roentgen/afirgen/proc"
)

// stopWithin is how long MariaDB may take to write what is left.
const stopWithin = 15 * time.Second

// Run prepares MariaDB and runs it until ctx ends, then stops it cleanly. Its log goes to out. It is for those without a
// supervisor of their own.
func (s Server) Run(ctx context.Context, out io.Writer) error {
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	path, args, env, err := s.Program()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, out, out
	proc.Lead(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopWithin
	runtime.LockOSThread() // the kernel ends MariaDB when the thread that started it dies
	defer runtime.UnlockOSThread()
	err = cmd.Run()
	if ctx.Err() != nil && cmd.ProcessState != nil && cmd.ProcessState.Success() {
		return nil
	}
	if err != nil {
		return fmt.Errorf("running MariaDB in %s: %w", s.Dir, err)
	}
	return fmt.Errorf("running MariaDB in %s: it has stopped of itself", s.Dir)
}
