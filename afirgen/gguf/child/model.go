package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// Config is what a Model needs. Command, Log and Now are required.
type Config struct {
	// Command makes the child's command anew for each start. Its files and its process group are set here.
	Command     func() *exec.Cmd
	LoadTimeout time.Duration // from the start to Ready; 0 is 5 minutes
	Grace       time.Duration // for a cancelled inference to end, and to take a prompt, before the child is killed; 0 is 5 s
	Log         *slog.Logger  // knows the model's name
	Now         func() time.Time
	After       func(time.Duration) <-chan time.Time // before a restart; nil is time.After
}

// Phase is what a Model's child is doing.
type Phase string

// The phases.
const (
	Loading Phase = "loading" // for the first time
	Up      Phase = "ready"
	Down    Phase = "unavailable" // until it has been started again
)

// State is what is known of a Model's child.
type State struct {
	Phase    Phase
	Reason   string // of Down: a sentence without a full stop
	Info     Info   // of the last child that was up
	Restarts int
}

// Model is a model in a process of its own. It is safe for concurrent use.
type Model struct {
	cfg Config

	mu      sync.Mutex
	state   State
	process *process // nil unless Up
}

// New makes a model whose child Run will start.
func New(cfg Config) *Model {
	if cfg.LoadTimeout == 0 {
		cfg.LoadTimeout = 5 * time.Minute
	}
	if cfg.Grace == 0 {
		cfg.Grace = 5 * time.Second
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	return &Model{cfg: cfg, state: State{Phase: Loading}}
}

// State reports what is known at this moment.
func (m *Model) State() State {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// Run starts the child, and again when it dies, until ctx ends; it has ended the child when it returns. The error is
// always nil: what goes wrong with a child is its State.
func (m *Model) Run(ctx context.Context) error {
	// The kernel kills a child whose parent thread dies.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var pauses backoff
	for {
		start := m.cfg.Now()
		reason := m.live(ctx)
		if ctx.Err() != nil {
			return nil
		}
		m.down(reason)
		pause := pauses.next(m.cfg.Now().Sub(start))
		m.cfg.Log.Error("the model is unavailable: its process is started again", "reason", reason, "pause", pause.String())
		select {
		case <-m.cfg.After(pause):
		case <-ctx.Done():
			return nil
		}
	}
}

func (m *Model) down(reason string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state.Phase, m.state.Reason, m.process = Down, reason, nil
	m.state.Restarts++
}

func (m *Model) up(p *process, info Info) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state.Phase, m.state.Reason, m.state.Info, m.process = Up, "", info, p
}

// live starts a child, reads what it says until it is dead, and returns why it died.
func (m *Model) live(ctx context.Context) (reason string) {
	p, out, err := m.start()
	if err != nil {
		return err.Error()
	}
	defer context.AfterFunc(ctx, func() { p.kill("the service is stopping") })()
	slow := time.AfterFunc(m.cfg.LoadTimeout, func() {
		p.kill("the model was not loaded within " + m.cfg.LoadTimeout.String())
	})
	defer slow.Stop()
	said := m.listen(p, out, slow)
	return p.bury(said)
}

// start starts the child and returns the end of the pipe that it writes to.
func (m *Model) start() (*process, *os.File, error) {
	cmd := m.cfg.Command()
	childIn, in, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("making a pipe: %w", err)
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("making a pipe: %w", err), childIn.Close(), in.Close())
	}
	p := newProcess(cmd, in, m.cfg.Grace)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = childIn, childOut, &p.complaint
	err = p.start()
	err = errors.Join(err, childIn.Close(), childOut.Close())
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("starting the model's process: %w", err), in.Close(), out.Close())
	}
	return p, out, nil
}

// listen hands the child's messages on until there are no more, and returns its own word on why, if it said one.
func (m *Model) listen(p *process, out *os.File, slow *time.Timer) (said string) {
	defer func() { _ = out.Close() }() // only read from
	events := newReader[Event](out)
	for {
		e, err := events.next()
		switch {
		case errors.Is(err, io.EOF):
			return said
		case err != nil:
			p.kill("it does not keep to the protocol: " + err.Error())
			return said
		case e.Kind == Refused:
			said = plain(e.Reason)
		case e.Kind == Ready:
			slow.Stop()
			m.up(p, *e.Info)
			m.cfg.Log.Info("the model is loaded", "architecture", plain(e.Info.Architecture), "parameters", e.Info.Parameters,
				"context", e.Info.Context, "framing", e.Info.Framing, "simd", e.Info.SIMD)
		default:
			p.hand(e)
		}
	}
}
