package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roentgen/roentgen/agent"
	books "github.com/roentgen/roentgen/agent/ledger"
)

// TestTheLedgerLineTellsWhatIsNew: what another process counted before is told
// by that process, and each document is in one line alone.
func TestTheLedgerLineTellsWhatIsNew(t *testing.T) {
	var out bytes.Buffer
	s := agent.Statement{Books: books.Books{Received: map[string]int64{"udp": 100}, Stored: 90, Lost: map[string]int64{"damage": 10}}}
	l := &ledgerLine{log: slog.New(slog.NewJSONHandler(&out, nil)), statement: func() agent.Statement { return s }}
	want := func(want map[string]float64) {
		t.Helper()
		var line map[string]any
		first, _, _ := bytes.Cut(out.Bytes(), []byte("\n")) // behind it what is lost
		if err := json.Unmarshal(first, &line); err != nil {
			t.Fatalf("%v: %s", err, out.String())
		}
		out.Reset()
		for name, n := range want {
			if line["msg"] != "ledger" || line[name] != n {
				t.Errorf("the line says %v of %s, want %v: %v", line[name], name, n, line)
			}
		}
	}
	l.begin()
	l.tell()
	want(map[string]float64{"received": 0, "stored": 0, "lost": 0})

	s.Received = map[string]int64{"udp": 110, "tcp": 5}
	s.Stored, s.Duplicate, s.Refused = 93, 1, 2
	s.Rejected, s.Dropped = map[string]int64{"ValidationException": 1}, map[string]int64{"unsampled": 4}
	s.Waiting = books.Waiting{Ring: 3, Spool: 1, Queue: 1}
	s.KernelDrops = 6
	l.tell()
	want(map[string]float64{"received": 15, "stored": 4, "rejected": 3, "dropped": 4, "lost": 6, "undecided": 3, "waiting": 2})
	l.tell()
	want(map[string]float64{"received": 0, "lost": 0, "waiting": 2})

	ticks, stopped := make(chan time.Time), make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { stopped <- l.run(ctx, ticks, nil, new(atomic.Bool)) }()
	ticks <- time.Time{}
	ticks <- time.Time{}
	cancel()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if n := strings.Count(out.String(), `"msg":"ledger"`); n != 4 {
		t.Errorf("a start, two ticks and an end tell %d lines, want 4", n)
	}
}

// TestAnAgentThatEndedIsNotAskedForItsBooks: they are shut.
func TestAnAgentThatEndedIsNotAskedForItsBooks(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var ended atomic.Bool
	asked := 0
	l := &ledgerLine{log: slog.New(slog.DiscardHandler), statement: func() agent.Statement {
		asked++
		return agent.Statement{}
	}}
	cancel()
	ended.Store(true)
	if err := l.run(ctx, nil, nil, &ended); err != nil || asked != 2 {
		t.Errorf("asked %d times, want 2, at the start: %v", asked, err)
	}
}

func TestTheEndSaysWhatBecomesOfWhatWaits(t *testing.T) {
	for want, l := range map[string]*ledgerLine{
		"level=WARN msg=\"Shutdown initiated: nothing more is taken in, and what cannot be sent now is lost":   {},
		"level=INFO msg=\"Shutdown initiated: nothing more is taken in; what cannot be sent now waits in /var": {state: "/var/lib/agent"},
	} {
		var out bytes.Buffer
		l.log = slog.New(slog.NewTextHandler(&out, nil))
		l.statement = func() agent.Statement {
			return agent.Statement{Books: books.Books{Waiting: books.Waiting{Spool: 7, Ring: 2}}}
		}
		l.leave()
		if !strings.Contains(out.String(), want) || !strings.Contains(out.String(), "waiting=7 undecided=2") {
			t.Errorf("%s, want %s", out.String(), want)
		}
	}
}

// TestLossesAreToldAtOnceAndThenByTheMinute: with the cause and what to do, and
// none of them twice.
func TestLossesAreToldAtOnceAndThenByTheMinute(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	s := agent.Statement{Books: books.Books{Lost: map[string]int64{"spool_full": 5}, Dropped: map[string]int64{"unsampled": 1}}}
	var l losses
	l.begin(s)
	want := func(lines ...string) {
		t.Helper()
		if n := strings.Count(out.String(), "\n"); n != len(lines) {
			t.Errorf("%d lines, want %d:\n%s", n, len(lines), out.String())
		}
		for _, line := range lines {
			if !strings.Contains(out.String(), line) {
				t.Errorf("no %q in\n%s", line, out.String())
			}
		}
		out.Reset()
	}
	s.Dropped["unsampled"] = 900
	l.look(log, s)
	want()
	s.Lost["spool_full"] = 8
	l.look(log, s)
	want("--spool-bytes more\" cause=spool_full documents=3")
	s.Lost["spool_full"], s.Dropped["shed"] = 10, 4
	l.look(log, s)
	want()
	l.tell(log, s)
	want("cause=spool_full documents=2", "cause=shed documents=4")
	l.tell(log, s)
	want()
	s.KernelDrops, s.Lost["odd"] = 6, 1
	l.look(log, s)
	want("cause=kernel_drops documents=6", "cause=odd documents=1")
}
