package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/api"
)

// reader answers as one that noted what it read.
func reader(status int, note api.Reading) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*api.ReadingOf(r.Context()) = note
		w.WriteHeader(status)
	})
}

func ask(h http.Handler) {
	r := httptest.NewRequest(http.MethodPost, "/Traces", nil)
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	h.ServeHTTP(httptest.NewRecorder(), r)
}

func TestTheAccessLogSaysWhoReadWhat(t *testing.T) {
	var out bytes.Buffer
	l, err := openAccessLog(toStdout, &out, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	id := roentgen.TraceID{1, 2, 3}
	ask(l.wrap(reader(200, api.Reading{Operation: "BatchGetTraces", Traces: []roentgen.TraceID{id}, Found: 1})))
	ask(l.wrap(reader(503, api.Reading{Operation: "ConsoleTraces", Filter: `user = "a <b>"`})))
	for _, quiet := range []string{"", "ConsoleAbout", "GetSamplingTargets"} {
		ask(l.wrap(reader(200, api.Reading{Operation: quiet})))
	}
	ask(l.wrap(reader(200, api.Reading{Operation: "GetTraceGraph", Traces: make([]roentgen.TraceID, 5000), Filter: strings.Repeat("x", 5000)})))
	func() {
		defer func() { recover() }()
		ask(l.wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			api.ReadingOf(r.Context()).Operation = "Backup"
			panic(http.ErrAbortHandler)
		})))
	}()
	var lines []accessed
	for d := json.NewDecoder(&out); d.More(); {
		var line accessed
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if len(lines) != 4 {
		t.Fatalf("%d lines: %+v", len(lines), lines)
	}
	if a := lines[0]; a.Operation != "BatchGetTraces" || len(a.Traces) != 1 || a.Traces[0] != id.String() || a.Found != 1 || a.Status != 200 || a.From != "192.0.2.1" || a.Forwarded != "203.0.113.9" || a.Time.IsZero() {
		t.Errorf("%+v", a)
	}
	if a := lines[1]; a.Filter != `user = "a <b>"` || a.Status != 503 || a.Traces != nil {
		t.Errorf("%+v", a)
	}
	if a := lines[2]; len(a.Traces) != mostTracesLogged || len(a.Filter) != mostTextLogged {
		t.Errorf("%d traces, a filter of %d bytes", len(a.Traces), len(a.Filter))
	}
	if lines[3].Operation != "Backup" {
		t.Errorf("what was broken off: %+v", lines[3])
	}
}

func TestTheAccessLogGoesOnInANewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	l, err := openAccessLog(path, io.Discard, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	h := l.wrap(reader(200, api.Reading{Operation: "Backup"}))
	ask(h)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	ask(h)
	l.reopen()
	ask(h)
	if err := l.close(); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]int{path + ".1": 2, path: 1} {
		text, err := os.ReadFile(name)
		info, err2 := os.Stat(name)
		if err := errors.Join(err, err2); err != nil || bytes.Count(text, []byte("\n")) != want || info.Mode().Perm() != 0o600 {
			t.Errorf("%s, %v: want %d lines:\n%s", name, err, want, text)
		}
	}
	if _, err := openAccessLog(filepath.Join(t.TempDir(), "nowhere", "log"), io.Discard, nil, prometheus.NewRegistry()); err == nil || !strings.Contains(err.Error(), "--access-log") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// halting fails while it is told to, with half of the line written.
type halting struct {
	bytes.Buffer
	err error
}

func (h *halting) Write(b []byte) (int, error) {
	if h.err != nil {
		n, _ := h.Buffer.Write(b[:len(b)/2])
		return n, h.err
	}
	return h.Buffer.Write(b)
}

func (h *halting) Close() error { return nil }

func TestAnAccessLogThatCannotBeWrittenIsTold(t *testing.T) {
	disk, told := &halting{err: errors.New("full")}, new(bytes.Buffer)
	l, err := openAccessLog(toStdout, io.Discard, slog.New(slog.NewTextHandler(told, nil)), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	l.mu.to = disk
	h := l.wrap(reader(200, api.Reading{Operation: "Backup"}))
	ask(h)
	ask(h)
	disk.err = nil
	ask(h)
	if n := testutil.ToFloat64(l.lost); n != 2 || strings.Count(told.String(), "cannot be written") != 1 {
		t.Errorf("%v lines lost; told:\n%s", n, told)
	}
	lines := strings.Split(strings.TrimSpace(disk.String()), "\n")
	var last accessed
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Errorf("the line after that is not one of its own: %v\n%s", err, disk)
	}
}

func TestWithoutAnAccessLogNothingIsDone(t *testing.T) {
	l, err := openAccessLog(off, nil, nil, prometheus.NewRegistry())
	if err != nil || l != nil {
		t.Fatal(l, err)
	}
	l.reopen()
	ask(l.wrap(reader(200, api.Reading{Operation: "Backup"})))
	if err := l.close(); err != nil {
		t.Error(err)
	}
}
