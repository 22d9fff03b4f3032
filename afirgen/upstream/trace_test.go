package upstream

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

func TestEachAttemptIsSeenInTheTrace(t *testing.T) {
	collector := tracetest.Start(t)
	tr := collector.Setup(t, contract.Backend)
	registry := prometheus.NewRegistry()
	s := open(t, func(c *Config) {
		c.Client = &http.Client{Transport: tr.Transport(c.Client.Transport)}
		c.Failures, c.Metrics = 2, NewMetrics(registry)
	})
	s.say(answer{503, `{"detail":"Meera","error_type":"overloaded"}`, ""})
	ask := func(ctx context.Context) error {
		return s.Post(ctx, Call{Path: "/inference", Body: []byte("Meera"), Attempt: inSubsegment}, &struct{}{})
	}
	_ = tr.Segment(t.Context(), "", func(ctx context.Context) error {
		_ = ask(ctx)
		return ask(ctx)
	})
	d := collector.Await(t, contract.Backend)
	name := contract.ModelInference("summariser")
	if got := strings.Join(d.ChildNames(), " "); got != name+" "+name+" "+name {
		t.Fatalf("the segment has %s", got)
	}
	for i, want := range []struct {
		attempt float64
		breaker string
		sent    bool
		kind    contract.ErrorType
	}{
		{1, Closed, true, contract.UpstreamUnavailable},
		{2, Closed, true, contract.UpstreamUnavailable},
		{1, Open, false, contract.CircuitOpen},
	} {
		sub := d.Subsegments[i]
		debug := sub.Metadata[contract.DebugNamespace]
		if debug[contract.Attempt] != want.attempt || debug[contract.Breaker] != want.breaker || !sub.Fault || len(sub.Cause) == 0 {
			t.Errorf("attempt %d: metadata %v, fault %t, cause %s", i, debug, sub.Fault, sub.Cause)
		}
		if sent := len(sub.Subsegments) == 1; sent != want.sent {
			t.Fatalf("attempt %d: the calls %q", i, sub.ChildNames())
		}
		if want.sent {
			call := sub.Child(t, contract.GGUF)
			if call.Namespace != "remote" || !call.HTTP.Request.Traced || call.HTTP.Response.Status != 503 {
				t.Errorf("attempt %d: the call is %+v", i, call)
			}
		}
	}
	if strings.Contains(string(collector.Raw()), "Meera") {
		t.Error("what was sent, or what the neighbour said, is in the trace")
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
		t.Errorf("metrics: %v, %v", problems, err)
	}
	want := `
# HELP circuit_breaker_state After the last call: 0 closed, 1 half open, 2 open.
# TYPE circuit_breaker_state gauge
circuit_breaker_state{server="model_server"} 2
# HELP model_server_requests_total Attempts, by ok or the kind of error; circuit_open was not sent.
# TYPE model_server_requests_total counter
model_server_requests_total{server="model_server",status="circuit_open"} 1
model_server_requests_total{server="model_server",status="upstream_unavailable"} 2
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "circuit_breaker_state", "model_server_requests_total"); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(s.cfg.Metrics.latency); n != 1 {
		t.Errorf("%d latencies, want one neighbour's", n)
	}
}

func inSubsegment(ctx context.Context, _ int, do func(context.Context) error) error {
	_, err := web.Do(ctx, contract.ModelInference("summariser"), func(ctx context.Context) (struct{}, error) {
		return struct{}{}, do(ctx)
	})
	return err
}

func TestTheRequestIDGoesAlong(t *testing.T) {
	got := make(chan string, 2)
	neighbour := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header.Get("X-Request-Id") + " " + r.Header.Get("Content-Type") + " " + r.Header.Get(tracing.HeaderName)
		_, _ = w.Write([]byte("{}"))
	}))
	defer neighbour.Close()
	collector := tracetest.Start(t)
	tr := collector.Setup(t, contract.Backend)
	s := open(t, func(c *Config) {
		c.Base, c.Client = neighbour.URL, &http.Client{Transport: tr.Transport(neighbour.Client().Transport)}
	})
	handler := web.Handler(web.Config{
		Routes: web.Routes(web.Route{Method: "GET", Path: "/ask", Handle: func(w http.ResponseWriter, r *http.Request) error {
			return s.Post(r.Context(), Call{Path: "/x", ContentType: "application/json"}, &struct{}{})
		}}),
		Tracing: tr, Log: s.cfg.Log, Drain: &web.Drain{}, Now: time.Now, NewID: func() string { return "made" },
	})
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/ask", nil)
	r.Header.Set("X-Request-Id", "given")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	d := collector.Await(t, contract.Backend)
	call := d.Child(t, contract.GGUF)
	if want := "given application/json Root=" + d.TraceID + ";Parent=" + call.ID + ";Sampled=1"; <-got != want {
		t.Errorf("the neighbour was told something else than %q", want)
	}
}
