package tracing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestAnOutgoingCallIsASubsegmentThatTheCalleeContinues(t *testing.T) {
	tr, a := start(t, Config{})
	callee, b := start(t, Config{ServiceName: "gguf", SamplingRate: rate(0)})
	srv := httptest.NewServer(callee.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, "busy")
	})))
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "http://")
	client := &http.Client{Transport: tr.Transport(srv.Client().Transport)}
	defer client.CloseIdleConnections()
	d := a.segment(tr, func(ctx context.Context) {
		req, _ := http.NewRequestWithContext(ctx, "", "http://user:pw@"+host+"/infer?text=secret#frag", nil)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); string(body) != "busy" || err != nil {
			t.Errorf("body %q, %v", body, err)
		}
		resp.Body.Close()
		if req.Header.Get(HeaderName) != "" {
			t.Error("the caller's request was changed")
		}
	})
	sub := at(t, d, "subsegments", 0)
	a.is(sub, `"`+host+`"`, "name")
	a.is(sub, `"remote"`, "namespace")
	a.is(sub, `{"request":{"method":"GET","url":"http://`+host+`/infer"},"response":{"content_length":4,"status":429}}`, "http")
	a.is(sub, `true`, "error")
	a.is(sub, `true`, "throttle")
	other := b.wait(1)[0]
	b.is(other, text(t, sub, "id"), "parent_id")
	b.is(other, text(t, d, "trace_id"), "trace_id")
	b.is(other, `"gguf"`, "name")
}

func TestACalleesNameComesFromTheContextOrTheConfiguration(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "http://")
	tr, a := start(t, Config{Callees: map[string]string{host: "by-address"}})
	client := &http.Client{Transport: tr.Transport(srv.Client().Transport)}
	defer client.CloseIdleConnections()
	d := a.segment(tr, func(ctx context.Context) {
		for _, ctx := range []context.Context{ctx, CalleeName(ctx, "by-context")} {
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
			if resp, err := client.Do(req); err == nil {
				resp.Body.Close()
			}
		}
	})
	a.is(d, `"by-address"`, "subsegments", 0, "name")
	a.is(d, `true`, "subsegments", 0, "http", "request", "traced")
	a.is(d, `"by-context"`, "subsegments", 1, "name")
}

// roundTripper is a function that serves as a transport.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTransportErrorsComeBackUnchanged(t *testing.T) {
	tr, a := start(t, Config{})
	want := &url.Error{Op: "dial", URL: "x", Err: errors.New("refused")}
	rt := tr.Transport(roundTripper(func(*http.Request) (*http.Response, error) { return nil, want }))
	d := a.segment(tr, func(ctx context.Context) {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://api.test/", nil)
		if _, err := rt.RoundTrip(req); err != error(want) {
			t.Errorf("got %v", err)
		}
	})
	a.is(d, `true`, "subsegments", 0, "fault")
	a.is(d, `"url.Error"`, "subsegments", 0, "cause", "exceptions", 0, "type")
	a.is(d, `true`, "subsegments", 0, "cause", "exceptions", 0, "remote")
}

func TestErrorsOfCallsLoseTheQueryToo(t *testing.T) {
	tr, a := start(t, Config{})
	client := &http.Client{Transport: tr.Transport(roundTripper(func(*http.Request) (*http.Response, error) { return nil, io.EOF }))}
	d := a.segment(tr, func(ctx context.Context) {
		_ = Trace(ctx, "failing", func(ctx context.Context) error {
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://app:pw@api.test/find?phone=98765", nil)
			_, err := client.Do(req)
			return fmt.Errorf("asking: %w", err)
		})
		_ = Trace(ctx, "malformed", func(context.Context) error {
			_, err := url.Parse(strings.TrimSuffix("http://api.test/\x01?phone=98765;", ";"))
			return err
		})
		func() {
			defer func() { _ = recover() }()
			_ = Trace(ctx, "panicking", func(ctx context.Context) error {
				_, err := client.Get("http://api.test/find?phone=98765")
				panic(err)
			})
		}()
	})
	if got := text(t, d); strings.Contains(got, "98765") || strings.Contains(got, "pw") {
		t.Errorf("the query shows in %s", got)
	}
	a.is(d, `"asking: Get \"http://api.test/find\": EOF"`, "subsegments", 0, "cause", "exceptions", 0, "message")
}

func TestCallsTellTheCalleeTheDecision(t *testing.T) {
	cases := []struct {
		title    string
		rate     float64
		in, want string // the header of the request that came in; what the callee sees after Root and Parent
	}{
		{"unsampled", 0, "", ";Sampled=0"},
		{"unsampled with other fields", 0, "Root=" + rootText + ";Lineage=x:1;Self=" + rootText, ";Sampled=0;Lineage=x:1"},
		{"sampled with other fields", 1, "Root=" + rootText + ";k=v", ";Sampled=1;k=v"},
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			tr, _ := start(t, Config{SamplingRate: rate(c.rate)})
			var seen string
			rt := tr.Transport(roundTripper(func(r *http.Request) (*http.Response, error) {
				seen = r.Header.Get(HeaderName)
				return nil, io.EOF
			}))
			in := httptest.NewRequest(http.MethodGet, "/", nil)
			in.Header.Set(HeaderName, c.in)
			tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				req := (&http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "http", Host: "api.test"}}).WithContext(r.Context())
				_, _ = rt.RoundTrip(req)
			})).ServeHTTP(httptest.NewRecorder(), in)
			h, sound := parseHeader(seen)
			if !sound || !h.hasRoot || !h.parent.IsValid() || !strings.HasSuffix(seen, c.want) {
				t.Errorf("callee saw %q", seen)
			}
		})
	}
}

func TestACallWithoutASegmentIsLeftAlone(t *testing.T) {
	tr := startAt(t, Config{ContextMissing: RuntimeError})
	req := httptest.NewRequest(http.MethodGet, "http://api.test/", nil)
	rt := tr.Transport(roundTripper(func(r *http.Request) (*http.Response, error) {
		if r != req {
			t.Error("the request was replaced")
		}
		return nil, io.EOF
	}))
	if _, err := rt.RoundTrip(req); err != io.EOF || tr.Stats().ContextMissing != 1 {
		t.Errorf("got %v, stats %+v", err, tr.Stats())
	}
}

func TestATransportThatPanics(t *testing.T) {
	tr, a := start(t, Config{})
	rt := tr.Transport(roundTripper(func(*http.Request) (*http.Response, error) { panic("transport") }))
	d := a.segment(tr, func(ctx context.Context) {
		defer func() {
			if v := recover(); v != "transport" {
				t.Errorf("recovered %v", v)
			}
		}()
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://api.test/", nil)
		_, _ = rt.RoundTrip(req)
	})
	a.is(d, `"panic"`, "subsegments", 0, "cause", "exceptions", 0, "type")
}

func TestURLsLoseTheirSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"https://u:p@h.test:8443/a%20b?q=1#f": "https://h.test:8443/a%20b",
		"/path?q=1":                           "/path",
		"mailto:a@b":                          "mailto:b",
		"http://[::1":                         "http://[::1",
		"http://u:p@[bad?q=1":                 "[bad",
	} {
		if got := bareURL(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
