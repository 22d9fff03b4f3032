package tracing

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

// serve runs one request through Middleware on a real server and returns the
// response, its body read, and the document.
func serve(t *testing.T, cfg Config, h http.HandlerFunc, change func(*http.Request)) (*http.Response, doc) {
	t.Helper()
	tr, a := start(t, cfg)
	srv := httptest.NewServer(tr.Middleware(h))
	defer srv.Close()
	srv.Config.ErrorLog = nil
	req, err := http.NewRequest(http.MethodGet, srv.URL+"/a%2Fb?secret=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(req)
	}
	resp, err := srv.Client().Do(req)
	if err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	srv.Client().CloseIdleConnections()
	return resp, a.wait(1)[0]
}

func TestStatusAndFlags(t *testing.T) {
	cases := []struct {
		status                       int
		isError, isThrottle, isFault string
	}{
		{200, "null", "null", "null"}, {301, "null", "null", "null"}, {400, "true", "null", "null"}, {404, "true", "null", "null"},
		{429, "true", "true", "null"}, {499, "true", "null", "null"}, {500, "null", "null", "true"}, {503, "null", "null", "true"},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			resp, d := serve(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, "hello")
			}, nil)
			if got := text(t, d, "error") + text(t, d, "throttle") + text(t, d, "fault"); got != c.isError+c.isThrottle+c.isFault {
				t.Errorf("flags %s", got)
			}
			if got := text(t, d, "http", "response"); got != fmt.Sprintf(`{"content_length":5,"status":%d}`, c.status) {
				t.Errorf("response %s", got)
			}
			want := fmt.Sprintf("Root=%s;Sampled=1", at(t, d, "trace_id"))
			if got := resp.Header.Values(HeaderName); len(got) != 1 || got[0] != want {
				t.Errorf("response header %q, want %q", got, want)
			}
		})
	}
}

func TestAHandlerThatWritesNothingSends200(t *testing.T) {
	resp, d := serve(t, Config{}, func(http.ResponseWriter, *http.Request) {}, func(r *http.Request) {
		r.Header.Set(HeaderName, "Root="+rootText+";Parent="+parentText)
	})
	if got := text(t, d, "http", "response"); got != `{"content_length":0,"status":200}` {
		t.Errorf("response %s", got)
	}
	if got := resp.Header.Get(HeaderName); got != "Root="+rootText+";Parent="+parentText+";Sampled=1" {
		t.Errorf("header %q", got)
	}
	if got := text(t, d, "http", "request", "url"); !strings.HasSuffix(got, `/a%2Fb"`) {
		t.Errorf("url %s", got)
	}
}

func TestUnsampledResponsesCarryTheHeaderToo(t *testing.T) {
	tr := startAt(t, Config{SamplingRate: rate(0)})
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set(HeaderName, "Root="+rootText)
	tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if TraceID(r.Context()) != rootText {
			t.Errorf("trace id %q", TraceID(r.Context()))
		}
		_ = Trace(r.Context(), "x", func(ctx context.Context) error {
			Annotate(ctx, "k", 1)
			AnnotateSegment(ctx, "k", 1)
			Metadata(ctx, "", "k", 1)
			SetUser(ctx, "u")
			_, s := Begin(ctx, "y")
			End(s, io.EOF)
			return nil
		})
		http.NotFound(w, r)
	})).ServeHTTP(w, r)
	if got := w.Header().Get(HeaderName); got != "Root="+rootText+";Sampled=0" || w.Code != 404 {
		t.Errorf("status %d, header %q", w.Code, got)
	}
	if st := tr.Stats(); st != (Stats{Unsampled: 1}) {
		t.Errorf("stats %+v", st)
	}
}

func TestTheHeaderSurvivesHandlersThatReplaceHeaders(t *testing.T) {
	replace := func(w http.ResponseWriter) {
		clear(w.Header())
		w.Header().Add(HeaderName, "Root=other")
		w.Header().Add(HeaderName, "Root=another")
	}
	handlers := map[string]http.HandlerFunc{
		"and write": func(w http.ResponseWriter, _ *http.Request) {
			replace(w)
			_, _ = w.Write([]byte("x"))
		},
		"and write nothing": func(w http.ResponseWriter, _ *http.Request) { clear(w.Header()) },
		// As httputil.ReverseProxy does with the upstream's early hints.
		"after an informational response": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			replace(w)
			w.WriteHeader(http.StatusNoContent)
		},
	}
	for name, h := range handlers {
		for _, share := range []float64{0, 1} {
			t.Run(fmt.Sprintf("%s at rate %v", name, share), func(t *testing.T) {
				tr, _ := start(t, Config{SamplingRate: rate(share)})
				srv := httptest.NewServer(tr.Middleware(h))
				defer srv.Close()
				resp, err := srv.Client().Get(srv.URL)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				want := fmt.Sprintf(";Sampled=%v", share)
				if got := resp.Header.Values(HeaderName); len(got) != 1 || !strings.HasSuffix(got[0], want) {
					t.Errorf("header %q", got)
				}
			})
		}
	}
}

func TestACopyThatGivesNothingLeavesTheStatusOpen(t *testing.T) {
	resp, d := serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		if _, err := io.Copy(w, iotest.ErrReader(io.ErrUnexpectedEOF)); err != nil {
			http.Error(w, "the upstream broke off", http.StatusBadGateway)
		}
	}, nil)
	if got := text(t, d, "http", "response", "status"); resp.StatusCode != http.StatusBadGateway || got != "502" {
		t.Errorf("the client got %d, the segment says %s", resp.StatusCode, got)
	}
	if got := text(t, d, "fault"); got != "true" {
		t.Errorf("fault is %s", got)
	}
}

func TestUploadsLeaveNoTemporaryFiles(t *testing.T) {
	for _, share := range []float64{0, 1} {
		dir := t.TempDir()
		t.Setenv("TMPDIR", dir)
		tr, _ := start(t, Config{SamplingRate: rate(share)})
		srv := httptest.NewServer(tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseMultipartForm(1); err != nil {
				t.Error(err)
			}
			if files, _ := os.ReadDir(dir); len(files) != 1 {
				t.Errorf("the upload is in %d files, not in one", len(files))
			}
		})))
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, _ := form.CreateFormFile("image", "letter")
		_, _ = part.Write(make([]byte, 1<<20))
		_ = form.Close()
		resp, err := srv.Client().Post(srv.URL, form.FormDataContentType(), &body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		srv.Close() // waits for the server's clean-up
		if files, _ := os.ReadDir(dir); len(files) != 0 {
			t.Errorf("at rate %v %d files stay behind", share, len(files))
		}
	}
}

func TestAHandlerThatPanics(t *testing.T) {
	for _, value := range []any{"boom", http.ErrAbortHandler, errors.New("boom")} {
		t.Run(fmt.Sprint(value), func(t *testing.T) {
			tr, a := start(t, Config{})
			w := httptest.NewRecorder()
			var got any
			func() {
				defer func() { got = recover() }()
				tr.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(value) })).
					ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			}()
			if got != value || w.Header().Get(HeaderName) == "" {
				t.Errorf("recovered %v, header %q", got, w.Header().Get(HeaderName))
			}
			d := a.wait(1)[0]
			a.is(d, `true`, "fault")
			a.is(d, `"panic"`, "cause", "exceptions", 0, "type")
			a.is(d, `null`, "http", "response")
			if label := text(t, d, "cause", "exceptions", 0, "stack", 0, "label"); !strings.Contains(label, "TestAHandlerThatPanics") {
				t.Errorf("first frame %s", label)
			}
		})
	}
}

func TestAClientThatGoesAway(t *testing.T) {
	tr, a := start(t, Config{})
	entered := make(chan struct{})
	srv := httptest.NewServer(tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	})))
	defer srv.Close()
	ctx, cancel := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
	go func() { <-entered; cancel() }()
	if _, err := srv.Client().Do(req); !errors.Is(err, context.Canceled) {
		t.Errorf("client got %v", err)
	}
	d := a.wait(1)[0]
	a.is(d, `499`, "http", "response", "status")
	a.is(d, `true`, "error")
	a.is(d, `null`, "fault")
	a.is(d, `"context canceled"`, "cause", "exceptions", 0, "message")
}

func TestInformationalResponsesAreNotTheStatus(t *testing.T) {
	early := 0
	_, d := serve(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</x>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusCreated)
	}, func(r *http.Request) {
		*r = *r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, _ textproto.MIMEHeader) error { early = code; return nil }}))
	})
	if got := text(t, d, "http", "response", "status"); got != "201" || early != 103 {
		t.Errorf("status %s, early hints %d", got, early)
	}
}

func TestTheWriterKeepsItsAbilities(t *testing.T) {
	_, d := serve(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		if _, ok := w.(http.Pusher); ok {
			t.Error("an HTTP/1 writer can push")
		}
		_, _ = io.WriteString(w, "12345")
		w.(http.Flusher).Flush()
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		if n, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader("67890")); n != 5 || err != nil {
			t.Errorf("ReadFrom gave %d, %v", n, err)
		}
		if n, err := io.Copy(w, strings.NewReader("abc")); n != 3 || err != nil {
			t.Errorf("Copy gave %d, %v", n, err)
		}
	}, nil)
	if got := text(t, d, "http", "response"); got != `{"content_length":13,"status":200}` {
		t.Errorf("response %s", got)
	}
}

// unflushable is a writer whose client has gone.
type unflushable struct{ http.ResponseWriter }

func (unflushable) Flush()            {}
func (unflushable) FlushError() error { return net.ErrClosed }

func TestAFlushThatFailsSaysSo(t *testing.T) {
	tr, _ := start(t, Config{})
	tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err != net.ErrClosed {
			t.Errorf("flushing gave %v", err)
		}
	})).ServeHTTP(unflushable{httptest.NewRecorder()}, httptest.NewRequest(http.MethodGet, "/", nil))
}

func TestHijackedConnectionsAreTheHandlersOwn(t *testing.T) {
	tr, a := start(t, Config{})
	srv := httptest.NewServer(tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		fmt.Fprint(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	})))
	defer srv.Close()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	if line, _ := bufio.NewReader(c).ReadString('\n'); !strings.Contains(line, "101") {
		t.Errorf("got %q", line)
	}
	d := a.wait(1)[0]
	a.is(d, `null`, "http", "response")
	a.is(d, `null`, "error")
}

// Every one of the sixteen combinations is a writer of its own type.
func TestTheWriterPretendsNothing(t *testing.T) {
	type (
		f = http.Flusher
		h = http.Hijacker
		r = io.ReaderFrom
		p = http.Pusher
		w = http.ResponseWriter
	)
	rec := httptest.NewRecorder()
	originals := []w{
		struct{ w }{rec}, struct {
			w
			f
		}{rec, nil}, struct {
			w
			h
		}{rec, nil}, struct {
			w
			f
			h
		}{rec, nil, nil},
		struct {
			w
			r
		}{rec, nil}, struct {
			w
			f
			r
		}{rec, nil, nil}, struct {
			w
			h
			r
		}{rec, nil, nil}, struct {
			w
			f
			h
			r
		}{rec, nil, nil, nil},
		struct {
			w
			p
		}{rec, nil}, struct {
			w
			f
			p
		}{rec, nil, nil}, struct {
			w
			h
			p
		}{rec, nil, nil}, struct {
			w
			f
			h
			p
		}{rec, nil, nil, nil},
		struct {
			w
			r
			p
		}{rec, nil, nil}, struct {
			w
			f
			r
			p
		}{rec, nil, nil, nil}, struct {
			w
			h
			r
			p
		}{rec, nil, nil, nil}, struct {
			w
			f
			h
			r
			p
		}{rec, nil, nil, nil, nil},
	}
	for i, original := range originals {
		before := (&responseWriter{ResponseWriter: original}).interfaces()
		wrapped := (&responseWriter{ResponseWriter: original}).likeTheOriginal()
		after := (&responseWriter{ResponseWriter: wrapped}).interfaces()
		if before != i || after != i {
			t.Errorf("combination %04b was read as %04b and became %04b", i, before, after)
		}
		if u, ok := wrapped.(interface{ Unwrap() http.ResponseWriter }); !ok || u.Unwrap() != original {
			t.Errorf("combination %04b does not unwrap", i)
		}
	}
}

func TestMiddlewareInMiddlewareIsOne(t *testing.T) {
	tr, a := start(t, Config{})
	tr.Middleware(tr.Middleware(http.NotFoundHandler())).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	a.is(a.wait(1)[0], `null`, "subsegments")
	if tr.Stats().Sampled != 1 {
		t.Errorf("stats %+v", tr.Stats())
	}
}

func TestTheClientsAddressIsForwardedOnlyByTrustedPeers(t *testing.T) {
	_, d := serve(t, Config{LookupEnv: envOf(map[string]string{"XRAY_TRUSTED_PEERS": "none"})}, func(http.ResponseWriter, *http.Request) {},
		func(r *http.Request) { r.Header.Set("X-Forwarded-For", "198.51.100.7") })
	if got := text(t, d, "http", "request", "client_ip"); got != `"127.0.0.1"` {
		t.Errorf("client_ip %s", got)
	}
	if got := text(t, d, "http", "request", "x_forwarded_for"); got != `null` {
		t.Errorf("x_forwarded_for %s", got)
	}
}

func TestInsideForeignServerInstrumentationTheHeaderIsStillSet(t *testing.T) {
	for _, r := range []float64{0, 1} {
		tr, _ := start(t, Config{SamplingRate: rate(r)})
		w := httptest.NewRecorder()
		_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
			tr.Middleware(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
			if got := w.Header().Get(HeaderName); got != fmt.Sprintf("Root=%s;Sampled=%v", TraceID(ctx), r) {
				t.Errorf("header %q", got)
			}
			return nil
		})
	}
}
