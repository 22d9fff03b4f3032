package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen/afirgen/asrocr"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gguf"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

const key = "right"

// house is the backend with its neighbours, all in this process and all traced into one collector.
type house struct {
	collector *tracetest.Collector
	store     *Store
	backend   *Server
	handler   http.Handler
	log       *lines
	clock     *clock
}

// lines is a log for several goroutines.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// clock stands still but for what a test adds.
type clock struct {
	mu   sync.Mutex
	time time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
}

// neighbours changes who stands beside the backend; nil keeps the real one.
type neighbours struct{ gguf, asrocr http.Handler }

func build(t *testing.T, beside neighbours) *house {
	t.Helper()
	h := &house{collector: tracetest.Start(t), log: &lines{}, clock: &clock{time: time.Now()}}
	if beside.gguf == nil {
		cfg := gguf.Config{Log: h.logger(t, contract.GGUF), Now: time.Now}
		s := gguf.New(cfg)
		beside.gguf = h.wrap(t, contract.GGUF, s.Routes(), gguf.MaxBody)
	}
	if beside.asrocr == nil {
		s := asrocr.New(t.Context(), asrocr.Config{Log: h.logger(t, contract.ASROCR), Now: time.Now})
		beside.asrocr = h.wrap(t, contract.ASROCR, s.Routes(), asrocr.MaxBody)
	}
	tr := h.collector.Setup(t, contract.Backend, quiet)
	h.store = openStore(t, tr)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	drain := &web.Drain{}
	h.backend = New(Config{
		ModelServer: serve(t, beside.gguf), ASROCRServer: serve(t, beside.asrocr) + "/", Client: tr.Transport(transport),
		Drain: drain, Log: h.logger(t, contract.Backend), Now: h.clock.now, NewID: uuid.NewString,
	}, h.store)
	routes := append(h.backend.Routes(), web.Probes(drain, h.backend.Ready)...)
	h.handler = web.Handler(web.Config{
		Routes: web.Routes(routes...), Tracing: tr, Log: h.logger(t, contract.Backend), Drain: drain, Now: time.Now,
		NewID: uuid.NewString, APIKey: key, MaxBody: MaxBody,
	})
	return h
}

func quiet(c *tracing.Config) { c.RequestRate = web.RequestRate }

func (h *house) logger(t *testing.T, service string) *slog.Logger {
	t.Helper()
	log, err := web.NewLogger(h.log, "json", "debug", service)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// wrap puts a neighbour into the rooms that it has in life.
func (h *house) wrap(t *testing.T, name string, routes []web.Route, maxBody int64) http.Handler {
	t.Helper()
	return web.Handler(web.Config{
		Routes: web.Routes(routes...), Tracing: h.collector.Setup(t, name, quiet), Log: h.logger(t, name),
		Drain: &web.Drain{}, Now: time.Now, NewID: uuid.NewString, MaxBody: maxBody,
	})
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// openStore migrates outside of any segment, untraced, then opens the file traced.
func openStore(t *testing.T, tr *tracing.Tracing) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sessions.db")
	var store *Store
	off, shutdown, err := tracing.Setup(t.Context(), tracing.Config{Disabled: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shutdown(context.Background()) })
	first, err := OpenStore(t.Context(), path, off.OpenDB)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := tr.OpenDB("sqlite", dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	store = &Store{db}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return store
}

// answer is what came back.
type answer struct {
	status int
	trace  string // the root in X-Amzn-Trace-Id
	body   map[string]any
	header http.Header
}

func (h *house) send(t *testing.T, r *http.Request) answer {
	t.Helper()
	r.Header.Set("X-API-Key", key)
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header()}
	for field := range strings.SplitSeq(w.Header().Get("X-Amzn-Trace-Id"), ";") {
		if id, found := strings.CutPrefix(field, "Root="); found {
			a.trace = id
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
		t.Fatalf("the answer %q is no JSON: %v", w.Body, err)
	}
	if a.trace == "" {
		t.Errorf("an answer without a trace id: %v", w.Header())
	}
	return a
}

// form is POST /process with parts of names and values.
func form(t *testing.T, parts ...string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(parts); i += 2 {
		p, err := w.CreateFormField(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(p, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/process", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

func body(kind, text string) *http.Request {
	r := httptest.NewRequest("POST", "/process", strings.NewReader(text))
	r.Header.Set("Content-Type", kind)
	return r
}

func query(text string) *http.Request {
	return httptest.NewRequest("POST", "/process?"+url.Values{"text": {text}}.Encode(), nil)
}

func (h *house) segment(t *testing.T, a answer) tracetest.Document {
	t.Helper()
	return h.collector.Await(t, contract.Backend, func(d tracetest.Document) bool { return d.TraceID == a.trace })
}
