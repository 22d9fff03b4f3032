package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

// played is a server that knows the traces of a model, and can be made to
// forget some.
type played struct {
	t     *testing.T
	model *Model

	mu        sync.Mutex
	documents int // that came
	forgets   int // of every list one of so many; 0: none
	asked     map[string]int
}

func (p *played) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	var q struct {
		TraceSegmentDocuments []string
		TraceIds              []string
		Expression, Token     string
		Limit                 int
	}
	if err == nil && len(body) > 0 {
		err = json.Unmarshal(body, &q)
	}
	if err != nil {
		p.t.Error(err)
	}
	p.asked[r.URL.Path]++
	switch r.URL.Path {
	case "/metrics":
		fmt.Fprintf(w, "# HELP roentgen_store_traces Traces stored.\nroentgen_store_traces %d\nroentgen_store_documents %d\n", p.documents/3, p.documents)
	case "/TraceSegments":
		p.documents += len(q.TraceSegmentDocuments)
		fmt.Fprint(w, `{"UnprocessedTraceSegments":[]}`)
	case "/Traces":
		json.NewEncoder(w).Encode(p.trace(q.TraceIds[0]))
	case "/api/traces":
		json.NewEncoder(w).Encode(p.list(q.Expression, q.Token, q.Limit))
	case "/ServiceGraph":
		fmt.Fprintf(w, `{"Services":[{"Name":%q,"Type":"client"},{"Name":%[1]q,"Type":"x","SummaryStatistics":{"TotalCount":%d}}]}`,
			serviceName(mainService), p.model.Traces-one(p.forgets > 0))
	}
}

func (p *played) trace(id string) any {
	var t Trace
	type document struct{ Document string }
	var found []map[string]any
	for i := range p.model.Traces {
		if p.model.Make(i, &t); t.ID.String() != id {
			continue
		}
		var segments []document
		t.Documents(nil, func(d []byte, _ int) { segments = append(segments, document{string(d)}) })
		found = append(found, map[string]any{"Segments": segments[one(p.forgets > 0):]})
	}
	return map[string]any{"Traces": found}
}

// list gives pages of 7 matches.
func (p *played) list(expression, token string, limit int) any {
	var wanted func(*Trace) bool
	switch {
	case strings.HasSuffix(expression, "fault"):
		wanted = isFailing
	case strings.HasSuffix(expression, "duration >= 8"):
		wanted = isSlow
	case strings.Contains(expression, "model_name"):
		wanted = isCommon
	default:
		wanted = func(t *Trace) bool { return strings.Contains(expression, t.Session) }
	}
	ids := p.model.newest(p.model.Traces, wanted)
	if p.forgets > 0 {
		ids = slices.DeleteFunc(ids, func(id roentgen.TraceID) bool { return int(id[15])%p.forgets == 0 })
	}
	from := 0
	if token != "" {
		fmt.Sscan(token, &from)
	}
	to := min(from+min(7, limit), len(ids))
	answer := map[string]any{}
	var rows []map[string]string
	for _, id := range ids[from:to] {
		rows = append(rows, map[string]string{"id": id.String()})
	}
	if answer["traces"] = rows; to < len(ids) {
		answer["token"] = fmt.Sprint(to)
	}
	return answer
}

func playTrial(t *testing.T, p *played) *Outcome {
	t.Helper()
	s := httptest.NewServer(p)
	defer s.Close()
	p.asked = map[string]int{}
	trial := &Trial{
		Door: Put, Model: *p.model, Batch: DefaultBatch(), Pace: Pace{Connections: 2}, Slice: 70, Temp: t.TempDir(), Times: 3, Patient: time.Minute,
		Say: t.Logf,
	}
	out, err := trial.Measure(t.Context(), &Target{Doorways: Doorways{HTTP: s.URL}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestATrialFindsAGoodServerGood(t *testing.T) {
	p := &played{t: t, model: faulty(200)}
	out := playTrial(t, p)
	if len(out.Wrong) > 0 || out.Spans != 2400 {
		t.Errorf("%d spans, %q", out.Spans, out.Wrong)
	}
	for _, key := range []string{keyRate, keyRequest50, keyRequest99, "trace_by_id_p50_ms", "rare_annotation_p95_ms", "newest_failing_first_ms",
		"newest_slow_p50_ms", "newest_common_p50_ms", "service_graph_p50_ms"} {
		if x, ok := out.Figures.Get(key); !ok || x <= 0 {
			t.Errorf("%s is %v, %v", key, x, ok)
		}
	}
	if n := p.asked["/api/traces"]; n < 12+6 { // lists of 20 take three pages
		t.Errorf("%d questions for lists", n)
	}
}

func TestATrialNoticesWrongAnswers(t *testing.T) {
	p := &played{t: t, model: faulty(200), forgets: 2}
	out := playTrial(t, p)
	for _, q := range questions() {
		if wrong, _ := out.Figures.Get(q.key + "_wrong"); wrong == 0 && q.key != "newest_slow" { // of which there may be none
			t.Errorf("no answer to %s was found wrong: %q", q.title, out.Wrong)
		}
	}
	if len(out.Wrong) < 5 {
		t.Errorf("said %q", out.Wrong)
	}
}

func TestATrialNoticesWhatIsMissing(t *testing.T) {
	p := &played{t: t, model: testModel(200), documents: 9}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.ServeHTTP(w, r)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.documents == 209 { // after the last of 600, all but 200 are lost
			return
		}
		if p.documents >= 609 {
			p.documents = 209
		}
	}))
	defer s.Close()
	p.asked = map[string]int{}
	trial := &Trial{Door: Put, Model: *p.model, Batch: DefaultBatch(), Pace: Pace{Connections: 1}, Slice: 200, Temp: t.TempDir(), Times: 1, Patient: time.Minute, Say: t.Logf}
	out, err := trial.Measure(t.Context(), &Target{Doorways: Doorways{HTTP: s.URL}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lost, _ := out.Figures.Get("missing_traces"); lost != 134 || len(out.Wrong) == 0 || !strings.Contains(out.Wrong[0], "66 traces") {
		t.Errorf("%v missing, %q", lost, out.Wrong)
	}
}

func TestAHoldIsSearchedOverHTTP(t *testing.T) {
	p := &played{t: t, model: testModel(1), asked: map[string]int{}}
	s := httptest.NewServer(p)
	defer s.Close()
	now := aDay
	h := &Hold{
		Search: Search{From: 1000, Bound: time.Minute, Finer: 1.5, AtMost: time.Hour, Now: func() time.Time { now = now.Add(40 * time.Minute); return now }},
		Trial:  Trial{Door: Put, Batch: DefaultBatch(), Pace: Pace{Connections: 2}, Temp: t.TempDir(), Say: t.Logf},
		Step:   100 * time.Millisecond,
	}
	out, err := h.Run(t.Context(), &Target{Doorways: Doorways{HTTP: s.URL}})
	if err != nil || len(out.Attempts) != 2 || out.Spans != 96+192 {
		t.Fatalf("%+v, %v", out, err)
	}
	if first := out.Attempts[0]; first.Rate != 1000 || first.Refused != 0 || first.Spans != 96 {
		t.Errorf("%+v", first)
	}
}

func TestAStrangerIsNotLoaded(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	if _, err := (&Target{Doorways: Doorways{HTTP: s.URL}}).Held(t.Context()); err == nil || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "up 1") }))
	defer other.Close()
	if _, err := (&Target{Doorways: Doorways{HTTP: other.URL}}).Held(t.Context()); err == nil || !strings.Contains(err.Error(), "is it a Roentgen server") {
		t.Error(err)
	}
}
