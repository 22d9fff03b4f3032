package agent

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/redact"
	"github.com/roentgen/roentgen/wire"
)

// spanText is an OTLP request of one server span, as JSON.
func spanText(trace roentgen.TraceID, failed bool) string {
	now := time.Now().UnixNano()
	status := ""
	if failed {
		status = `,"status":{"code":2,"message":"broken"}`
	}
	return fmt.Sprintf(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"pay"}}]},"scopeSpans":[{"spans":[
		{"traceId":"%s","spanId":"%016x","name":"POST /pay","kind":2,"startTimeUnixNano":"%d","endTimeUnixNano":"%d",
		"attributes":[{"key":"mail","value":{"stringValue":"asha@example.in"}}]%s}]}]}]}`,
		trace.W3C(), serial.Add(1), now-1e6, now, status)
}

func postSpans(t *testing.T, a *running, text string) (status int, body string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Post("http://"+a.cfg.OTLPHTTP.Addr().String()+"/v1/traces", "application/json", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// TestSpansAreSampledByTheTrace sends spans at the rate 0.25: those of a
// quarter of the traces leave, and all of the traces that fail.
func TestSpansAreSampledByTheTrace(t *testing.T) {
	h := newHouse(t)
	a := startAgent(t, h, t.TempDir(), func(c *Config) {
		c.OTLPHTTP, c.OTLPGRPC, c.Triggers.OTLPRate = listenTCP(t), listenTCP(t), 0.25
		c.OTLP.Index = wire.SpanIndex{All: true}
		var err error
		if c.Redact, err = redact.New(redact.Default()); err != nil {
			t.Fatal(err)
		}
	})
	kept := 0
	for range 100 {
		trace := newTrace()
		if status, body := postSpans(t, a, spanText(trace, false)); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		if share(trace) < 0.25 {
			kept++
			if docs := h.await(t, trace, 1); docs[0].Keep.Probability != 0.25 || strings.Contains(string(docs[0].Segment.Document), "asha@") {
				t.Fatalf("kept as %+v: %s", docs[0].Keep, docs[0].Segment.Document)
			}
		}
	}
	failing := newTrace()
	for share(failing) < 0.25 {
		failing = newTrace()
	}
	postSpans(t, a, spanText(failing, false))
	postSpans(t, a, spanText(failing, true))
	h.await(t, failing, 2)
	if status, body := postSpans(t, a, strings.ReplaceAll(spanText(newTrace(), false), `UnixNano":"1`, `UnixNano":"2`)); status != 200 || !strings.Contains(body, "ahead of") {
		t.Errorf("%d %s", status, body)
	}
	s := a.balanced(t)
	if s.Received["otlp_http"] != 103 || s.Stored != int64(kept+2) || s.Rejected["InvalidSegment"] != 1 || s.Waiting.Ring != int64(100-kept) {
		t.Errorf("%d of 100 were to be kept: %+v", kept, s.Books)
	}
}
