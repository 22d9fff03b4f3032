package test

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// nobodysPort is an address of UDP at which nobody listens.
func nobodysPort(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().String()
}

// TestTracingThatFailsCostsNoRequest runs the three services with every
// request recorded and an agent that is not there, or whose name nobody
// knows, and sends trace headers that are none. A complaint passes its
// reviews all the same, every answer names its trace, and /metrics counts
// what was lost and refused.
func TestTracingThatFailsCostsNoRequest(t *testing.T) {
	for name, daemon := range map[string]string{"nobody listens": nobodysPort(t), "a name of nobody": "no-such-host.invalid:2000"} {
		t.Run(name, func(t *testing.T) {
			a := &afirgen{server: &server{Daemon: daemon}, logs: new(output)}
			a.model = a.service(t, "1", "gguf")
			reader := a.service(t, "1", "asrocr")
			a.backend = a.service(t, "1", "backend", "--database", "sqlite:"+filepath.Join(t.TempDir(), "afirgen.db"), "--archive", t.TempDir(),
				"--model-server", "http://"+a.model, "--asr-ocr-server", "http://"+reader, "--rate-limit", "100000",
				"--station-code", "KTW", "--station-name", "Kotwali", "--station-district", "Lucknow", "--station-state", "Uttar Pradesh")
			a.passes(t)
			a.withBadHeaders(t)
			before := a.lost(t)
			eventually(t, func() error { // the kernel says with a later document that nobody took one
				a.do(t, a.request(t, http.MethodGet, "/list_firs", "", nil))
				if now := a.lost(t); now["send_error"] <= before["send_error"] || now["send_error"] == 0 {
					return fmt.Errorf("%v documents are counted as lost, after %v", now, before)
				}
				return nil
			})
			if !strings.Contains(a.logs.String(), "the agent cannot be reached") {
				t.Errorf("the logs do not say that the agent cannot be reached:\n%s", a.logs)
			}
		})
	}
}

// passes sends a complaint through four reviews.
func (a *afirgen) passes(t *testing.T) {
	t.Helper()
	status, header, body := a.do(t, a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText)))
	if status != 200 {
		t.Fatalf("status %d: %s\n%s", status, body, a.logs)
	}
	session := sessionOf(t, body)
	for range 4 {
		traceOf(t, header)
		if status, header, body = a.do(t, a.approval(t, session)); status != 200 {
			t.Fatalf("status %d: %s\n%s", status, body, a.logs)
		}
	}
	if !strings.Contains(body, `"fir_number":"KTW/0001/`) {
		t.Errorf("there is no report: %s", body)
	}
}

func (a *afirgen) withBadHeaders(t *testing.T) {
	t.Helper()
	refused := func() float64 {
		return a.counter(t, `tracing_headers_refused_total{reason="bad"}`) + a.counter(t, `tracing_headers_refused_total{reason="force"}`)
	}
	for name, value := range map[string]string{
		"X-Amzn-Trace-Id": "Root=;Parent=zz;Sampled=maybe", "x-amzn-trace-id": strings.Repeat("Root=1-00000000-x;", 300),
		"X-Roentgen-Force-Sampling": "t=-1,v1=zz",
	} {
		before := refused()
		req := a.request(t, http.MethodGet, "/list_firs", "", nil)
		req.Header.Set(name, value)
		status, header, body := a.do(t, req)
		if status != 200 {
			t.Errorf("%s: %.40s: status %d: %s", name, value, status, body)
		}
		traceOf(t, header)
		if refused() <= before {
			t.Errorf("%s: %.40s: it is not counted as refused", name, value)
		}
	}
}

// counter reads a line of the backend's /metrics.
func (a *afirgen) counter(t *testing.T, line string) (value float64) {
	t.Helper()
	req := a.request(t, http.MethodGet, "/metrics", "", nil)
	status, _, body := a.do(t, req)
	if status != 200 {
		t.Fatalf("/metrics: status %d: %s", status, body)
	}
	for text := range strings.Lines(body) {
		if rest, ok := strings.CutPrefix(text, line+" "); ok {
			if _, err := fmt.Sscan(rest, &value); err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	t.Fatalf("/metrics has no %s", line)
	return 0
}

func (a *afirgen) lost(t *testing.T) map[string]float64 {
	t.Helper()
	lost := map[string]float64{}
	for _, reason := range []string{"send_error", "queue_full", "encode_panic"} {
		lost[reason] = a.counter(t, fmt.Sprintf(`tracing_lost_total{reason=%q}`, reason))
	}
	return lost
}

// refusedRequests makes two requests fail, one in the backend and one in the
// service behind it, and returns their trace ids with the services that had a
// part in each. Both are unsampled, and say so in the header.
func (a *afirgen) refusedRequests(t *testing.T) map[string][]string {
	t.Helper()
	status, header, body := a.do(t, a.request(t, http.MethodPost, "/process", "application/json", strings.NewReader(`{}`)))
	if status != 400 || !strings.Contains(header, "Sampled=0") {
		t.Fatalf("status %d, header %q: %s", status, header, body)
	}
	contentType, upload := form(t, "image", "letter.jpg", []byte("\xff\xd8\xff\xe0 and nothing more"))
	status, deep, body := a.do(t, a.request(t, http.MethodPost, "/process", contentType, upload))
	if status != 422 {
		t.Fatalf("status %d: %s", status, body)
	}
	return map[string][]string{
		traceOf(t, header): {"afirgen-main-backend"}, traceOf(t, deep): {"afirgen-main-backend", "afirgen-asr-ocr-server"},
	}
}

// TestEveryErrorIsRecordedWhateverTheRate samples nothing, and finds the traces
// of what failed all the same, with the segments of every service that had a
// part in them.
func TestEveryErrorIsRecordedWhateverTheRate(t *testing.T) {
	a := startAFIRGen(t, "0")
	a.awaitStart(t)
	for trace, services := range a.refusedRequests(t) {
		docs := a.awaitSegments(t, trace, len(services))
		for _, service := range services {
			if seg := named(t, docs, service); !seg.Error {
				t.Errorf("the segment of %s in trace %s does not say error", service, trace)
			}
		}
	}
}

// TestAnErrorThatIsNotRecordedIsInTheLog shows what there is of an error where
// the agent does not hold what was not sampled, as AWS's does not: its trace id
// goes to the caller and into the logs of every service that had a part in it,
// and nothing is sent.
func TestAnErrorThatIsNotRecordedIsInTheLog(t *testing.T) {
	t.Setenv("XRAY_UNDECIDED", "false")
	a := startAFIRGen(t, "0")
	a.awaitStart(t)
	refused := a.refusedRequests(t)
	for trace, services := range refused {
		for _, service := range services {
			eventually(t, func() error { // the line may come after the answer
				if !hasLine(a.logs.String(), "trace_id="+trace, "service="+service, "status=4", "sampled=false") {
					return fmt.Errorf("%s has not logged trace %s:\n%s", service, trace, a.logs)
				}
				return nil
			})
		}
	}
	forced := a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText))
	force(forced, forceKey, time.Now())
	_, header, _ := a.do(t, forced)
	a.awaitSegments(t, traceOf(t, header), 1) // it was sent last
	for trace := range refused {
		if docs := a.trace(t, trace); len(docs) > 0 {
			t.Errorf("%d documents of trace %s are stored", len(docs), trace)
		}
	}
}

func hasLine(text string, parts ...string) bool {
	for line := range strings.Lines(text) {
		all := true
		for _, part := range parts {
			all = all && strings.Contains(line, part)
		}
		if all {
			return true
		}
	}
	return false
}

// TestAStartIsRecordedWhateverTheRate finds the trace of the backend's start,
// of a service that records no request.
func TestAStartIsRecordedWhateverTheRate(t *testing.T) {
	a := startAFIRGen(t, "0")
	a.awaitStart(t)
}

// awaitStart waits for the trace of the backend's start.
func (a *afirgen) awaitStart(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		ids := found(t, awsClient(a.server), `annotation.operation = "startup" AND service("afirgen-main-backend")`)
		if len(ids) != 1 {
			return fmt.Errorf("%d traces of a start are stored", len(ids))
		}
		return nil
	})
}
