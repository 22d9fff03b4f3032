package up

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/roentgen/roentgen/afirgen/proc"
)

// Program is what a Supervisor keeps running.
type Program struct {
	Name       string // before each of its lines
	Path       string
	Args       []string
	Env        []string      // the whole environment
	StopWithin time.Duration // from SIGTERM to SIGKILL
}

// Supervisor starts programs, starts again those that die, and stops them. Each started program has one goroutine,
// which Stop waits for. It is safe for concurrent use.
type Supervisor struct {
	Lines *Lines
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time // for the pauses before a restart

	mu struct {
		sync.Mutex
		kept map[string]*kept
	}
}

// kept is a program under supervision.
type kept struct {
	stop   context.CancelFunc
	done   chan struct{} // closed when it has ended for good
	deaths int           // guarded by the supervisor's mu
}

// Start starts p and keeps it running until Stop.
func (s *Supervisor) Start(p Program) {
	ctx, stop := context.WithCancel(context.Background())
	k := &kept{stop: stop, done: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.kept == nil {
		s.mu.kept = map[string]*kept{}
	}
	s.mu.kept[p.Name] = k
	go func() {
		defer close(k.done)
		s.keep(ctx, p, k)
	}()
}

// Stop sends SIGTERM to the named programs, kills those that do not end within their bound, and returns when all have
// ended. A name that was never started is passed over.
func (s *Supervisor) Stop(names ...string) {
	var waitFor []*kept
	s.mu.Lock()
	for _, name := range names {
		if k := s.mu.kept[name]; k != nil {
			waitFor = append(waitFor, k)
		}
	}
	s.mu.Unlock()
	for _, k := range waitFor {
		k.stop()
	}
	for _, k := range waitFor {
		<-k.done
	}
}

// Deaths counts how often a program has ended without being asked.
func (s *Supervisor) Deaths(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.mu.kept[name]; k != nil {
		return k.deaths
	}
	return 0
}

// keep runs p again and again. It holds its thread: the kernel kills a program when the thread that started it ends.
func (s *Supervisor) keep(ctx context.Context, p Program, k *kept) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var pauses backoff
	for {
		started := s.Now()
		how := s.once(ctx, p)
		if ctx.Err() != nil {
			s.Lines.Say(fmt.Sprintf("%s has stopped (%s)", p.Name, how))
			return
		}
		s.mu.Lock()
		k.deaths++
		s.mu.Unlock()
		pause := pauses.pause(s.Now().Sub(started))
		s.Lines.Say(fmt.Sprintf("%s has died (%s): it starts again in %s", p.Name, how, pause))
		select {
		case <-s.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// once runs p until it ends or ctx does, leaves nothing of its process group behind, and says how it ended.
func (s *Supervisor) once(ctx context.Context, p Program) (how string) {
	out := s.Lines.Writer(p.Name)
	defer func() { _ = out.Close() }() // prints what is left of a line; it has no error to give
	cmd := exec.CommandContext(ctx, p.Path, p.Args...)
	cmd.Env = p.Env
	// One writer for both: exec then copies from a single pipe, and lines keep their order.
	cmd.Stdout, cmd.Stderr = io.Writer(out), io.Writer(out)
	proc.Lead(cmd)
	// To the leader alone: what it has started is its own to stop.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = p.StopWithin
	if err := cmd.Start(); err != nil {
		return err.Error()
	}
	_ = cmd.Wait()             // the state below says more: Wait calls an orderly stop "context canceled"
	_ = proc.Kill(cmd.Process) // os.ErrProcessDone when, as it should be, nobody is left
	return cmd.ProcessState.String()
}
