package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/tracing"
)

const key = "right"

// house is a service of four routes behind every room.
type house struct {
	server    *httptest.Server
	collector *tracetest.Collector
	drain     *Drain
	log       *syncBuffer
}

// syncBuffer is a bytes.Buffer for several goroutines.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func build(t *testing.T, change ...func(*tracing.Config)) *house {
	t.Helper()
	return buildWith(t, func(*Config) {}, change...)
}

func buildWith(t *testing.T, adapt func(*Config), change ...func(*tracing.Config)) *house {
	t.Helper()
	h := &house{collector: tracetest.Start(t), drain: &Drain{}, log: &syncBuffer{}}
	log, err := NewLogger(h.log, "json", "debug", contract.Backend)
	if err != nil {
		t.Fatal(err)
	}
	routes := append(Probes(h.drain, func(context.Context) error { return nil }),
		Route{http.MethodGet, "/thing/{id}", func(w http.ResponseWriter, r *http.Request) error {
			log.InfoContext(r.Context(), "inside")
			WriteJSON(w, http.StatusOK, map[string]string{"id": r.PathValue("id")})
			return nil
		}},
		Route{http.MethodPost, "/thing/{id}", func(w http.ResponseWriter, r *http.Request) error {
			_, err := io.Copy(io.Discard, r.Body)
			return err
		}},
		Route{http.MethodGet, "/panic", func(http.ResponseWriter, *http.Request) error { panic("Meera Kulkarni") }},
		Route{http.MethodGet, "/broken", func(http.ResponseWriter, *http.Request) error { return errors.New("disk on fire") }},
	)
	change = append(change, func(c *tracing.Config) { c.RequestRate = RequestRate })
	ids := 0
	cfg := Config{
		Routes: Routes(routes...), Tracing: h.collector.Setup(t, contract.Backend, change...), Log: log, Drain: h.drain,
		Now: time.Now, NewID: func() string { ids++; return fmt.Sprintf("id-%d", ids) },
		APIKey: key, AllowedOrigins: []string{"https://desk.example/"}, MaxBody: 1000,
	}
	adapt(&cfg)
	h.server = httptest.NewServer(Handler(cfg))
	t.Cleanup(h.server.Close)
	return h
}

func (h *house) do(t *testing.T, method, path, body string, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := h.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(data))
	return resp
}

func TestEveryAnswerComesFromInsideASegment(t *testing.T) {
	h := build(t)
	for _, c := range []struct {
		title, method, path, body, key string
		status                         int
		endpoint                       string
		kind                           contract.ErrorType
		isError, isFault               bool
	}{
		{"a good request", "GET", "/thing/7", "", key, 200, "/thing/{id}", "", false, false},
		{"a wrong key", "GET", "/thing/7", "", "wrong", 401, "/thing/{id}", contract.Unauthorized, true, false},
		{"no key, for a path that is none", "GET", "/nothing", "", "", 401, contract.Unmatched, contract.Unauthorized, true, false},
		{"a path that is none", "GET", "/nothing/Meera", "", key, 404, contract.Unmatched, contract.NotFound, true, false},
		{"a wrong method", "DELETE", "/thing/7", "", key, 405, "/thing/{id}", contract.MethodNotAllowed, true, false},
		{"a body that says it is too large", "POST", "/thing/7", strings.Repeat("x", 1001), key, 413, "/thing/{id}", contract.TooLarge, true, false},
		{"a panic", "GET", "/panic", "", key, 500, "/panic", contract.Panicked, false, true},
		{"an error nobody foresaw", "GET", "/broken", "", key, 500, "/broken", contract.Internal, false, true},
	} {
		t.Run(c.title, func(t *testing.T) {
			resp := h.do(t, c.method, c.path, c.body, "X-API-Key", c.key)
			if resp.StatusCode != c.status {
				t.Fatalf("status %d, want %d", resp.StatusCode, c.status)
			}
			root := wantTraceHeader(t, resp, "1")
			d := h.collector.Await(t, contract.Backend, func(d tracetest.Document) bool { return d.TraceID == root })
			d.WantAnnotations(t, map[string]any{
				contract.Endpoint: c.endpoint, contract.HTTPMethod: c.method, contract.StatusCode: float64(c.status),
				contract.ClientIP: "127.0.0.1", contract.Success: c.status < 400, contract.HasError: c.status >= 400,
			})
			if known := c.status != 401; strings.HasPrefix(d.User, "key-") != known || strings.Contains(d.User, key) {
				t.Errorf("the user is %q", d.User)
			}
			if c.kind != "" {
				d.WantAnnotations(t, map[string]any{contract.ErrorKind: string(c.kind)})
			} else if _, found := d.Annotations[contract.ErrorKind]; found {
				t.Error("a good request has an error_type")
			}
			if d.Error != c.isError || d.Fault != c.isFault || d.HTTP.Response.Status != c.status {
				t.Errorf("error %t, fault %t, status %d in the segment", d.Error, d.Fault, d.HTTP.Response.Status)
			}
			if c.isFault && len(d.Cause) == 0 {
				t.Error("a fault has no cause")
			}
			if c.status >= 400 {
				wantDetail(t, resp)
			}
		})
	}
	if bytes.Contains(h.collector.Raw(), []byte("annotations\":{\"endpoint\":\"/nothing")) {
		t.Error("a path that no route knows is an annotation")
	}
	if all := string(h.collector.Raw()) + h.log.String(); strings.Contains(all, "Kulkarni") {
		t.Error("the value of a panic, which may be a complaint's, is in the trace or the log")
	}
}

// wantTraceHeader returns the trace id.
func wantTraceHeader(t *testing.T, resp *http.Response, sampled string) string {
	t.Helper()
	header := resp.Header.Get("X-Amzn-Trace-Id")
	found := regexp.MustCompile(`^Root=(1-[0-9a-f]{8}-[0-9a-f]{24});.*Sampled=(\d)$`).FindStringSubmatch(header)
	if found == nil || found[2] != sampled {
		t.Fatalf("X-Amzn-Trace-Id is %q, want a root and Sampled=%s", header, sampled)
	}
	return found[1]
}

func wantDetail(t *testing.T, resp *http.Response) {
	t.Helper()
	var body map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || body["detail"] == "" || body["error_type"] == "" {
		t.Errorf("the body is %v (%v), want detail and error_type", body, err)
	}
}

func TestEveryAnswerHasTheSecurityHeadersAndAnID(t *testing.T) {
	h := build(t)
	for _, path := range []string{"/thing/1", "/nothing", Livez} {
		resp := h.do(t, "GET", path, "")
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "strict-origin-when-cross-origin",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if !strings.HasPrefix(resp.Header.Get("X-Request-Id"), "id-") {
			t.Errorf("%s: X-Request-Id is %q", path, resp.Header.Get("X-Request-Id"))
		}
	}
	if got := h.do(t, "GET", Livez, "", "X-Request-Id", "mine.1").Header.Get("X-Request-Id"); got != "mine.1" {
		t.Errorf("the caller's id became %q", got)
	}
	if got := h.do(t, "GET", Livez, "", "X-Request-Id", "Meera K, 14 Banyan Lane").Header.Get("X-Request-Id"); !strings.HasPrefix(got, "id-") {
		t.Errorf("an id that is none was kept: %q", got)
	}
}

func TestTheKeyIsTakenInBothForms(t *testing.T) {
	h := build(t)
	for _, c := range []struct {
		title   string
		headers []string
		status  int
	}{
		{"X-API-Key", []string{"X-API-Key", key}, 200},
		{"bearer", []string{"Authorization", "Bearer " + key}, 200},
		{"bearer in small letters", []string{"Authorization", "bearer " + key}, 200},
		{"basic", []string{"Authorization", "Basic " + key}, 401},
		{"none", nil, 401},
		{"a longer one", []string{"X-API-Key", key + key}, 401},
	} {
		resp := h.do(t, "GET", "/thing/1", "", c.headers...)
		if resp.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", c.title, resp.StatusCode, c.status)
		}
		if c.status == 401 && resp.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: a 401 without WWW-Authenticate", c.title)
		}
	}
}

func TestABodyThatTurnsOutTooLargeIsCut(t *testing.T) {
	h := build(t)
	req, err := http.NewRequestWithContext(t.Context(), "POST", h.server.URL+"/thing/1", io.LimitReader(zeros{}, 5000))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-API-Key", key)
	resp, err := h.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d, want 413", resp.StatusCode)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestProbesAreNotTracedUnlessAsked(t *testing.T) {
	h := build(t, func(c *tracing.Config) { c.ForceKey = "secret" })
	for _, path := range []string{Livez, Readyz} {
		wantTraceHeader(t, h.do(t, "GET", path, ""), "0")
	}
	const root = "1-65f00000-0123456789abcdef01234567"
	resp := h.do(t, "GET", Livez, "", "X-Amzn-Trace-Id", "Root="+root+";Parent=0123456789abcdef;Sampled=1")
	if got := wantTraceHeader(t, resp, "1"); got != root {
		t.Errorf("the trace %s was not taken over: %s", root, got)
	}
	h.collector.Await(t, contract.Backend, func(d tracetest.Document) bool { return d.TraceID == root })

	req, err := http.NewRequestWithContext(t.Context(), "GET", h.server.URL+Readyz, nil)
	if err != nil {
		t.Fatal(err)
	}
	tracing.ForceSampling(req, "secret", time.Now())
	forced, err := h.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = forced.Body.Close() }()
	id := wantTraceHeader(t, forced, "1")
	h.collector.Await(t, contract.Backend, func(d tracetest.Document) bool { return d.TraceID == id })
	if n := len(h.collector.Documents()); n != 2 {
		t.Errorf("%d segments came, want the two that were asked for", n)
	}
}

func TestWhileDrainingWorkIsRefusedAndProbesAreNot(t *testing.T) {
	h := build(t)
	<-h.drain.Begin()
	resp := h.do(t, "GET", "/thing/1", "", "X-API-Key", key)
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("work: status %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	root := wantTraceHeader(t, resp, "1")
	d := h.collector.Await(t, contract.Backend, func(d tracetest.Document) bool { return d.TraceID == root })
	d.WantAnnotations(t, map[string]any{contract.ErrorKind: string(contract.Draining)})
	if resp := h.do(t, "GET", Livez, ""); resp.StatusCode != 200 {
		t.Errorf("livez: status %d", resp.StatusCode)
	}
	if resp := h.do(t, "GET", Readyz, ""); resp.StatusCode != 503 {
		t.Errorf("readyz: status %d", resp.StatusCode)
	}
}

func TestCORS(t *testing.T) {
	h := build(t)
	ask := func(origin string) *http.Response {
		return h.do(t, "OPTIONS", "/thing/1", "", "Origin", origin, "Access-Control-Request-Method", "GET")
	}
	listed := ask("https://desk.example")
	if listed.StatusCode != 204 || listed.Header.Get("Access-Control-Allow-Origin") != "https://desk.example" ||
		!strings.Contains(listed.Header.Get("Access-Control-Allow-Headers"), "X-API-Key") {
		t.Errorf("a listed origin got %d %v", listed.StatusCode, listed.Header)
	}
	other := ask("https://desk.example.evil")
	if other.StatusCode != 403 || other.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin got %d %v", other.StatusCode, other.Header)
	}
	plain := h.do(t, "GET", "/thing/1", "", "X-API-Key", key, "Origin", "https://desk.example")
	if !strings.Contains(plain.Header.Get("Access-Control-Expose-Headers"), "X-Amzn-Trace-Id") {
		t.Errorf("a page may not read the trace header: %v", plain.Header)
	}
	foreign := h.do(t, "GET", "/thing/1", "", "X-API-Key", key, "Origin", "https://evil.example")
	if foreign.StatusCode != 200 || foreign.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a request from another origin got %d %v", foreign.StatusCode, foreign.Header)
	}
}

func TestEveryLineOfARequestSaysItsTrace(t *testing.T) {
	h := build(t)
	resp := h.do(t, "GET", "/thing/9?text=Meera", "", "X-API-Key", key, "X-Request-Id", "r-1")
	root := wantTraceHeader(t, resp, "1")
	segment := h.collector.Await(t, contract.Backend, func(d tracetest.Document) bool { return d.TraceID == root })
	seen := 0
	for line := range strings.Lines(h.log.String()) {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("the line %q is no JSON: %v", line, err)
		}
		for name, want := range map[string]any{
			"trace_id": root, "segment_id": segment.ID, "sampled": true, "request_id": "r-1", "service": contract.Backend,
		} {
			if got[name] != want {
				t.Errorf("%s is %v in %s, want %v", name, got[name], line, want)
			}
		}
		seen++
	}
	if seen != 2 {
		t.Errorf("%d lines, want the handler's and the access log's", seen)
	}
	if strings.Contains(h.log.String(), "Meera") {
		t.Error("the query is in the log")
	}
}

func TestAPanicAfterHalfAnAnswerCutsTheConnection(t *testing.T) {
	h := recoverPanics(slog.New(slog.DiscardHandler), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "half")
		panic("no more")
	}))
	rec := &record{}
	r := httptest.NewRequest("GET", "/", nil)
	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Errorf("recovered %v, want http.ErrAbortHandler", v)
		}
	}()
	h.ServeHTTP(&recorder{httptest.NewRecorder(), rec}, r.WithContext(withRecord(r.Context(), rec)))
}

func decodeBody(t *testing.T, resp *http.Response, v any) {
	t.Helper()
	if err := json.NewDecoder(resp.Body).Decode(v); err != nil {
		t.Fatal(err)
	}
}
