package child

import (
	"errors"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/roentgen/roentgen/afirgen/proc"
)

// process is one child from its start to its burial.
type process struct {
	cmd       *exec.Cmd
	in        *os.File // what the child reads
	requests  writer
	grace     time.Duration
	complaint complaint

	mu     sync.Mutex
	calls  map[int64]chan Event // closed when the child is dead
	lastID int64
	killed string // why we killed it
	dead   bool   // nothing can be asked, and its process id may be another's soon
}

func newProcess(cmd *exec.Cmd, in *os.File, grace time.Duration) *process {
	return &process{cmd: cmd, in: in, requests: writer{out: in}, grace: grace, calls: map[int64]chan Event{}}
}

func (p *process) start() error {
	proc.Lead(p.cmd)
	p.cmd.Cancel = nil // Lead's is for commands with a context
	p.cmd.WaitDelay = time.Second
	return p.cmd.Start()
}

// kill ends the child at once. The first reason counts.
func (p *process) kill(reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return
	}
	if p.killed == "" {
		p.killed = reason
	}
	_ = proc.Kill(p.cmd.Process) // that it is dead already is no error
}

// bury waits for a child that says no more, and returns why it died: our reason, its own word, or what the system saw.
func (p *process) bury(said string) string {
	p.mu.Lock()
	_ = proc.Kill(p.cmd.Process) // it may have closed its output and live on
	p.dead = true
	for id, events := range p.calls {
		delete(p.calls, id)
		close(events)
	}
	killed := p.killed
	p.mu.Unlock()
	err := errors.Join(p.cmd.Wait(), p.in.Close())
	switch assertion := p.complaint.assertion(); {
	case killed != "":
		return killed
	case said != "":
		return said
	case assertion != "":
		return assertion
	case err != nil:
		return "its process has ended: " + err.Error()
	}
	return "its process has ended"
}

// call registers an inference of at most that many tokens. Each gives at most one event, so that the channel never
// fills and a slow listener holds nobody up.
func (p *process) call(maxTokens int) (id int64, events <-chan Event, alive bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead || p.killed != "" {
		return 0, nil, false
	}
	p.lastID++
	c := make(chan Event, maxTokens+2) // a last piece that was held back, and the end
	p.calls[p.lastID] = c
	return p.lastID, c, true
}

func (p *process) forget(id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.calls, id)
}

// hand gives an event to whoever waits for it. One that nobody waits for any more is dropped.
func (p *process) hand(e Event) {
	p.mu.Lock()
	events, known := p.calls[e.ID]
	full := known && len(events) == cap(events)
	if known && !full {
		events <- e // the room is there: only this goroutine sends
	}
	p.mu.Unlock()
	if full {
		p.kill("it does not keep to the protocol: it sends more than was asked for")
	}
}

// send writes a request. A child that does not read is killed.
func (p *process) send(req Request) error {
	err := p.in.SetWriteDeadline(time.Now().Add(p.grace)) // the kernel's clock, not ours
	if err == nil {
		err = p.requests.send(req)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		p.kill("it did not take a prompt within " + p.grace.String())
	}
	return err
}
