package balancer

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/tracetest"
)

// front is a balancer before a service.
func front(t *testing.T, service http.Handler, change ...func(*Config)) *httptest.Server {
	t.Helper()
	back := httptest.NewServer(service)
	t.Cleanup(back.Close)
	target, err := url.Parse(back.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Target: target, Port: 8080, Now: func() time.Time { return time.Unix(0x6a1b2c3d, 0) }, Random: strings.NewReader(strings.Repeat("\xab", 1200)),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for _, f := range change {
		f(&cfg)
	}
	h, closeIdle := Handler(cfg)
	t.Cleanup(closeIdle)
	server := httptest.NewServer(h)
	t.Cleanup(func() { server.Client().CloseIdleConnections(); server.Close() })
	return server
}

func call(t *testing.T, server *httptest.Server, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/process?a=%zz;b", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	change(req)
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

const own = "1-6a1b2c3d-abababababababababababab"

func TestTheTraceHeaderIsThatOfALoadBalancer(t *testing.T) {
	root := "Root=1-5759e988-bd862e3fe1be46a994272793"
	cases := map[string]string{
		"":   "Root=" + own,
		root: "Self=" + own + ";" + root,
		root + ";Parent=53995c3f42cd8ad8;Sampled=1": "Self=" + own + ";" + root + ";Parent=53995c3f42cd8ad8;Sampled=1",
		"Self=1-2-3;" + root + ";CalledFrom=app":    "Self=" + own + ";" + root + ";CalledFrom=app",
		"Sampled=1":                                 "Root=" + own + ";Sampled=1",
		" ; ;":                                      "Root=" + own,
	}
	var got string
	server := front(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get(traceHeader) }))
	for sent, want := range cases {
		call(t, server, func(r *http.Request) {
			if sent != "" {
				r.Header.Set(traceHeader, sent)
			}
		})
		if got != want {
			t.Errorf("%q became %q, want %q", sent, got, want)
		}
	}
}

func TestTheServiceSeesWhereARequestCameFrom(t *testing.T) {
	var seen *http.Request
	var body string
	server := front(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		seen, body = r, string(b)
		w.Header().Set("X-Request-Id", "7")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "answer")
	}))
	resp, answer := call(t, server, func(r *http.Request) {
		r.Host = "station.test"
		r.Header.Set("X-Forwarded-For", "203.0.113.7")
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("Authorization", "Bearer x")
		r.Header.Set("Connection", "X-Drop")
		r.Header.Set("X-Drop", "1")
	})
	if resp.StatusCode != http.StatusTeapot || answer != "answer" || resp.Header.Get("X-Request-Id") != "7" {
		t.Errorf("answered %d %q %v", resp.StatusCode, answer, resp.Header)
	}
	want := map[string]string{"X-Forwarded-For": "203.0.113.7, 127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "8080", "Authorization": "Bearer x", "X-Drop": ""}
	for name, value := range want {
		if got := seen.Header.Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	if seen.Host != "station.test" || body != "body" || seen.URL.RawQuery != "a=%zz;b" || seen.Method != http.MethodPost {
		t.Errorf("the service saw %s %s?%s with %q", seen.Method, seen.Host, seen.URL.RawQuery, body)
	}
}

func TestAServiceThatIsAwayOrHangsIsAnsweredFor(t *testing.T) {
	hang := make(chan struct{})
	cases := map[int]*httptest.Server{
		http.StatusGatewayTimeout: front(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-hang
		}), func(c *Config) { c.IdleTimeout = 20 * time.Millisecond }),
		http.StatusBadGateway: front(t, http.NotFoundHandler(), func(c *Config) {
			gone := httptest.NewServer(nil)
			gone.Close()
			c.Target, _ = url.Parse(gone.URL)
		}),
	}
	defer close(hang)
	for status, server := range cases {
		resp, body := call(t, server, func(*http.Request) {})
		if resp.StatusCode != status || resp.Header.Get("Server") != "awselb/2.0" || !strings.Contains(body, http.StatusText(status)) {
			t.Errorf("answered %d %q, want %d", resp.StatusCode, body, status)
		}
	}
}

func TestAnswersPassAsTheyCome(t *testing.T) {
	next := make(chan struct{})
	server := front(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first\n")
		_ = http.NewResponseController(w).Flush()
		<-next // until the client has read what there is
		_, _ = io.WriteString(w, "second\n")
	}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewReader(resp.Body)
	if line, err := lines.ReadString('\n'); line != "first\n" {
		t.Errorf("read %q, %v", line, err)
	}
	close(next)
	if line, err := lines.ReadString('\n'); line != "second\n" {
		t.Errorf("read %q, %v", line, err)
	}
}

func TestAClientThatGoesAwayEndsTheServicesWork(t *testing.T) {
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	server := front(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
		ended <- r.Context().Err()
	}))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := server.Client().Do(req); err == nil {
		_ = resp.Body.Close()
		t.Error("an answer came")
	}
	if err := <-ended; err == nil {
		t.Error("the service worked on")
	}
}

// The header is what puts the balancer on the map: the service records it.
func TestATracedServiceRecordsTheBalancersPart(t *testing.T) {
	collector := tracetest.Start(t)
	tr := collector.Setup(t, "main-backend")
	server := front(t, tr.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	call(t, server, func(*http.Request) {})
	first := collector.Await(t, "main-backend")
	if first.TraceID != own || first.ParentID != "" {
		t.Errorf("the trace is %s below %q, want the balancer's id", first.TraceID, first.ParentID)
	}
	call(t, server, func(r *http.Request) { r.Header.Set(traceHeader, "Root=1-5759e988-bd862e3fe1be46a994272793") })
	second := collector.Await(t, "main-backend", func(d tracetest.Document) bool { return d.TraceID != own })
	if second.TraceID != "1-5759e988-bd862e3fe1be46a994272793" || !strings.Contains(string(collector.Raw()), `"alb_self":"`+own+`"`) {
		t.Errorf("the trace is %s; raw %s", second.TraceID, collector.Raw())
	}
}

func FuzzTraced(f *testing.F) {
	f.Add("Root=1-2-3;Self=4;a=b")
	f.Add(";;=;Root")
	f.Fuzz(func(t *testing.T, header string) {
		cfg := Config{Now: time.Now, Random: strings.NewReader("123456789012")}
		got := cfg.traced(header)
		again := Config{Now: time.Now, Random: strings.NewReader("123456789012")}.traced(got)
		if !strings.HasPrefix(got, "Root=1-") && !strings.HasPrefix(got, "Self=1-") || !strings.HasPrefix(again, "Self=1-") {
			t.Fatalf("%q became %q, then %q", header, got, again)
		}
	})
}
