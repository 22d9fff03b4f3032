package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
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
		if err := json.Unmarshal(out.Bytes(), &line); err != nil {
			t.Fatalf("%v: %s", err, out.String())
		}
		out.Reset()
		for name, n := range want {
			if line["msg"] != "ledger" || line[name] != n {
				t.Errorf("the line says %v of %s, want %v: %v", line[name], name, n, line)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.run(ctx, nil); err != nil {
		t.Fatal(err)
	}
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
	ctx, cancel = context.WithCancel(t.Context())
	go func() { stopped <- l.run(ctx, ticks) }()
	ticks <- time.Time{}
	ticks <- time.Time{}
	cancel()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if n := bytes.Count(out.Bytes(), []byte("\n")); n != 3 {
		t.Errorf("a start and two ticks tell %d lines, want 3", n)
	}
}
