package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Program is the server to be started.
type Program struct {
	Path string
	Args []string
	Once []string // arguments of the first start alone
	Env  []string
	Log  string // file that its messages are appended to
	Wait time.Duration
}

// Doorways are the addresses of a server.
type Doorways struct {
	HTTP     string // URL of the X-Ray API and the console
	Daemon   string // host:port for datagrams; empty: shut
	OTLPHTTP string // URL without a path; empty: shut
	OTLPGRPC string // URL without a path; empty: shut
}

// Server is a child process. Whoever starts it stops it.
type Server struct {
	Doorways
	*Process
	Opened time.Duration // from the start of the process to its word that it is ready

	cmd     *exec.Cmd
	log     *os.File
	ended   chan struct{} // closed when the process has ended
	watched sync.WaitGroup
	unwatch context.CancelFunc
}

// Start runs the program until it says that it is ready.
func Start(ctx context.Context, p Program) (*Server, error) {
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of the server: %w", err)
	}
	s := &Server{cmd: exec.Command(p.Path, p.Args...), log: log, ended: make(chan struct{})}
	s.cmd.Env, s.cmd.Stderr = p.Env, log
	dieWithParent(s.cmd)
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", p.Path, err), log.Close())
	}
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", p.Path, err), log.Close())
	}
	ready := make(chan Doorways, 1)
	s.watched.Go(func() { s.attend(stdout, ready) })
	if err := s.await(ctx, p, ready, begin); err != nil {
		_, _, stopErr := s.Stop(context.WithoutCancel(ctx), time.Second)
		return nil, errors.Join(err, stopErr)
	}
	return s, nil
}

// attend reads what the server says until it ends, and buries it.
func (s *Server) attend(stdout io.Reader, ready chan<- Doorways) {
	lines := bufio.NewScanner(stdout)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if strings.HasPrefix(strings.TrimSpace(lines.Text()), "data ") { // the last line of what it says when it is ready
			ready <- parseDoorways(said)
			break
		}
	}
	io.Copy(io.Discard, stdout) // so that it never waits for a reader
	s.cmd.Wait()                // how it ended stands in its state
	close(s.ended)
}

func (s *Server) await(ctx context.Context, p Program, ready <-chan Doorways, begin time.Time) error {
	timeout := time.NewTimer(p.Wait)
	defer timeout.Stop()
	select {
	case s.Doorways = <-ready:
		s.Opened = time.Since(begin)
	case <-s.ended:
		return fmt.Errorf("%s %s ended before it was ready: %s", p.Path, strings.Join(p.Args, " "), lastLines(p.Log))
	case <-timeout.C:
		return fmt.Errorf("%s was not ready within %s; its messages: %s", p.Path, p.Wait, lastLines(p.Log))
	case <-ctx.Done():
		return ctx.Err()
	}
	var err error
	if s.Process, err = FindProcess(s.cmd.Process.Pid); err != nil {
		return err
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.unwatch = stop
	s.watched.Go(func() { s.watch(watching) })
	return nil
}

// Stop ends the server as an operator does, with SIGTERM, and with SIGKILL
// after patience. It returns how long that took and the whole processor time of
// the process.
func (s *Server) Stop(ctx context.Context, patience time.Duration) (took, cpu time.Duration, err error) {
	begin := time.Now()
	if s.unwatch != nil {
		s.unwatch()
	}
	s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case <-s.ended:
	case <-ctx.Done():
		err = s.kill(ctx.Err())
	case <-timeout.C:
		err = s.kill(fmt.Errorf("the server did not end within %s of SIGTERM and was killed", patience))
	}
	took = time.Since(begin)
	s.watched.Wait()
	state := s.cmd.ProcessState
	if err == nil && !state.Success() {
		err = fmt.Errorf("the server ended with %s: %s", state, lastLines(s.log.Name()))
	}
	return took, state.UserTime() + state.SystemTime(), errors.Join(err, s.log.Close())
}

func (s *Server) kill(why error) error {
	s.cmd.Process.Kill()
	<-s.ended
	return why
}

// announced is a line of what a server says when it is ready: a name, at least
// two spaces or a tab, an address.
var announced = regexp.MustCompile(`^\s+(\S+(?: \S+)*)\s{2,}(\S+:\d+)\S*(?:\s|$)`)

// parseDoorways reads the addresses that `roentgen serve` announces.
func parseDoorways(lines []string) (d Doorways) {
	for _, line := range lines {
		m := announced.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name, address := strings.ToLower(m[1]), m[2]
		switch {
		case name == "x-ray api":
			d.HTTP = address
		case name == "daemon":
			d.Daemon = address
		case strings.Contains(name, "otlp") && strings.Contains(name, "grpc"):
			d.OTLPGRPC = asURL(address)
		case strings.Contains(name, "otlp") && strings.Contains(name, "http"):
			d.OTLPHTTP = asURL(address)
		}
	}
	return d
}

func asURL(address string) string {
	if strings.Contains(address, "://") {
		return address
	}
	return "http://" + address
}

// lastLines is the end of a log, in one line.
func lastLines(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	const most = 1000
	text = bytes.TrimSpace(text[max(0, len(text)-most):])
	return string(bytes.ReplaceAll(text, []byte("\n"), []byte("; ")))
}
