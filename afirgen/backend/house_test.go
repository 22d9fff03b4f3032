package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen/afirgen/asrocr"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/gguf"
	"github.com/roentgen/roentgen/afirgen/kb"
	"github.com/roentgen/roentgen/afirgen/store"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/upstream"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

const key = "right"

// house is the backend with its neighbours, all in this process and all traced into one collector.
type house struct {
	collector *tracetest.Collector
	store     *store.Store
	drawer    *drawer
	backend   *Server
	handler   http.Handler
	log       *lines
	clock     *clock
	drain     *web.Drain
	tracing   *tracing.Tracing
}

// inSegment returns a context inside a segment, which work without a request has in life.
func (h *house) inSegment(t *testing.T) context.Context {
	t.Helper()
	ctx, span := h.tracing.Tracer("").Start(t.Context(), "test-work")
	t.Cleanup(func() { span.End() })
	return ctx
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
type neighbours struct {
	gguf, asrocr http.Handler
	archive      Archive
	dsn          string // of the database; empty takes a SQLite file
	wrap         func(store.OpenDB) store.OpenDB
	change       func(*Config)
	patience     patience // its zeros take the product's
}

// drawer is an archive in memory that can be made to fail.
type drawer struct {
	mu    sync.Mutex
	files map[string][]byte
	err   error
}

func (d *drawer) Put(_ context.Context, key, _ string, body []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.files[key] = slices.Clone(body)
	}
	return d.err
}

func (d *drawer) Ping(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

func (d *drawer) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

func (d *drawer) keys() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.files))
}

func station() fir.Station {
	return fir.Station{Code: "KTW", Name: "Kotwali", District: "Lucknow", State: "Uttar Pradesh"}
}

// authKey locks reports.
const authKey = "a key for locking"

func build(t *testing.T, beside neighbours) *house {
	t.Helper()
	h := &house{collector: tracetest.Start(t), log: &lines{}, clock: &clock{time: time.Now()}, drawer: &drawer{files: map[string][]byte{}}}
	h.surround(t, &beside)
	tr := h.collector.Setup(t, contract.Backend, quiet)
	h.tracing, h.store = tr, openStore(t, tr, beside)
	law, err := kb.Load(kb.Files())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	call := func(name, breaker string, handler http.Handler) *upstream.Upstream {
		return upstream.New(upstream.Config{
			Name: name, Breaker: breaker, Base: serve(t, handler), Client: &http.Client{Transport: tr.Transport(transport)},
			Now: time.Now, After: at, Log: h.logger(t, contract.Backend),
		})
	}
	h.drain = &web.Drain{}
	cfg := Config{
		Models: call(contract.GGUF, ModelBreaker, beside.gguf), Reader: call(contract.ASROCR, ReaderBreaker, beside.asrocr),
		Store: h.store, Law: law, Archive: beside.archive, Station: station(), AuthKey: authKey, Drain: h.drain,
		Meter: NewMeter(prometheus.NewRegistry()), Log: h.logger(t, contract.Backend), Now: h.clock.now, NewID: uuid.NewString,
		Segment: tr.Segment, Monitor: func() any { return nil },
	}
	if beside.change != nil {
		beside.change(&cfg)
	}
	h.backend = New(cfg)
	for to, given := range map[*time.Duration]time.Duration{
		&h.backend.patience.inference: beside.patience.inference, &h.backend.patience.check: beside.patience.check,
		&h.backend.patience.ocr: beside.patience.ocr, &h.backend.patience.asr: beside.patience.asr,
	} {
		if given > 0 {
			*to = given
		}
	}
	h.handler = h.front(t, func(*web.Config) {})
	return h
}

// front puts the rooms of life around the backend's routes.
func (h *house) front(t *testing.T, change func(*web.Config)) http.Handler {
	t.Helper()
	routes := append(h.backend.Routes(), web.Probes(h.drain, h.backend.Ready)...)
	cfg := web.Config{
		Routes: web.Routes(routes...), Tracing: h.tracing, Log: h.logger(t, contract.Backend), Drain: h.drain, Now: time.Now,
		NewID: uuid.NewString, APIKey: key, MaxBody: MaxBody,
	}
	change(&cfg)
	return web.Handler(cfg)
}

// at is a clock for pauses that are not waited for.
func at(time.Duration) <-chan time.Time {
	now := make(chan time.Time, 1)
	now <- time.Time{}
	return now
}

// surround builds the neighbours that a test has not brought along.
func (h *house) surround(t *testing.T, beside *neighbours) {
	t.Helper()
	if beside.gguf == nil {
		s := gguf.New(gguf.Config{Log: h.logger(t, contract.GGUF), Now: time.Now})
		beside.gguf = h.wrap(t, contract.GGUF, s.Routes(), gguf.MaxBody)
	}
	if beside.asrocr == nil {
		s := asrocr.New(t.Context(), asrocr.Config{Log: h.logger(t, contract.ASROCR), Now: time.Now})
		beside.asrocr = h.wrap(t, contract.ASROCR, s.Routes(), asrocr.MaxBody)
	}
	if beside.archive == nil {
		beside.archive = h.drawer
	}
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

// openStore opens and migrates outside of any segment, so that a missing segment is no error here.
func openStore(t *testing.T, tr *tracing.Tracing, beside neighbours) *store.Store {
	t.Helper()
	dsn, open := beside.dsn, store.OpenDB(tr.OpenDB)
	if dsn == "" {
		dsn = "sqlite:" + filepath.Join(t.TempDir(), "afirgen.db")
	}
	if beside.wrap != nil {
		open = beside.wrap(open)
	}
	var opened *store.Store
	err := tr.Segment(t.Context(), "test-setup", func(ctx context.Context) (err error) {
		opened, err = store.Open(ctx, dsn, open)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return opened
}

// answer is what came back.
type answer struct {
	status int
	trace  string         // the root in X-Amzn-Trace-Id
	body   map[string]any // nil of an answer that is no JSON
	raw    string
	header http.Header
}

func (a answer) kind() contract.ErrorType {
	kind, _ := a.body["error_type"].(string)
	return contract.ErrorType(kind)
}

func (h *house) send(t *testing.T, r *http.Request) answer {
	t.Helper()
	r.Header.Set("X-API-Key", key)
	return sendTo(t, h.handler, r)
}

func sendTo(t *testing.T, to http.Handler, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), raw: w.Body.String()}
	for field := range strings.SplitSeq(w.Header().Get("X-Amzn-Trace-Id"), ";") {
		if id, found := strings.CutPrefix(field, "Root="); found {
			a.trace = id
		}
	}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			t.Fatalf("the answer %q is no JSON: %v", w.Body, err)
		}
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

// post is a JSON request.
func post(path string, value any) *http.Request {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest("POST", path, bytes.NewReader(data))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func get(path string) *http.Request { return httptest.NewRequest("GET", path, nil) }

func query(text string) *http.Request {
	return httptest.NewRequest("POST", "/process?"+url.Values{"text": {text}}.Encode(), nil)
}

func (h *house) segment(t *testing.T, a answer) tracetest.Document {
	t.Helper()
	return h.collector.Await(t, contract.Backend, func(d tracetest.Document) bool { return d.TraceID == a.trace })
}
