package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	plainHeader     = `{"format":"json","version":1}` + "\n"
	undecidedHeader = `{"format":"json","version":1,"undecided":true}` + "\n"
)

// documentsAtOnce is more than a kill may lose: what one system call brings.
const documentsAtOnce = 64

// segmentText is a document of a trace.
func segmentText(trace string, n int, members string) string {
	now := float64(time.Now().UnixMicro()) / 1e6
	return fmt.Sprintf(`{"trace_id":"%s","id":"%016x","name":"pay","start_time":%.6f,"end_time":%.6f%s}`, trace, n+1, now-0.05, now, members)
}

func randomTrace(r *rand.Rand) string {
	return fmt.Sprintf("1-%08x-%08x%016x", time.Now().Unix(), r.Uint32(), r.Uint64())
}

// TestAKilledAgentKeepsItsBooks kills the agent again and again while segments
// come in, and afterwards accounts for each that it had read.
func TestAKilledAgentKeepsItsBooks(t *testing.T) {
	server := startProgram(t, nil, "serve", "--data", t.TempDir(), "--http", "127.0.0.1:0", "--daemon", "off", "--otlp-grpc", "off", "--otlp-http", "off")
	url := server.said["X-Ray API"]
	state := t.TempDir()
	args := []string{"agent", "--upstream", url, "--bind", "127.0.0.1:0", "--bind-tcp", "127.0.0.1:0", "--state", state, "--ring-bytes", "16777216", "--spool-bytes", "33554432"}
	r := rand.New(rand.NewPCG(6, 6))
	var failing []string // traces of which every segment was read
	for range 4 {
		agent := startProgram(t, nil, args...)
		traces := sendTraces(t, r, agent, 400)
		eventually(t, func() error { // the last one comes after all others were read
			return within("documents read", totalOf(metrics(t, "http://"+agent.said["tcp"]), "roentgen_ledger_received_total"), 1)
		})
		failing = append(failing, traces...)
		agent.end(syscall.SIGKILL)
	}
	agent := startProgram(t, nil, args...)
	at := "http://" + agent.said["tcp"]
	var books map[string]float64
	eventually(t, func() error {
		books = metrics(t, at)
		return errors.Join(
			expect("difference", books["roentgen_ledger_difference"], 0),
			expect("spool", books[`roentgen_ledger_waiting{place="spool"}`], 0),
			expect("queue", books[`roentgen_ledger_waiting{place="queue"}`], 0),
		)
	})
	server0 := metrics(t, url)
	stored := server0[`roentgen_documents_settled_total{door="agent",outcome="stored"}`]
	if got := books[`roentgen_ledger_settled_total{outcome="stored"}`]; got != stored || stored == 0 {
		t.Errorf("the agent says that %v documents are stored, the server %v", got, stored)
	}
	lost, killed := totalOf(books, "roentgen_ledger_lost_total"), books[`roentgen_ledger_lost_total{cause="killed"}`]
	if lost != killed || killed > 4*documentsAtOnce {
		t.Errorf("%v documents are lost, %v of them to kills", lost, killed)
	}
	for _, trace := range failing {
		if n := segmentsOf(t, url, trace); n != 3 {
			t.Errorf("trace %s failed, and the server has %d of its 3 segments", trace, n)
		}
	}
}

func within(what string, got, least float64) error {
	if got < least {
		return fmt.Errorf("%s: %v, fewer than %v", what, got, least)
	}
	return nil
}

// sendTraces sends traces of three segments, of which every tenth fails and
// every tenth is sampled, and returns the failing ones among those that the
// agent has read whole by now.
func sendTraces(t *testing.T, r *rand.Rand, agent *program, n int) (failing []string) {
	t.Helper()
	c, err := net.Dial("udp", agent.said["udp"])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	at := "http://" + agent.said["tcp"]
	before := totalOf(metrics(t, at), "roentgen_ledger_received_total")
	sent := 0.0
	for i := range n {
		trace, header := randomTrace(r), undecidedHeader
		if i%10 == 5 {
			header = plainHeader
		}
		for k := range 3 {
			members := ""
			if i%10 == 0 && k == 2 {
				members = `,"fault":true`
			}
			if _, err := c.Write([]byte(header + segmentText(trace, k, members))); err != nil {
				t.Fatal(err)
			}
			sent++
		}
		if i%10 == 0 {
			failing = append(failing, trace)
		}
		if i%100 == 99 && i < n-1 { // the last ones may be under way when the agent is killed
			eventually(t, func() error {
				return within("documents read", totalOf(metrics(t, at), "roentgen_ledger_received_total")-before, sent)
			})
		}
	}
	return failing[:len(failing)-10]
}

// TestTriggersAreReadAgain changes the file and sends the signal.
func TestTriggersAreReadAgain(t *testing.T) {
	server := startProgram(t, nil, "serve", "--data", t.TempDir(), "--http", "127.0.0.1:0", "--daemon", "off", "--otlp-grpc", "off", "--otlp-http", "off")
	file := filepath.Join(t.TempDir(), "triggers.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("version: 1\ntriggers:\n  - name: broken\n    when: fault\n")
	agent := startProgram(t, nil, "agent", "--upstream", server.said["X-Ray API"], "--bind", "127.0.0.1:0", "--bind-tcp", "127.0.0.1:0",
		"--state", t.TempDir(), "--ring-bytes", "16777216", "--triggers", file)
	at := "http://" + agent.said["tcp"]
	has := func(name string) error {
		text := get(t, at+"/.well-known/roentgen-agent")
		if !strings.Contains(text, `"`+name+`"`) {
			return fmt.Errorf("no trigger %q: %s", name, text)
		}
		return nil
	}
	if err := has("fault"); err != nil {
		t.Fatal(err)
	}
	write("version: 1\ntriggers:\n  - name: slow\n    when: slower than 2s\n")
	if err := agent.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error { return has("slow") })
	write("version: 7\n")
	if err := agent.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	write("version: 1\ntriggers:\n  - name: third\n    when: 'slower than 3s'\n") // without a signal
	eventually(t, func() error { return has("third") })
	if err := agent.end(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v", err)
	}
	if !strings.Contains(agent.stderr.String(), "triggers read") {
		t.Error("nobody was told that the triggers were read")
	}
}
