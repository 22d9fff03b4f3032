package test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestDaemonPortOverTCP asks port 2000 what SDKs ask a daemon, and puts a
// document there that no datagram can hold.
func TestDaemonPortOverTCP(t *testing.T) {
	s := startServer(t, t.TempDir())
	daemon := *s
	daemon.HTTP = "http://" + s.Daemon

	var rules struct {
		SamplingRuleRecords []struct{ SamplingRule struct{ RuleName string } }
	}
	if status := daemon.post(t, "/GetSamplingRules", map[string]any{"NextToken": nil}, &rules); status != 200 || len(rules.SamplingRuleRecords) != 1 {
		t.Errorf("status %d, rules %+v", status, rules)
	}
	var targets struct{ LastRuleModification *float64 }
	if status := daemon.post(t, "/SamplingTargets", map[string]any{"SamplingStatisticsDocuments": []any{}}, &targets); status != 200 || targets.LastRuleModification == nil {
		t.Errorf("status %d, targets %+v", status, targets)
	}

	trace, now := newTraceID(), time.Now().Unix()
	doc := fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"n","start_time":%d,"end_time":%d,"metadata":{"d":{"x":""}}}`, trace, newID(), now, now)
	doc = strings.Replace(doc, `"x":""`, `"x":"`+strings.Repeat("x", 64<<10-len(doc))+`"`, 1)
	if len(doc) != 64<<10 {
		t.Fatalf("the document has %d bytes", len(doc))
	}
	var verdicts struct{ UnprocessedTraceSegments []json.RawMessage }
	if status := daemon.post(t, "/TraceSegments", map[string]any{"TraceSegmentDocuments": []string{doc}}, &verdicts); status != 200 || len(verdicts.UnprocessedTraceSegments) != 0 {
		t.Errorf("status %d, verdicts %s", status, verdicts.UnprocessedTraceSegments)
	}
	s.awaitSegments(t, trace, 1)

	resp, err := client.Post(daemon.HTTP+"/TraceSummaries", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("questions about traces are not for this port, and it answered %d", resp.StatusCode)
	}
}

// TestHealth looks at what orchestrators ask.
func TestHealth(t *testing.T) {
	s := startServer(t, t.TempDir())
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 200, "/nowhere": 404} {
		resp, err := client.Get(s.HTTP + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("GET %s: %d, want %d", path, resp.StatusCode, want)
		}
	}
}
