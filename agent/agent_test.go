package agent

import (
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/redact"
	"github.com/roentgen/roentgen/tail"
	"github.com/roentgen/roentgen/wire"
)

func TestASampledDocumentReachesTheServer(t *testing.T) {
	h := newHouse(t)
	a := startAgent(t, h, t.TempDir(), nil)
	trace := newTrace()
	a.send(t, plain, document(trace, `"aws":{"xray":{"sampling_rule_name":"Default","sampling_probability":0.1}}`))
	docs := h.await(t, trace, 1)
	if keep := docs[0].Keep; keep != (roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.1}) {
		t.Errorf("kept as %+v", keep)
	}
	s := a.balanced(t)
	if s.Received["udp"] != 1 || s.Stored != 1 {
		t.Errorf("%+v", s.Books)
	}
}

func TestAFailingTraceIsKeptWhole(t *testing.T) {
	h := newHouse(t)
	a := startAgent(t, h, t.TempDir(), nil)
	good, bad := newTrace(), newTrace()
	for range 3 {
		a.send(t, undecided, document(good, ""), document(bad, ""))
	}
	a.send(t, undecided, document(bad, `"fault":true`))
	docs := h.await(t, bad, 4)
	for _, d := range docs {
		if d.Keep != (roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}) {
			t.Errorf("kept as %+v", d.Keep)
		}
	}
	a.send(t, undecided, document(bad, ""))
	h.await(t, bad, 5)
	s := a.balanced(t)
	if s.Waiting.Ring != 3 || len(h.documents(t, good)) != 0 {
		t.Errorf("%d documents wait, and the server has %d of the good trace", s.Waiting.Ring, len(h.documents(t, good)))
	}
}

// TestATriggerOnOneHostDrainsTheRingOfTheOther has two agents that know one
// another through the server alone.
func TestATriggerOnOneHostDrainsTheRingOfTheOther(t *testing.T) {
	h := newHouse(t)
	front, back := startAgent(t, h, t.TempDir(), nil), startAgent(t, h, t.TempDir(), nil)
	trace := newTrace()
	front.send(t, undecided, document(trace, ""), document(trace, ""))
	if s := front.balanced(t); s.Waiting.Ring != 2 {
		t.Errorf("%d documents wait", s.Waiting.Ring)
	}
	back.send(t, undecided, document(trace, `"http":{"response":{"status":500}}`))
	h.await(t, trace, 3)
	front.send(t, undecided, document(trace, ""))
	h.await(t, trace, 4)
	if s := front.balanced(t); s.Waiting.Ring != 0 || s.Notices.Received != 1 {
		t.Errorf("%+v, %+v", s.Waiting, s.Notices)
	}
	if s := back.balanced(t); s.Notices.Sent != 1 || s.Notices.Waiting != 0 {
		t.Errorf("%+v", s.Notices)
	}
}

func TestWhatTheResponsePathSaidIsKept(t *testing.T) {
	h := newHouse(t)
	a := startAgent(t, h, t.TempDir(), nil)
	trace := newTrace()
	a.send(t, undecided, document(trace, ""))
	a.send(t, toldKept, document(trace, ""))
	h.await(t, trace, 2)
}

// TestAnOutageLosesNothing sends while the server is away, restarts the agent
// meanwhile, and lets the server come back.
func TestAnOutageLosesNothing(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	a := startAgent(t, h, dir, nil)
	h.down.Store(true)
	trace, waits := newTrace(), newTrace()
	var docs []string
	for range 500 {
		docs = append(docs, document(trace, ""))
	}
	a.send(t, plain, docs[:300]...)
	a.send(t, undecided, document(waits, ""))
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	again := startAgent(t, h, dir, nil)
	if again.Statement().Agent != a.Statement().Agent {
		t.Error("the agent has another id after the restart")
	}
	again.send(t, plain, docs[300:]...)
	h.down.Store(false)
	h.await(t, trace, 500)
	again.send(t, undecided, document(waits, `"error":true`))
	h.await(t, waits, 2)
	s := again.balanced(t)
	if s.Received["udp"] != 502 || s.Stored != 502 || len(nonZero(s.Lost)) > 0 || s.Received["again"] != 0 {
		t.Errorf("%+v", s.Books)
	}
}

func nonZero(m map[string]int64) map[string]int64 {
	out := map[string]int64{}
	for k, v := range m {
		if v != 0 {
			out[k] = v
		}
	}
	return out
}

func TestPersonalDataDoesNotLeave(t *testing.T) {
	h := newHouse(t)
	a := startAgent(t, h, t.TempDir(), func(c *Config) {
		var err error
		if c.Redact, err = redact.New(redact.Default()); err != nil {
			t.Fatal(err)
		}
	})
	trace := newTrace()
	a.send(t, plain, document(trace, `"annotations":{"password":"hunter2"},"metadata":{"d":{"mail":"asha@example.in"}}`))
	docs := h.await(t, trace, 1)
	text := string(docs[0].Segment.Document)
	if strings.Contains(text, "hunter2") || strings.Contains(text, "asha@") {
		t.Errorf("stored is %s", text)
	}
	if s := a.Statement(); s.Redacted["key"] != 1 || s.Redacted["email"] != 1 {
		t.Errorf("%v", s.Redacted)
	}
}

func TestCapability(t *testing.T) {
	h := newHouse(t)
	a := startAgent(t, h, t.TempDir(), nil)
	var c Capability
	eventually(t, func() error {
		if a.ask(t, "GET", "/.well-known/roentgen-agent", "", nil, &c); c.Rules != "default" {
			return fmt.Errorf("rules are %q", c.Rules)
		}
		return nil
	})
	if c.Agent != "roentgen" || !c.Undecided || c.HorizonSeconds < 60 || !slices.Equal(c.Triggers, []string{"throttle", "fault", "error"}) {
		t.Errorf("%+v", c)
	}
	h.mu.Lock()
	h.rules = append(h.rules, roentgen.Rule{Name: "mine", Priority: 1, FixedRate: 0.5, ServiceName: "*", ServiceType: "*", Host: "*", HTTPMethod: "*", URLPath: "*", ResourceARN: "*", Version: 1})
	h.mu.Unlock()
	a.ask(t, "POST", "/GetSamplingRules", "{}", nil, nil)
	if a.ask(t, "GET", "/.well-known/roentgen-agent", "", nil, &c); c.Rules != "central" {
		t.Errorf("rules are %q", c.Rules)
	}
}

// TestCapturedRules answers old SDKs the rate 1, keeps their traces at the
// rule's rate, and those of them that fail.
func TestCapturedRules(t *testing.T) {
	h := newHouse(t)
	rule := roentgen.DefaultRule()
	rule.Name, rule.Priority, rule.FixedRate = "old", 5, 0.25
	h.rules = append(h.rules, rule)
	ts := tail.DefaultTriggers()
	ts.Capture = []string{"old"}
	a := startAgent(t, h, t.TempDir(), func(c *Config) { c.Triggers = ts })

	var page rulesPage
	a.ask(t, "POST", "/GetSamplingRules", "{}", nil, &page)
	rates := map[string]float64{}
	for _, r := range page.SamplingRuleRecords {
		rates[r.SamplingRule.RuleName] = r.SamplingRule.FixedRate
	}
	if rates["old"] != 1 || rates["Default"] != 0.05 {
		t.Errorf("rates are %v", rates)
	}
	a.ask(t, "POST", "/GetSamplingRules", "{}", http.Header{headerUndecided: {"1"}}, &page)
	for _, r := range page.SamplingRuleRecords {
		if r.SamplingRule.RuleName == "old" && r.SamplingRule.FixedRate != 0.25 {
			t.Errorf("an SDK that hands over undecided documents got the rate %v", r.SamplingRule.FixedRate)
		}
	}
	var targets struct {
		SamplingTargetDocuments []struct {
			RuleName  string
			FixedRate float64
		}
	}
	report := fmt.Sprintf(`{"SamplingStatisticsDocuments":[{"RuleName":"old","ClientID":"0123456789abcdef01234567","Timestamp":%d,"RequestCount":1,"SampledCount":1}]}`, a.cfg.Now().Unix())
	a.ask(t, "POST", "/SamplingTargets", report, nil, &targets)
	if len(targets.SamplingTargetDocuments) != 1 || targets.SamplingTargetDocuments[0].FixedRate != 1 {
		t.Errorf("%+v", targets)
	}

	byRule := func(name string) string { return fmt.Sprintf(`"aws":{"xray":{"sampling_rule_name":%q}}`, name) }
	child := `"parent_id":"53995c3f42cd8ad8"`
	kept := 0
	for range 200 {
		trace := newTrace()
		a.send(t, plain, document(trace, child), document(trace, byRule("old")))
		if share(trace) < 0.25 {
			kept++
			docs := h.await(t, trace, 2)
			if docs[0].Keep.Probability != 0.25 || docs[1].Keep.Probability != 0.25 {
				t.Fatalf("kept as %+v and %+v", docs[0].Keep, docs[1].Keep)
			}
		}
	}
	other, failing := newTrace(), newTrace()
	a.send(t, plain, document(other, child), document(other, byRule("Default")))
	h.await(t, other, 2)
	for share(failing) < 0.25 {
		failing = newTrace()
	}
	a.send(t, plain, document(failing, child), document(failing, byRule("old")), document(failing, child+`,"error":true`))
	h.await(t, failing, 3)
	if s := a.balanced(t); s.Stored != int64(2*kept+2+3) || s.Waiting.Ring != int64(2*(200-kept)) {
		t.Errorf("%d of 200 were to be kept: %+v", kept, s.Books)
	}
}

func TestDocumentsOfAnySizeComeOverTCP(t *testing.T) {
	h := newHouse(t)
	a := startAgent(t, h, t.TempDir(), func(c *Config) { c.Limits = wire.Limits{MaxDocumentBytes: 1 << 20} })
	trace := newTrace()
	large := document(trace, `"metadata":{"d":{"x":"`+strings.Repeat("x", 50<<10)+`"}}`)
	var verdicts putResponse
	quoted := fmt.Sprintf(`{"TraceSegmentDocuments":[%q,%q]}`, large, `{"id":"x"}`)
	if status := a.ask(t, "POST", "/TraceSegments", quoted, nil, &verdicts); status != 200 || len(verdicts.UnprocessedTraceSegments) != 1 {
		t.Errorf("%d, %+v", status, verdicts)
	}
	h.await(t, trace, 1)
	held := newTrace()
	a.ask(t, "POST", "/TraceSegments", fmt.Sprintf(`{"TraceSegmentDocuments":[%q]}`, document(held, "")), http.Header{headerUndecided: {"1"}}, &verdicts)
	if s := a.balanced(t); s.Waiting.Ring != 1 || s.Received["tcp"] != 3 || total(s.Rejected) != 1 {
		t.Errorf("%+v", s.Books)
	}
	if status := a.ask(t, "POST", "/TraceSegments", "no JSON", nil, nil); status != 400 {
		t.Errorf("no JSON: %d", status)
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/nowhere": 404} {
		if status := a.ask(t, "GET", path, "", nil, nil); status != want {
			t.Errorf("GET %s: %d", path, status)
		}
	}
}

func TestWhatIsNoDocumentIsCounted(t *testing.T) {
	h := newHouse(t)
	var told []string
	a := startAgent(t, h, t.TempDir(), func(c *Config) { c.OnReject = func(door, code string) { told = append(told, door+"/"+code) } })
	trace := newTrace()
	array := "[" + document(trace, "") + "," + document(trace, "") + "]"
	a.send(t, "no header", "{}")
	a.send(t, plain, `{"trace_id":"1-`, array, "[1,")
	h.await(t, trace, 2)
	s := a.balanced(t)
	if s.Rejected["InvalidDatagram"] != 1 || s.Rejected["InvalidSegment"] != 2 || s.Received["udp"] != 5 || s.Stored != 2 {
		t.Errorf("%+v", s.Books)
	}
	if len(told) != 3 || told[0] != "udp/InvalidDatagram" {
		t.Errorf("%q", told)
	}
}

func TestForeignersAreTurnedAway(t *testing.T) {
	h := newHouse(t)
	a := startAgent(t, h, t.TempDir(), func(c *Config) { c.Networks = accept.Networks{netip.MustParsePrefix("10.0.0.0/8")} })
	trace := newTrace()
	a.send(t, plain, document(trace, "")) // loopback may always
	h.await(t, trace, 1)
	put(t, a.queue, "x") // an odd length: fromForeign
	if s := a.balanced(t); s.Lost["network"] != 1 || s.Received["udp"] != 2 {
		t.Errorf("%+v", s.Books)
	}
}

// TestASpoolThatIsFull loses by name what cannot answer and turns away what
// can.
func TestASpoolThatIsFull(t *testing.T) {
	h := newHouse(t)
	a := startAgent(t, h, "", func(c *Config) { c.SpoolBytes = 4 << 20 })
	h.down.Store(true)
	trace := newTrace()
	var docs []string
	for range 2000 {
		docs = append(docs, document(trace, `"metadata":{"d":{"x":"`+strings.Repeat("x", 2500)+`"}}`))
	}
	a.send(t, plain, docs...)
	s := a.Statement()
	if s.Difference != 0 || s.Lost["spool_full"] == 0 || !s.Spool.Full {
		t.Errorf("%+v, spool %+v", s.Books, s.Spool)
	}
	if status := a.ask(t, "POST", "/TraceSegments", fmt.Sprintf(`{"TraceSegmentDocuments":[%q]}`, docs[0]), nil, nil); status != 503 {
		t.Errorf("a document that its sender can keep: %d", status)
	}
	if status := a.ask(t, "GET", "/readyz", "", nil, nil); status != 503 {
		t.Errorf("ready: %d", status)
	}
}

// TestRequestsAreCounted counts those whose documents nobody keeps, also when
// the agent is restarted in between.
func TestRequestsAreCounted(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	later := func(c *Config) { c.RollUpEvery = time.Hour }
	a := startAgent(t, h, dir, later)
	a.send(t, undecided, document(newTrace(), ""), document(newTrace(), ""))
	if err := a.rollUp(false); err != nil { // remembers, and hands nothing over
		t.Fatal(err)
	}
	remembered, err := os.ReadFile(filepath.Join(dir, "minutes"))
	if err != nil {
		t.Fatal(err)
	}
	if n := h.requests(t, remembered); n != 2 {
		t.Errorf("%d requests are remembered", n)
	}
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	if n := h.requests(t, h.counted()...); n != 2 {
		t.Errorf("%d requests reached the server at the end", n)
	}
	// As after a kill: the last second is remembered and not handed over.
	if err := os.WriteFile(filepath.Join(dir, "minutes"), remembered, 0o600); err != nil {
		t.Fatal(err)
	}
	again := startAgent(t, h, dir, later)
	if err := again.stop(); err != nil {
		t.Fatal(err)
	}
	if n := h.requests(t, h.counted()...); n != 4 {
		t.Errorf("%d requests reached the server and not what was remembered too", n)
	}
}
