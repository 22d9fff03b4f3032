package tail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/roentgen/roentgen/bench"
)

// program is a program that runs, ends and runs again. Whoever starts it stops it.
type program struct {
	name  string
	path  string
	args  []string
	env   []string
	log   string // file that it writes to
	ready string // URL that answers 200 when it is ready

	listens string // where it has no such URL: the address at which it listens

	mu      sync.Mutex
	cmd     *exec.Cmd
	ended   chan struct{}
	process *bench.Process
	spent   time.Duration // processor time of the incarnations before
	last    time.Duration // of this one, when it was last looked at
	peak    bench.Memory
}

// patience is how long a program may take to be ready, or to end.
const patience = 30 * time.Second

func (p *program) start(ctx context.Context) error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", p.name, err)
	}
	defer log.Close() // the child has its own
	cmd := exec.Command(p.path, p.args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, log, log
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	ended := make(chan struct{})
	go func() { // ends with the process, which stop or kill waits for
		cmd.Wait() // how it ended stands in its state
		close(ended)
	}()
	process, err := bench.FindProcess(cmd.Process.Pid)
	p.mu.Lock()
	p.cmd, p.ended, p.process, p.last = cmd, ended, process, 0
	p.mu.Unlock()
	if err != nil {
		return err
	}
	return p.await(ctx, ended)
}

func (p *program) await(ctx context.Context, ended <-chan struct{}) error {
	limit := time.Now().Add(patience)
	for {
		if p.isReady(ctx) {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("%s ended before it was ready: %s", p.name, lastLines(p.log))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(limit) {
			return fmt.Errorf("%s was not ready within %s; its messages: %s", p.name, patience, lastLines(p.log))
		}
	}
}

func (p *program) isReady(ctx context.Context) bool {
	if p.listens == "" {
		return answers(ctx, p.ready)
	}
	c, err := new(net.Dialer).DialContext(ctx, "tcp", p.listens)
	return err == nil && c.Close() == nil
}

// answers says whether a server is there and well.
func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := quick.Do(req)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close()) == nil && resp.StatusCode/100 == 2
}

// quick keeps no connection open, so that nothing is left when it was used. Never written.
var quick = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// pid is the number of the process; 0: it does not run.
func (p *program) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// signal sends a signal to a program that runs.
func (p *program) signal(s os.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return fmt.Errorf("%s does not run", p.name)
	}
	return p.cmd.Process.Signal(s)
}

// kill ends it at once, stop as an operator does.
func (p *program) kill() error { return p.end(syscall.SIGKILL) }
func (p *program) stop() error { return p.end(syscall.SIGTERM) }

func (p *program) end(s os.Signal) error {
	p.look()
	p.mu.Lock()
	cmd, ended := p.cmd, p.ended
	p.cmd = nil
	p.mu.Unlock()
	if cmd == nil {
		return nil
	}
	err := cmd.Process.Signal(s)
	if errors.Is(err, os.ErrProcessDone) {
		err = fmt.Errorf("%s had ended by itself: %s", p.name, lastLines(p.log))
	}
	select {
	case <-ended:
	case <-time.After(patience):
		cmd.Process.Kill()
		<-ended
		err = errors.Join(err, fmt.Errorf("%s did not end within %s and was killed", p.name, patience))
	}
	p.mu.Lock()
	p.spent += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	p.last = 0
	p.mu.Unlock()
	return err
}

// look notes what the program takes now.
func (p *program) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil || p.process == nil {
		return
	}
	if cpu, err := p.process.CPU(); err == nil {
		p.last = cpu
	}
	if m, err := p.process.Memory(); err == nil {
		p.peak.Resident = max(p.peak.Resident, m.Resident)
		p.peak.Highest = max(p.peak.Highest, m.Highest)
		p.peak.Anonymous = max(p.peak.Anonymous, m.Anonymous)
	}
}

// cpu is the processor time of all its incarnations so far.
func (p *program) cpu() time.Duration {
	p.look()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.spent + p.last
}

func (p *program) memory() bench.Memory {
	p.look()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.peak
}

// lastLines is the end of a log, in one line.
func lastLines(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	const most = 1000
	return strings.ReplaceAll(strings.TrimSpace(string(text[max(0, len(text)-most):])), "\n", "; ")
}

// freeAddresses returns loopback addresses at which nobody listens now, over TCP and UDP.
func freeAddresses(ctx context.Context, host string, n int) (out []string, err error) {
	for range n {
		l, err := listenBoth(ctx, host)
		if err != nil {
			return nil, err
		}
		defer l.close()
		out = append(out, l.tcp.Addr().String())
	}
	return out, nil
}
