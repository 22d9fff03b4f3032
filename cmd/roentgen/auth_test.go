package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/roentgen/roentgen/api"
)

const goodToken = "0123456789abcdef"

// loud is a log that tests read while it is written.
type loud struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *loud) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *loud) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

func tokenFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens")
	write(t, path, text)
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheTokenFileIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := tokenFile(t, "alice "+goodToken)
		log := new(loud)
		l, err := openLocks(config{AuthFile: path}, slog.New(slog.NewTextHandler(log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		hangup := make(chan os.Signal)
		go func() { ended <- l.watch(ctx, hangup, func() {}) }()

		write(t, path, "alice "+goodToken+"\nbob another-"+goodToken)
		time.Sleep(lookInterval + time.Millisecond)
		synctest.Wait()
		if l.keys.Len() != 2 || log.count("token file read") != 1 {
			t.Errorf("%d tokens after a change; log: %s", l.keys.Len(), &log.b)
		}
		write(t, path, "rubbish")
		time.Sleep(5 * lookInterval)
		synctest.Wait()
		if l.keys.Len() != 2 || log.count("level=ERROR") != 1 {
			t.Errorf("%d tokens after a broken change, want the trouble told once: %s", l.keys.Len(), &log.b)
		}
		hangup <- syscall.SIGHUP
		synctest.Wait()
		if log.count("level=ERROR") != 2 {
			t.Errorf("asked for, the trouble is told again: %s", &log.b)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestLocksThatCannotBeReadAreSaid(t *testing.T) {
	for _, c := range []struct {
		cfg  config
		want []string
	}{
		{config{AuthFile: "nowhere/tokens"}, []string{"--auth-file", "nowhere/tokens"}},
		{config{TLSCert: "nowhere/cert", TLSKey: "nowhere/key"}, []string{"--tls-cert nowhere/cert", "--tls-key nowhere/key"}},
	} {
		_, err := openLocks(c.cfg, slog.New(slog.DiscardHandler))
		if err == nil {
			t.Fatalf("%+v: no error", c.cfg)
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("it says %q; want %q in it", err, want)
			}
		}
	}
}

// TestWhatIsOpenAndWhatIsNot asks the whole of --http without credentials.
func TestWhatIsOpenAndWhatIsNot(t *testing.T) {
	l, err := openLocks(config{AuthFile: tokenFile(t, "alice "+goodToken)}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	reg := prometheus.NewRegistry()
	h := &health{probe: func(context.Context) error { return nil }}
	mux := serverMux(api.New(api.Config{}), api.Agents{}, h, l.guard(nil, reg), reg, api.Console{}, nil, nil)
	ask := func(method, path, token string) int {
		r := httptest.NewRequest(method, path, strings.NewReader("{}"))
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Code
	}
	for _, c := range []struct {
		method, path string
		open         bool
	}{
		{"GET", "/", true}, {"GET", "/app.js", true}, {"GET", "/app.css", true}, {"HEAD", "/", true},
		{"GET", "/healthz", true}, {"GET", "/readyz", true}, {"GET", "/api/session", true},
		{"GET", "/metrics", false}, {"HEAD", "/metrics", false}, {"POST", "/metrics", false},
		{"GET", "/api/about", false}, {"POST", "/api/traces", false}, {"GET", "/api/", false}, {"POST", "/api/session/x", false},
		{"POST", "/Traces", false}, {"POST", "/TraceSegments", false}, {"POST", "/CreateGroup", false},
		{"POST", "/mcp", false}, {"POST", "/", false}, {"DELETE", "/app.js", false},
		{"DELETE", "/api/traces/1-5759e988-bd862e3fe1be46a994272793", false},
		{"POST", "/api/agent/batches", false}, {"GET", "/api/agent/notices", false}, {"GET", "/api/agents", false},
	} {
		if code := ask(c.method, c.path, ""); c.open != (code == http.StatusOK) || !c.open && code != http.StatusUnauthorized {
			t.Errorf("%s %s: %d, open %v", c.method, c.path, code, c.open)
		}
	}
	if code := ask("GET", "/metrics", goodToken); code != http.StatusOK {
		t.Errorf("with a token: %d", code)
	}
	if code := ask("GET", "/nowhere", ""); code != http.StatusNotFound {
		t.Errorf("a page that is not there: %d", code)
	}
	want := `
		# HELP roentgen_auth_accepted_total Requests let in with credentials, and logins, by way.
		# TYPE roentgen_auth_accepted_total counter
		roentgen_auth_accepted_total{way="bearer"} 1
		# HELP roentgen_auth_refused_total Requests and logins turned away, by way and reason.
		# TYPE roentgen_auth_refused_total counter
		roentgen_auth_refused_total{reason="missing",way="none"} 17
	`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "roentgen_auth_accepted_total", "roentgen_auth_refused_total"); err != nil {
		t.Error(err)
	}
}
