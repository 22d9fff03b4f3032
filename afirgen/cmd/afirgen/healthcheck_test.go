package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// healthcheck runs the command and returns what it said, in order, and its exit code.
func healthcheck(args ...string) (said string, code int) {
	var out bytes.Buffer
	code = run(append([]string{"healthcheck"}, args...), func(string) string { return "" }, &out, &out)
	return out.String(), code
}

// answering is a service whose paths answer with a status each; 404 where none is given.
func answering(t *testing.T, statuses map[string]int) (addr string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, ok := statuses[r.URL.Path]
		if !ok || r.Method != http.MethodGet {
			status = http.StatusNotFound
		}
		w.Header().Set("Location", "/livez")
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestHealthcheckSaysByItsExitCode(t *testing.T) {
	waits := answering(t, map[string]int{"/livez": 200, "/readyz": 503})
	moved := answering(t, map[string]int{"/readyz": 302, "/livez": 200})
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, c := range []struct {
		title string
		args  []string
		code  int
		says  string
	}{
		{"a service that waits for its database is alive", []string{"--addr", waits}, 0, "alive\n"},
		{"and not ready", []string{"--addr", waits, "--ready"}, 1, "/readyz whether it is ready: it answers 503 Service Unavailable"},
		{"a redirect is no answer", []string{"--addr", moved, "--ready"}, 1, "it answers 302 Found"},
		{"nobody there", []string{"--addr", gone.Listener.Addr().String()}, 1, "connection refused"},
		{"no port", []string{"--addr", "127.0.0.1"}, 1, "--addr is host:port"},
		{"an argument too many", []string{"8000"}, 1, "unknown command"},
	} {
		said, code := healthcheck(c.args...)
		if code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: exit code %d, %q; want %d and %q", c.title, code, said, c.code, c.says)
		}
	}
}

func TestHealthcheckWaitsNoLongerThanItIsTold(t *testing.T) {
	let := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-let }))
	defer silent.Close()
	defer close(let)
	said, code := healthcheck("--addr", silent.Listener.Addr().String(), "--timeout", (20 * time.Millisecond).String())
	if code != 1 || !strings.Contains(said, "deadline exceeded") {
		t.Errorf("exit code %d, %q; want 1 and that the time is over", code, said)
	}
}
