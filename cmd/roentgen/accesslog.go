package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen/access"
	"github.com/roentgen/roentgen/api"
)

// accessLog says who read what: a JSON line for each request that answers with
// what traces hold, written when it has been answered. nil writes nothing. It is
// safe for use by many goroutines.
type accessLog struct {
	path string // "": stdout
	log  *slog.Logger
	lost prometheus.Counter

	mu struct {
		sync.Mutex
		to      io.WriteCloser
		failing bool // the last line was lost, which is told once
	}
}

// accessed is a line. docs/guides/security-and-personal-data.md shows one.
type accessed struct {
	Time      time.Time `json:"time"`
	Who       string    `json:"who,omitempty"` // name of the token; none where everybody may come in
	Way       string    `json:"way"`           // bearer, sigv4, session or none
	From      string    `json:"from"`          // address of the other side, which may be a proxy
	Forwarded string    `json:"forwarded,omitempty"`
	Operation string    `json:"operation"`
	Traces    []string  `json:"traces,omitempty"` // asked for by id
	Filter    string    `json:"filter,omitempty"`
	Found     int       `json:"found"` // traces that were answered
	Status    int       `json:"status"`
	Seconds   float64   `json:"seconds"`
}

// Bounds of a line.
const (
	mostTracesLogged = 1000
	mostTextLogged   = 2000 // bytes of a filter, and of what a proxy says
)

// unread are the actions that answer with nothing of what traces hold.
var unread = map[string]bool{
	"ConsoleAbout": true, "ConsoleFilter": true,
	"PutTelemetryRecords": true, "GetSamplingRules": true, "GetSamplingTargets": true,
}

const toStdout = "stdout"

// openAccessLog opens the log that --access-log names.
func openAccessLog(where string, stdout io.Writer, log *slog.Logger, reg prometheus.Registerer) (*accessLog, error) {
	if where == off || where == "" {
		return nil, nil
	}
	l := &accessLog{log: log, lost: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "roentgen_access_log_lost_total", Help: "Lines that could not be written into --access-log; what they would have said is in nobody's hands.",
	})}
	reg.MustRegister(l.lost)
	if where == toStdout {
		l.mu.to = keptOpen{stdout}
		return l, nil
	}
	l.path = where
	var err error
	l.mu.to, err = l.open()
	return l, err
}

// keptOpen is somebody else's to close.
type keptOpen struct{ io.Writer }

func (keptOpen) Close() error { return nil }

func (l *accessLog) open() (io.WriteCloser, error) {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--access-log: %w", err)
	}
	return f, nil
}

// reopen goes on in a new file of the name, after the old one was moved away. A
// file that cannot be opened changes nothing.
func (l *accessLog) reopen() {
	if l == nil || l.path == "" {
		return
	}
	to, err := l.open()
	if err != nil {
		l.log.Error("the access log goes on in the file that it was", "error", err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.mu.to.Close(); err != nil {
		l.log.Error("close the access log that was", "error", err)
	}
	l.mu.to = to
}

func (l *accessLog) close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mu.to.Close()
}

// wrap logs what next answers, also where it breaks off.
func (l *accessLog) wrap(next http.Handler) http.Handler {
	if l == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin, reading, answer := time.Now(), new(api.Reading), &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if reading.Operation != "" && !unread[reading.Operation] {
				l.write(accessedBy(r, reading, answer.status, begin))
			}
		}()
		next.ServeHTTP(answer, r.WithContext(api.WithReading(r.Context(), reading)))
	})
}

func accessedBy(r *http.Request, reading *api.Reading, status int, begin time.Time) accessed {
	caller := access.CallerOf(r.Context())
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		from = r.RemoteAddr
	}
	forwarded := r.Header.Get("X-Forwarded-For")
	line := accessed{
		Time: begin.UTC(), Who: caller.Name, Way: string(caller.Way), From: from, Forwarded: forwarded[:min(len(forwarded), mostTextLogged)],
		Operation: reading.Operation, Filter: reading.Filter[:min(len(reading.Filter), mostTextLogged)],
		Found: reading.Found, Status: status, Seconds: time.Since(begin).Seconds(),
	}
	for _, id := range reading.Traces[:min(len(reading.Traces), mostTracesLogged)] {
		line.Traces = append(line.Traces, id.String())
	}
	return line
}

// write appends a line. Where that fails people go on reading: that nothing is
// written is counted, and told once. A line that was cut off is ended before the
// next.
func (l *accessLog) write(line accessed) {
	text, err := json.Marshal(line)
	text = append(text, '\n')
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mu.failing {
		text = append([]byte("\n"), text...)
	}
	if err == nil {
		_, err = l.mu.to.Write(text)
	}
	if err != nil {
		l.lost.Inc()
		if !l.mu.failing {
			l.log.Error("the access log cannot be written: who reads what is not known from here on", "error", err)
		}
	}
	l.mu.failing = err != nil
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
