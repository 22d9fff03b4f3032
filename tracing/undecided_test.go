package tracing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/roentgen/roentgen/redact"
)

const holding = `{"agent":"roentgen","version":"1","undecided":true,"horizon_seconds":60,"triggers":["error","fault","throttle"],"rules":"default"}`

// newHolder is an agent that says over TCP, on the same port as UDP, what it can do.
func newHolder(t testing.TB, status int, answer string) *agent {
	t.Helper()
	for range 100 { // a port that is free for both
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		u, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(l.Addr().(*net.TCPAddr).AddrPort()))
		if err != nil {
			l.Close()
			continue
		}
		srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != capabilityPath {
				t.Errorf("the agent was asked for %s %s", r.Method, r.URL.Path)
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, answer)
		})}}
		srv.Start()
		t.Cleanup(srv.Close)
		if err := u.SetReadBuffer(4 << 20); err != nil {
			t.Fatal(err)
		}
		a := &agent{t: t, conn: u, done: make(chan struct{})}
		go a.receive()
		t.Cleanup(a.close)
		return a
	}
	t.Fatal("no port is free for both TCP and UDP")
	return nil
}

// undecided sets up an instance that samples nothing and waits until it knows its agent.
func undecided(t testing.TB, a *agent, cfg Config) *Tracing {
	t.Helper()
	if cfg.SamplingRate == nil {
		cfg.SamplingRate = rate(0)
	}
	cfg.DaemonAddress = a.conn.LocalAddr().String()
	tr := startAt(t, cfg)
	for deadline := time.Now().Add(10 * time.Second); tr.agent.known.Load() == nil; time.Sleep(time.Millisecond) { // bounded by the deadline
		if time.Now().After(deadline) {
			t.Fatal("the agent was not asked")
		}
	}
	return tr
}

// marked splits a datagram into its header line and document.
func marked(t testing.TB, datagram []byte) (line string, d doc) {
	t.Helper()
	head, body, _ := bytes.Cut(datagram, []byte("\n"))
	return string(head) + "\n", decodeDoc(t, body)
}

func TestUnsampledRequestsAreRecordedForAnAgentThatCanHoldThem(t *testing.T) {
	a := newHolder(t, 200, holding)
	tr := undecided(t, a, Config{})
	w := httptest.NewRecorder()
	var out string
	tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sp := trace.SpanFromContext(r.Context())
		if sc := sp.SpanContext(); sc.IsSampled() || !sc.IsValid() || !sp.IsRecording() {
			t.Errorf("sampled %v, valid %v, recording %v", sc.IsSampled(), sc.IsValid(), sp.IsRecording())
		}
		carrier := propagation.MapCarrier{}
		propagation.TraceContext{}.Inject(r.Context(), carrier)
		if got := carrier["traceparent"]; !strings.HasSuffix(got, "-00") {
			t.Errorf("traceparent %q", got)
		}
		Annotate(r.Context(), "tenant", "acme")
		_ = Trace(r.Context(), "work", func(ctx context.Context) error { out = Header(ctx); return nil })
	})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/x", nil))
	line, d := marked(t, a.waitRaw(1)[0])
	if line != undecidedLine {
		t.Errorf("header line %q", line)
	}
	a.is(d, `"acme"`, "annotations", "tenant")
	a.is(d, `"work"`, "subsegments", 0, "name")
	a.is(d, `"Default"`, "aws", "xray", "sampling_rule_name")
	root := strings.Trim(text(t, d, "trace_id"), `"`)
	if got := w.Header().Get(HeaderName); got != "Root="+root+";Sampled=0" {
		t.Errorf("response header %q", got)
	}
	if want := "Root=" + root + ";Parent=" + strings.Trim(text(t, d, "subsegments", 0, "id"), `"`) + ";Sampled=0;Undecided=1"; out != want {
		t.Errorf("callees are told %q, want %q", out, want)
	}
	if st := tr.Stats(); st.Undecided != 1 || st.Sampled != 0 || st.Unsampled != 0 {
		t.Errorf("stats %+v", st)
	}
}

// TestTheProbabilityGoesWithWhatWasNotSampled wants the server to know how the head would have decided.
func TestTheProbabilityGoesWithWhatWasNotSampled(t *testing.T) {
	a := newHolder(t, 200, holding)
	tr := undecided(t, a, Config{SamplingRate: rate(0.25), Rand: seeded()})
	for range 40 {
		_ = tr.Segment(context.Background(), "", nothing)
	}
	lines := map[string]int{}
	for _, raw := range a.waitRaw(40) {
		line, d := marked(t, raw)
		lines[line]++
		a.is(d, `0.25`, "aws", "xray", "sampling_probability")
	}
	if lines[sampledLine] == 0 || lines[undecidedLine] == 0 || len(lines) != 2 {
		t.Errorf("header lines %v", lines)
	}
}

func TestOtherAgentsGetNothingThatIsNotSampled(t *testing.T) {
	cases := map[string]struct {
		status int
		answer string
		cfg    Config
	}{
		"the X-Ray daemon":                 {403, `{"message":"Missing Authentication Token"}`, Config{Sampling: SamplingLocal}},
		"a page for everything":            {200, `<html>`, Config{Sampling: SamplingLocal}},
		"Roentgen that cannot hold":        {200, `{"agent":"roentgen","undecided":false,"rules":"none"}`, Config{}},
		"told not to, in code":             {200, holding, Config{NoUndecided: true}},
		"told not to, in the environment":  {200, holding, Config{LookupEnv: envOf(map[string]string{"XRAY_UNDECIDED": "false"})}},
		"a request that is to be left out": {200, holding, Config{RequestRate: func(*http.Request) (float64, bool) { return 0, true }}},
	}
	for title, c := range cases {
		t.Run(title, func(t *testing.T) {
			a := newHolder(t, c.status, c.answer)
			tr := undecided(t, a, c.cfg)
			w := httptest.NewRecorder()
			tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := Header(r.Context()); !strings.HasSuffix(got, ";Sampled=0") || trace.SpanFromContext(r.Context()).IsRecording() {
					t.Errorf("callees are told %q", got)
				}
				w.WriteHeader(500)
			})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/x", nil))
			if got := w.Header().Get(HeaderName); !strings.HasSuffix(got, ";Sampled=0") {
				t.Errorf("response header %q", got)
			}
			if st := tr.Stats(); st.Unsampled != 1 || st.Undecided != 0 || tr.queue.len() != 0 {
				t.Errorf("stats %+v", st)
			}
		})
	}
}

func TestWhatACallerSaysOfTheDecision(t *testing.T) {
	cases := []struct {
		title, header string
		trusted       bool
		recorded      bool
		handedOn      string
	}{
		{"undecided", "Sampled=0;Undecided=1", true, true, ";Sampled=0;Undecided=1"},
		{"undecided, before other fields", "Undecided=1;Sampled=0;k=v", true, true, ";Sampled=0;Undecided=1;k=v"},
		{"a plain no", "Sampled=0", true, false, ";Sampled=0"},
		{"a plain no, with a field that means nothing", "Sampled=0;Kept=1", true, false, ";Sampled=0"},
		{"a plain no, with somebody's own field", "Sampled=0;undecided=1;Undecided=0", true, false, ";Sampled=0;undecided=1;Undecided=0"},
		{"yes, whatever else", "Sampled=1;Undecided=1", true, true, ";Sampled=1"},
		{"from a stranger", "Sampled=0;Undecided=1", false, true, ";Sampled=0;Undecided=1"},
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			vars := map[string]string{"XRAY_TRUSTED_PEERS": "none"}
			if c.trusted {
				vars = nil
			}
			tr := undecided(t, newHolder(t, 200, holding), Config{LookupEnv: envOf(vars)})
			r := httptest.NewRequest(http.MethodGet, "/x", nil)
			r.Header.Set(HeaderName, "Root="+rootText+";"+c.header)
			tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, rest, _ := strings.Cut(Header(r.Context()), ";Parent=")
				if got := rest[16:]; got != c.handedOn || trace.SpanFromContext(r.Context()).IsRecording() != c.recorded {
					t.Errorf("handed on %q, recorded %v", got, !c.recorded)
				}
			})).ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	t.Run("where the agent cannot hold, the mark goes on", func(t *testing.T) {
		tr := undecided(t, newHolder(t, 404, ""), Config{Sampling: SamplingLocal})
		r := httptest.NewRequest(http.MethodGet, "/x", nil)
		r.Header.Set(HeaderName, "Root="+rootText+";Sampled=0;Undecided=1")
		tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got := Header(r.Context()); !strings.HasSuffix(got, ";Sampled=0;Undecided=1") {
				t.Errorf("handed on %q", got)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	})
	t.Run("through the propagator", func(t *testing.T) {
		tr := undecided(t, newHolder(t, 200, holding), Config{})
		p, in := tr.Propagator(), propagation.MapCarrier{HeaderName: "Root=" + rootText + ";Parent=" + parentText + ";Sampled=0;Undecided=1"}
		ctx := p.Extract(context.Background(), in)
		out := propagation.MapCarrier{}
		if p.Inject(ctx, out); out[HeaderName] != in[HeaderName] {
			t.Errorf("without a span %q", out[HeaderName])
		}
		_, s := tr.Tracer("").Start(ctx, "consume")
		if !s.IsRecording() || s.SpanContext().IsSampled() {
			t.Errorf("recording %v, sampled %v", s.IsRecording(), s.SpanContext().IsSampled())
		}
	})
}

func TestAFailureIsToldToTheCaller(t *testing.T) {
	fail := func(ctx context.Context, name string) {
		_ = Trace(ctx, name, func(context.Context) error { return errors.New("broken") })
	}
	cases := []struct {
		title    string
		triggers string
		handler  http.HandlerFunc
		told     bool
	}{
		{"all is well", `"error","fault","throttle"`, func(w http.ResponseWriter, r *http.Request) {}, false},
		{"5xx", `"fault"`, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) }, true},
		{"5xx, of no interest", `"error"`, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) }, false},
		{"4xx", `"error"`, func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, true},
		{"4xx, of no interest", `"fault","slower than 2s"`, func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, false},
		{"429", `"throttle"`, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(429) }, true},
		{"a subsegment failed", `"fault"`, func(w http.ResponseWriter, r *http.Request) { fail(r.Context(), "x") }, true},
		{"a subsegment failed, then text", `"fault"`, func(w http.ResponseWriter, r *http.Request) { fail(r.Context(), "x"); _, _ = io.WriteString(w, "ok") }, true},
		{"a foreign span failed", `"error"`, func(w http.ResponseWriter, r *http.Request) {
			_, s := trace.SpanFromContext(r.Context()).TracerProvider().Tracer("").Start(r.Context(), "GET", trace.WithSpanKind(trace.SpanKindClient))
			s.SetAttributes(attribute.Int("http.response.status_code", 404))
			s.SetStatus(codes.Error, "")
			s.End()
		}, true},
		{"the segment itself was marked", `"fault"`, func(w http.ResponseWriter, r *http.Request) {
			trace.SpanFromContext(r.Context()).SetStatus(codes.Error, "")
			w.WriteHeader(200)
		}, true},
		{"too late: the header has gone", `"fault"`, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(200); fail(r.Context(), "x") }, false},
		{"headers are replaced", `"fault"`, func(w http.ResponseWriter, r *http.Request) { clear(w.Header()); w.WriteHeader(500) }, true},
		{"an informational response goes before", `"fault"`, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(103); w.WriteHeader(500) }, true},
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			a := newHolder(t, 200, `{"agent":"roentgen","undecided":true,"rules":"none","triggers":[`+c.triggers+`]}`)
			srv := httptest.NewServer(undecided(t, a, Config{}).Middleware(c.handler))
			defer srv.Close()
			resp, err := srv.Client().Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got := resp.Header.Values(HeaderName); len(got) != 1 || strings.HasSuffix(got[0], ";Sampled=0;Kept=1") != c.told {
				t.Errorf("response header %q", got)
			}
			if line, _ := marked(t, a.waitRaw(1)[0]); line != undecidedLine { // the agent sees for itself
				t.Errorf("header line %q", line)
			}
		})
	}
}

func TestAPanicIsToldByWhoeverAnswers(t *testing.T) {
	tr := undecided(t, newHolder(t, 200, holding), Config{})
	w := httptest.NewRecorder()
	func() {
		defer func() { _ = recover(); w.WriteHeader(500) }()
		tr.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no") })).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	}()
	if got := w.Result().Header.Get(HeaderName); !strings.HasSuffix(got, ";Kept=1") {
		t.Errorf("response header %q", got)
	}
}

// TestTheDecisionTravelsBackThroughServices has three services in a row; the
// one in the middle has an agent that cannot hold anything.
func TestTheDecisionTravelsBackThroughServices(t *testing.T) {
	frontAgent, backAgent := newHolder(t, 200, holding), newHolder(t, 200, holding)
	front, middle, back := undecided(t, frontAgent, Config{ServiceName: "front"}),
		undecided(t, newHolder(t, 404, ""), Config{ServiceName: "middle", Sampling: SamplingLocal}), undecided(t, backAgent, Config{ServiceName: "back"})
	status := http.StatusOK
	backSrv := httptest.NewServer(back.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })))
	defer backSrv.Close()
	call := func(tr *Tracing, ctx context.Context, url string) {
		client := &http.Client{Transport: tr.Transport(backSrv.Client().Transport)}
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		resp, err := client.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		resp.Body.Close()
	}
	middleSrv := httptest.NewServer(middle.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call(middle, r.Context(), backSrv.URL)
		w.WriteHeader(http.StatusNoContent) // it has coped
	})))
	defer middleSrv.Close()
	late := make(chan func(), 2)
	h := front.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, s := Begin(r.Context(), "late")
		late <- func() { End(s, nil) }
		call(front, r.Context(), middleSrv.URL)
	}))
	for _, c := range []struct {
		status   int
		line     string
		response string
	}{{200, undecidedLine, ";Sampled=0"}, {500, keptLine, ";Sampled=0;Kept=1"}} {
		status = c.status
		before := len(frontAgent.waitRaw(0))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if got := w.Header().Get(HeaderName); !strings.HasSuffix(got, c.response) {
			t.Errorf("status %d: the front's answer is %q", c.status, got)
		}
		frontAgent.waitRaw(before + 1)
		(<-late)()
		for _, raw := range frontAgent.waitRaw(before + 2)[before:] {
			if line, d := marked(t, raw); line != c.line {
				t.Errorf("status %d: %v goes out under %q", c.status, d["name"], line)
			}
		}
	}
	backSrv.Client().CloseIdleConnections()
	if front.Stats().KeptByCallee != 1 || middle.Stats().Unsampled != 2 || back.Stats().Undecided != 2 {
		t.Errorf("front %+v, middle %+v, back %+v", front.Stats(), middle.Stats(), back.Stats())
	}
}

func TestOnlyTheTraceAtHandIsKept(t *testing.T) {
	tr := undecided(t, newHolder(t, 200, holding), Config{})
	var answer string
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header().Set(HeaderName, answer) }))
	defer back.Close()
	client := &http.Client{Transport: tr.Transport(back.Client().Transport)}
	for _, answer = range []string{"", "Kept=1", "Root=" + rootText + ";Sampled=0;Kept=1", "Root=garbage;Kept=1"} {
		_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, back.URL, nil)
			resp, err := client.Do(req)
			if err != nil {
				t.Error(err)
				return err
			}
			return resp.Body.Close()
		})
	}
	back.Client().CloseIdleConnections()
	if st := tr.Stats(); st.KeptByCallee != 0 {
		t.Errorf("stats %+v", st)
	}
}

func TestNothingUndecidedGoesToAnAgentThatHasChanged(t *testing.T) {
	a := newHolder(t, 200, holding)
	tr := undecided(t, a, Config{})
	_ = tr.Segment(context.Background(), "", func(context.Context) error {
		tr.agent.known.Store(&capability{rules: rulesLocal}) // another one answers at the address
		return nil
	})
	for deadline := time.Now().Add(10 * time.Second); tr.Stats().Withheld == 0; time.Sleep(time.Millisecond) { // bounded by the deadline
		if time.Now().After(deadline) {
			t.Fatalf("stats %+v", tr.Stats())
		}
	}
	if st := tr.Stats(); st.DocumentsSent != 0 {
		t.Errorf("stats %+v", st)
	}
}

func TestUndecidedSegmentsLeaveRoomForSampledOnes(t *testing.T) {
	tr := unsent(t, Config{SamplingRate: rate(0), QueueSize: 8})
	tr.agent.known.Store(&capability{undecided: true})
	for range 20 {
		_ = tr.Segment(context.Background(), "", nothing)
	}
	if n := tr.queue.len(); n != 6 {
		t.Errorf("%d undecided segments wait", n)
	}
	for range 20 {
		ctx, s := tr.open(context.Background(), "x", header{sampled: '1'}, request{})
		End(trace.SpanFromContext(ctx), nil)
		_ = s
	}
	if st := tr.Stats(); tr.queue.len() != 8 || st.QueueFull != 32 {
		t.Errorf("%d wait, stats %+v", tr.queue.len(), st)
	}
}

func TestUndecidedCostsNoMoreMemoryThanSampled(t *testing.T) {
	count := func(p float64) float64 {
		tr := unsent(t, Config{SamplingRate: rate(p), QueueSize: 1})
		tr.agent.known.Store(&capability{undecided: true, triggers: flagFault})
		return testing.AllocsPerRun(200, func() { ownBench(tr, context.Background()) })
	}
	if undecided, sampled := count(0), count(1); undecided > sampled+pooled {
		t.Errorf("%v allocations, sampled %v", undecided, sampled)
	}
}

// TestTheRateIsWhatTheVariableSaysAlsoWithUndecided sends 100,000 requests and
// allows four standard deviations; the seed is fixed. The others are all there
// as undecided ones.
func TestTheRateIsWhatTheVariableSaysAlsoWithUndecided(t *testing.T) {
	for _, holds := range []bool{false, true} {
		tr := unsent(t, Config{Rand: seeded(), QueueSize: 1, LookupEnv: envOf(map[string]string{"XRAY_SAMPLING_RATE": "0.1"})})
		tr.agent.known.Store(&capability{undecided: holds})
		h := tr.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		r := httptest.NewRequest(http.MethodGet, "/process", nil)
		const n = 100_000
		for range n {
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		st := tr.Stats()
		within(t, fmt.Sprintf("agent that holds: %v", holds), int(st.Sampled), n, 0.1)
		if st.Sampled+st.Undecided+st.Unsampled != n || (st.Undecided > 0) != holds || (st.Unsampled > 0) == holds {
			t.Errorf("stats %+v", st)
		}
	}
}

func TestRedactionRunsBeforeADocumentLeaves(t *testing.T) {
	const phone = "+91 98765 43210"
	all := redact.Default()
	cases := map[string]struct {
		cfg  Config
		want string
	}{
		"off, as it comes":       {Config{}, `"call ` + phone + `" "hunter2" "42"`},
		"on, in the environment": {Config{LookupEnv: envOf(map[string]string{"XRAY_REDACT": "on"})}, `"call [redacted:phone]" "[redacted:key]" "42"`},
		"keys besides":           {Config{LookupEnv: envOf(map[string]string{"XRAY_REDACT": "ration_card, pin"})}, `"call [redacted:phone]" "[redacted:key]" "[redacted:key]"`},
		"in code":                {Config{Redact: &all}, `"call [redacted:phone]" "[redacted:key]" "42"`},
		"off in code":            {Config{Redact: &redact.Config{Off: true}, LookupEnv: envOf(map[string]string{"XRAY_REDACT": "on"})}, `"call ` + phone + `" "hunter2" "42"`},
	}
	for title, c := range cases {
		t.Run(title, func(t *testing.T) {
			tr, a := start(t, c.cfg)
			d := a.segment(tr, func(ctx context.Context) {
				Metadata(ctx, "", "note", "call "+phone)
				Metadata(ctx, "", "password", "hunter2")
				Metadata(ctx, "", "ration_card", "42")
			})
			if got := text(t, d, "metadata", "default", "note") + " " + text(t, d, "metadata", "default", "password") + " " + text(t, d, "metadata", "default", "ration_card"); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if st := tr.Stats(); (st.Redacted == redact.Counts{}) != strings.Contains(c.want, phone) {
				t.Errorf("counted %+v", st.Redacted)
			}
		})
	}
}

// TestADocumentThatGrowsIsCut has a segment whose documents fit a datagram
// until redaction puts longer words into them.
func TestADocumentThatGrowsIsCut(t *testing.T) {
	all := redact.Default()
	tr, a := start(t, Config{Redact: &all})
	_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
		for i := range 8 {
			_ = Trace(ctx, fmt.Sprintf("part-%d", i), func(ctx context.Context) error {
				Metadata(ctx, "", "people", strings.Repeat("9876543210 ", 700))
				return nil
			})
		}
		return nil
	})
	names := map[string]bool{}
	for deadline := time.Now().Add(10 * time.Second); len(names) < 9 && time.Now().Before(deadline); time.Sleep(time.Millisecond) { // bounded by the deadline
		for _, d := range a.wait(1) {
			for _, sub := range append([]any{d}, list(d["subsegments"])...) {
				names[sub.(doc)["name"].(string)] = true
			}
			if strings.Contains(text(t, d), "9876543210") {
				t.Fatal("a number went out")
			}
		}
	}
	if st := tr.Stats(); len(names) != 9 || st.SendErrors != 0 || st.Redacted.Phones < 5600 {
		t.Errorf("%d parts came, stats %+v", len(names), st)
	}
}

func list(v any) []any { l, _ := v.([]any); return l }
