package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/roentgen/roentgen/tracing"
)

// TestTheTracerTellsWhatIsNewSinceItLastTold: a metric filter adds lines up, so each document is in one line alone.
func TestTheTracerTellsWhatIsNewSinceItLastTold(t *testing.T) {
	var out bytes.Buffer
	var stats tracing.Stats
	l := &tracerLine{log: slog.New(slog.NewJSONHandler(&out, nil)), stats: func() tracing.Stats { return stats }}
	line := func() map[string]any {
		t.Helper()
		var m map[string]any
		if err := json.Unmarshal(out.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		out.Reset()
		return m
	}
	want := func(m map[string]any, sent, notSent float64) {
		t.Helper()
		if m["msg"] != "tracing" || m["documents_sent"] != sent || m["documents_not_sent"] != notSent {
			t.Errorf("the line is %v, want %v sent and %v not sent", m, sent, notSent)
		}
	}
	stats = tracing.Stats{DocumentsSent: 7, SendErrors: 1, QueueFull: 2, AfterShutdown: 3, EncodePanics: 4, Withheld: 50}
	l.tell()
	want(line(), 7, 10)
	l.tell()
	want(line(), 0, 0)

	stats.DocumentsSent = 8
	ticks := make(chan time.Time)
	stop := l.every(t.Context(), ticks)
	ticks <- time.Time{}
	ticks <- time.Time{} // the first has been told when the second is taken
	stop()
	first, rest, _ := bytes.Cut(out.Bytes(), []byte("\n"))
	out = *bytes.NewBuffer(first)
	want(line(), 1, 0)
	if second := bytes.Count(rest, []byte("\n")); second != 1 {
		t.Errorf("two ticks told %d lines after the first, want one", second)
	}
}
