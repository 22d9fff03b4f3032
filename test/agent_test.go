package test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// agentProcess is a running `roentgen agent`.
type agentProcess struct {
	UDP, TCP string // host:port
	cmd      *exec.Cmd
	stderr   *output
	ended    chan error
}

var (
	announcedUDP   = regexp.MustCompile(`^  udp\s+(\S+)`)
	announcedTCP   = regexp.MustCompile(`^  tcp\s+(\S+)`)
	announcedState = regexp.MustCompile(`^  state\s`)
)

// launchAgent runs an agent of a server on a state directory and waits until it
// says that it is ready. It is killed with the test, unless it has ended.
func launchAgent(t *testing.T, s *server, state string, args ...string) *agentProcess {
	t.Helper()
	return launchAgentTo(t, s.HTTP, nil, state, args...)
}

// launchAgentTo is launchAgent for any upstream, with variables beside those of the test.
func launchAgentTo(t *testing.T, upstream string, env []string, state string, args ...string) *agentProcess {
	t.Helper()
	a := &agentProcess{stderr: new(output), ended: make(chan error, 1)}
	a.cmd = exec.Command(program("roentgen"), append([]string{
		"agent", "--upstream", upstream, "--bind", "127.0.0.1:0", "--bind-tcp", "127.0.0.1:0", "--state", state, "--ring-bytes", "16777216",
	}, args...)...)
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	a.cmd.Env = append(os.Environ(), env...)
	a.cmd.Stderr = a.stderr
	stdout, err := a.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && !announcedState.MatchString(lines.Text()) {
		if m := announcedUDP.FindStringSubmatch(lines.Text()); m != nil {
			a.UDP = m[1]
		}
		if m := announcedTCP.FindStringSubmatch(lines.Text()); m != nil {
			a.TCP = m[1]
		}
	}
	go func() {
		io.Copy(io.Discard, stdout)
		a.ended <- a.cmd.Wait()
	}()
	t.Cleanup(a.kill)
	if a.UDP == "" || a.TCP == "" {
		t.Fatalf("the agent did not come up\n%s", a.stderr)
	}
	return a
}

// kill ends the process at once, as a crash does.
func (a *agentProcess) kill() {
	a.cmd.Process.Kill()
	err := <-a.ended
	a.ended <- err // for who kills it again
}

// send sends documents over UDP, as an SDK that may hand over what was not
// sampled, and waits until the agent has read them.
func (a *agentProcess) send(t *testing.T, undecided bool, docs ...string) {
	t.Helper()
	c, err := net.Dial("udp", a.UDP)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	before := a.metric(t, `roentgen_ledger_received_total{door="udp"}`)
	for _, doc := range docs {
		if _, err := fmt.Fprintf(c, "{\"format\":\"json\",\"version\":1,\"undecided\":%v}\n%s", undecided, doc); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, func() error {
		if n := a.metric(t, `roentgen_ledger_received_total{door="udp"}`) - before; n < float64(len(docs)) {
			return fmt.Errorf("the agent has read %v of %d datagrams", n, len(docs))
		}
		return nil
	})
}

// asServer is the agent's TCP door in the place of a server's.
func (a *agentProcess) asServer() *server { return &server{HTTP: "http://" + a.TCP, Daemon: a.TCP} }

func (a *agentProcess) metric(t *testing.T, line string) float64 {
	t.Helper()
	return a.asServer().metric(t, line)
}

func agentSegment(trace, members string) string {
	now := float64(time.Now().UnixMicro()) / 1e6
	return fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"pay","start_time":%.6f,"end_time":%.6f%s}`, trace, newID(), now-0.05, now, members)
}

// sentTraces are traces of which one host has one segment and the other two.
func sentTraces(t *testing.T, n int, one, other *agentProcess) (ids []string) {
	t.Helper()
	var here, there []string
	for range n {
		id := newTraceID()
		ids = append(ids, id)
		here = append(here, agentSegment(id, ""))
		there = append(there, agentSegment(id, ""), agentSegment(id, ""))
	}
	one.send(t, true, here...)
	other.send(t, true, there...)
	return ids
}

// fail sends a further segment of each trace, which failed.
func (a *agentProcess) fail(t *testing.T, ids []string) {
	t.Helper()
	var docs []string
	for _, id := range ids {
		docs = append(docs, agentSegment(id, `,"fault":true`))
	}
	a.send(t, true, docs...)
}

// TestFailingTracesStayWholeWhoeverIsKilled has two hosts hold parts of traces
// that fail on one of them, and kills the other, the server and all of them.
func TestFailingTracesStayWholeWhoeverIsKilled(t *testing.T) {
	data, one, other := t.TempDir(), t.TempDir(), t.TempDir()
	s := launch(t, data)
	address := []string{"--http", strings.TrimPrefix(s.HTTP, "http://")}
	a, b := launchAgent(t, s, one), launchAgent(t, s, other)
	quiet := sentTraces(t, 5, a, b)
	whole := func(ids []string) {
		t.Helper()
		for _, id := range ids {
			s.awaitSegments(t, id, 4)
		}
	}
	ids := sentTraces(t, 10, a, b)
	b.kill()
	a.fail(t, ids)
	b = launchAgent(t, s, other)
	whole(ids)

	ids = sentTraces(t, 10, a, b)
	a.fail(t, ids)
	s.kill() // somewhere between the documents, the notices and their answers
	s = launch(t, data, address...)
	whole(ids)

	ids = sentTraces(t, 10, a, b)
	a.fail(t, ids)
	a.kill()
	b.kill()
	s.kill()
	a, b = launchAgent(t, s, one), launchAgent(t, s, other)
	s = launch(t, data, address...)
	whole(ids)
	for _, id := range quiet {
		if n := len(s.trace(t, id)); n != 0 {
			t.Errorf("%d segments of a trace that did not fail", n)
		}
	}
	balances(t, s, a, b)
	s.stop(t)
}

// balances waits until nothing waits to be sent, and lets the program check the
// books of all.
func balances(t *testing.T, s *server, agents ...*agentProcess) {
	t.Helper()
	for _, a := range agents {
		eventually(t, func() error {
			if n := a.metric(t, `roentgen_ledger_waiting{place="spool"}`); n != 0 {
				return fmt.Errorf("%v documents wait to be sent", n)
			}
			return nil
		})
		if d := a.metric(t, "roentgen_ledger_difference"); d != 0 {
			t.Errorf("the books of %s differ by %v\n%s", a.TCP, d, a.stderr)
		}
	}
	eventually(t, func() error {
		if text, err := exec.Command(program("roentgen"), "ledger", "--server", s.HTTP).CombinedOutput(); err != nil {
			return fmt.Errorf("roentgen ledger: %w\n%s", err, text)
		}
		return nil
	})
}

// TestAnOutageOfTheServerIsSatOutAndBooked gathers more batches than an agent
// remembers at once while the server is away, so that senders wait for long.
func TestAnOutageOfTheServerIsSatOutAndBooked(t *testing.T) {
	const documents = 26_000 // a hundred batches
	data := t.TempDir()
	s := launch(t, data)
	a := launchAgent(t, s, t.TempDir())
	s.kill()
	var docs []string
	for range documents {
		docs = append(docs, agentSegment(newTraceID(), ""))
	}
	for part := range slices.Chunk(docs, 1000) {
		putSegments(t, a.asServer(), part, false)
	}
	eventually(t, func() error { // pauses have become long
		if n := a.metric(t, "roentgen_upstream_retries_total"); n < 7 {
			return fmt.Errorf("sent again %v times", n)
		}
		return nil
	})
	s = startServer(t, data, "--http", strings.TrimPrefix(s.HTTP, "http://"))
	balances(t, s, a)
	if n := a.metric(t, `roentgen_ledger_settled_total{outcome="stored"}`); n != documents {
		t.Errorf("%v of %d documents are booked as stored", n, documents)
	}
}

// TestACopyOfAnAgentIsAnotherOne runs an agent and a copy of its directory,
// as a machine's image would bring it.
func TestACopyOfAnAgentIsAnotherOne(t *testing.T) {
	s := startServer(t, t.TempDir())
	state, clone := t.TempDir(), filepath.Join(t.TempDir(), "clone")
	a := launchAgent(t, s, state)
	trace := newTraceID()
	a.send(t, false, agentSegment(trace, ""))
	s.awaitSegments(t, trace, 1)
	a.kill()
	if err := os.CopyFS(clone, os.DirFS(state)); err != nil {
		t.Fatal(err)
	}
	a, b := launchAgent(t, s, state), launchAgent(t, s, clone)
	var ids []string
	for range 20 {
		ids = append(ids, newTraceID())
		a.send(t, false, agentSegment(ids[len(ids)-1], ""))
		b.send(t, false, agentSegment(ids[len(ids)-1], ""))
	}
	for _, id := range ids {
		s.awaitSegments(t, id, 2)
	}
	held := newTraceID()
	a.send(t, true, agentSegment(held, ""))
	b.send(t, true, agentSegment(held, `,"fault":true`))
	s.awaitSegments(t, held, 2)
	balances(t, s, a, b)
}
