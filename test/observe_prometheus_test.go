package test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func urlQuery(text string) string { return url.QueryEscape(text) }

// panel is a panel of a Grafana dashboard, as far as ours use them.
type panel struct {
	ID         int
	Type       string
	Title      string
	Datasource struct{ Type, UID string }
	GridPos    struct{ H, W, X, Y int }
	Targets    []struct {
		RefID, Expr, LegendFormat string
		Datasource                struct{ Type, UID string }
		QueryType, Query          string
		Columns                   []string
	}
}

type dashboard struct {
	UID, Title string
	Panels     []panel
}

// dashboards reads grafana/dashboards of a deployment.
func dashboards(t *testing.T, deploy string) (all []dashboard) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(deploy, "grafana", "dashboards", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, d)
	}
	if len(all) != 2 {
		t.Fatalf("there are %d dashboards, want two", len(all))
	}
	return all
}

// TestWhatIsObservedHasDataBehindIt runs the services, an agent and a server with some traffic that goes well and some
// that does not, and asks everything that dashboards, alerts, metric filters and the guide ask.
func TestWhatIsObservedHasDataBehindIt(t *testing.T) {
	t.Parallel() // it waits more than it works
	h := startObserved(t, 400)
	letter, err := os.ReadFile("../afirgen/up/samples/letter.jpg")
	if err != nil {
		t.Fatal(err)
	}
	p := h.startPrometheus(t)
	p.scrapes(t, 1) // what is counted from here on is an increase
	traffic := func() (failing string) {
		h.workflow(t)
		h.letter(t, letter)
		h.refused(t)
		h.broken(t)
		status, failing := h.letter(t, []byte("\xff\xd8\xff no picture"))
		if status < 400 {
			t.Fatalf("what is no picture is answered with %d", status)
		}
		return failing
	}
	failing := traffic()
	unlock := h.lockDatabase(t)
	status, header, body := h.do(t, h.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText)))
	unlock()
	if status != 503 {
		t.Fatalf("while another process holds the database the answer is %d: %s", status, body)
	}
	fault := traceOf(t, header)
	p.scrapes(t, 2)
	traffic()
	t.Run("every panel of Prometheus", func(t *testing.T) { checkPanels(t, p) })
	t.Run("every panel of Roentgen", func(t *testing.T) { h.checkTracePanels(t) })
	t.Run("exemplars", func(t *testing.T) { h.checkExemplars(t, p) })
	t.Run("no alert rings for long, and none is broken", func(t *testing.T) { checkRunning(t, p) })
	t.Run("logs by trace id", func(t *testing.T) { h.checkLogsByTrace(t, failing, fault) })
	h.loseModel(t)
	h.overload(t)
	t.Run("every metric filter", func(t *testing.T) { h.checkFilters(t) })
}

// checkPanels asks each query of each panel, and then some that are damaged.
func checkPanels(t *testing.T, p prometheusServer) {
	eventually(t, func() error {
		if found := p.askPanels(dashboards(t, ours)); len(found) > 0 {
			return errors.New(strings.Join(found, "\n"))
		}
		return nil
	})
	const board = "grafana/dashboards/afirgen.json"
	for _, d := range []flaw{
		{"a metric that there is not", board, "api_requests_in_progress", "api_requests_in_hand", "no series has a figure"},
		{"a label that it has not", board, `up{job=~\"afirgen-.*\"}`, `up{app=~\"afirgen-.*\"}`, "no series has a figure"},
		{"what does not parse", board, "max by (server) (circuit_breaker_state)", "max by (server) (circuit_breaker_state", "unclosed left parenthesis"},
	} {
		found := p.askPanels(dashboards(t, broken(t, d.file, d.old, d.new)))
		if len(found) != 1 || !strings.Contains(found[0], d.says) {
			t.Errorf("%s: found %q, want one that says %q", d.title, found, d.says)
		}
	}
}

// askPanels asks each query of each panel now, and says which have no figure.
func (p prometheusServer) askPanels(all []dashboard) (found []string) {
	asked := 0
	for _, d := range all {
		ids := map[int]bool{}
		for _, panel := range d.Panels {
			say := func(format string, args ...any) {
				found = append(found, d.Title+", "+panel.Title+": "+fmt.Sprintf(format, args...))
			}
			if ids[panel.ID] || panel.GridPos.X+panel.GridPos.W > 24 {
				say("its id stands twice, or it does not fit")
			}
			ids[panel.ID] = true
			for _, target := range panel.Targets {
				if target.Datasource.UID != "prometheus" {
					continue
				}
				asked++
				series, err := p.series(target.Expr)
				if err != nil {
					say("%v", err)
				} else if !slices.ContainsFunc(series, func(s sample) bool { return s.Value[1] != "NaN" }) {
					say("no series has a figure: %s gives %v", target.Expr, series)
				}
			}
		}
	}
	if asked < 70 {
		found = append(found, fmt.Sprintf("the panels ask %d questions", asked))
	}
	return found
}

// checkTracePanels asks Roentgen what Grafana's X-Ray plugin asks for each panel of it.
func (h *observedHouse) checkTracePanels(t *testing.T) {
	window := map[string]any{"StartTime": time.Now().Unix() - 600, "EndTime": time.Now().Unix() + 60}
	with := func(more map[string]any) map[string]any {
		for name, v := range window {
			more[name] = v
		}
		return more
	}
	asked := map[string]int{}
	for _, d := range dashboards(t, ours) {
		for _, panel := range d.Panels {
			for _, target := range panel.Targets {
				if target.Datasource.UID != "roentgen" {
					continue
				}
				asked[target.QueryType]++
				switch target.QueryType {
				case "getTraceSummaries":
					h.checkSummaries(t, target.Query, with(map[string]any{"FilterExpression": target.Query}))
				case "getTimeSeriesServiceStatistics":
					h.checkStatistics(t, panel.Title, with(map[string]any{"Period": 60}))
				default:
					t.Errorf("%s: the plugin has no query %q", panel.Title, target.QueryType)
				}
			}
		}
	}
	if asked["getTraceSummaries"] != 2 || asked["getTimeSeriesServiceStatistics"] != 2 {
		t.Errorf("the panels ask %v", asked)
	}
	var groups struct{ Groups []any }
	if status := h.post(t, "/Groups", map[string]any{}, &groups); status != 200 {
		t.Errorf("what the plugin asks to see whether it works is answered with %d", status)
	}
}

// checkSummaries wants an answer, and of the traces that failed one at least. Nothing here is slow.
func (h *observedHouse) checkSummaries(t *testing.T, query string, request map[string]any) {
	eventually(t, func() error {
		var answer struct{ TraceSummaries []struct{ ID string } }
		if status := h.post(t, "/TraceSummaries", request, &answer); status != 200 {
			return fmt.Errorf("%s is answered with %d", query, status)
		}
		if strings.Contains(query, "fault") && len(answer.TraceSummaries) == 0 {
			return fmt.Errorf("%s finds no trace", query)
		}
		return nil
	})
}

// checkStatistics wants the members of each minute that the plugin reads without looking whether they are there.
func (h *observedHouse) checkStatistics(t *testing.T, title string, request map[string]any) {
	type counts struct {
		TotalCount, OtherCount, ThrottleCount *int64
	}
	eventually(t, func() error {
		var answer struct {
			TimeSeriesServiceStatistics []struct {
				EdgeSummaryStatistics *struct {
					ErrorStatistics, FaultStatistics *counts
					OkCount, TotalCount              *int64
					TotalResponseTime                *float64
				}
			}
		}
		if status := h.post(t, "/TimeSeriesServiceStatistics", request, &answer); status != 200 {
			return fmt.Errorf("%s is answered with %d", title, status)
		}
		total := int64(0)
		for _, minute := range answer.TimeSeriesServiceStatistics {
			s := minute.EdgeSummaryStatistics
			if s == nil || s.ErrorStatistics == nil || s.FaultStatistics == nil || s.OkCount == nil || s.TotalCount == nil || s.TotalResponseTime == nil ||
				s.ErrorStatistics.ThrottleCount == nil || s.ErrorStatistics.TotalCount == nil || s.FaultStatistics.TotalCount == nil {
				return fmt.Errorf("%s: a minute lacks what the plugin reads: %+v", title, s)
			}
			total += *s.TotalCount
		}
		if total == 0 {
			return fmt.Errorf("%s shows no request", title)
		}
		return nil
	})
}

// checkExemplars wants a dot in the graph of response times that leads to a trace that is stored.
func (h *observedHouse) checkExemplars(t *testing.T, p prometheusServer) {
	eventually(t, func() error {
		var found []struct {
			Exemplars []struct{ Labels map[string]string }
		}
		now := time.Now().Unix()
		path := fmt.Sprintf("/api/v1/query_exemplars?query=api_request_duration_seconds_bucket&start=%d&end=%d", now-600, now+60)
		if err := p.ask(path, &found); err != nil {
			return err
		}
		for _, series := range found {
			for _, e := range series.Exemplars {
				if len(h.trace(t, e.Labels["trace_id"])) > 0 {
					return nil
				}
			}
		}
		return fmt.Errorf("no exemplar of %d series leads to a trace", len(found))
	})
}

// checkRunning wants every rule of deploy/prometheus to be evaluated without an error, and each target to be up.
func checkRunning(t *testing.T, p prometheusServer) {
	var rules struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	if err := p.ask("/api/v1/rules", &rules); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if n++; r.Health != "ok" {
				t.Errorf("the rule %s is %s: %s", r.Name, r.Health, r.LastError)
			}
		}
	}
	if n < 25 {
		t.Errorf("Prometheus evaluates %d rules", n)
	}
	for _, job := range []string{"afirgen-main-backend", "afirgen-gguf-server", "afirgen-asr-ocr-server", "roentgen", "roentgen-agent"} {
		if series, err := p.series(fmt.Sprintf(`up{job=%q} == 1`, job)); err != nil || len(series) != 1 {
			t.Errorf("%s is not up: %v, %v", job, series, err)
		}
	}
}

// checkLogsByTrace wants the trace id that a failing response names in the log of each service that had part in it, and
// the words that the log of a fault is searched for.
func (h *observedHouse) checkLogsByTrace(t *testing.T, failing, fault string) {
	of := func(service, trace string) (found []map[string]any) {
		eventually(t, func() error { // the line comes after the answer
			for _, line := range h.lines(t, service, "request") {
				if line["trace_id"] == trace && line["msg"] == "request" {
					found = append(found, line)
				}
			}
			if len(found) == 0 {
				return fmt.Errorf("the log of %s does not know the trace %s", service, trace)
			}
			return nil
		})
		return found
	}
	for _, service := range []string{"main-backend", "asr-ocr-server"} {
		lines := of(service, failing)
		if len(lines) != 1 || lines[0]["status"].(float64) < 400 || lines[0]["error_type"] == "" || lines[0]["service"] != "afirgen-"+service {
			t.Errorf("the log of %s says of the trace %s: %v", service, failing, lines)
		}
	}
	if lines := of("main-backend", fault); len(lines) != 1 || lines[0]["status"] != 503.0 || lines[0]["error_type"] != "store_unavailable" || lines[0]["level"] != "ERROR" {
		t.Errorf("the log says of the fault %s: %v", fault, lines)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+h.model+"/inference", strings.NewReader(`{"model_name": "none", "prompt": "x"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	status, header, _ := h.do(t, req)
	if lines := of("gguf-server", traceOf(t, header)); status < 400 || len(lines) != 1 || lines[0]["status"] != float64(status) {
		t.Errorf("the model server answers %d, and its log says of that trace: %v", status, lines)
	}
}

// overload sends more than the limit of a client.
func (h *observedHouse) overload(t *testing.T) {
	t.Helper()
	for range 450 {
		if status, _, _ := h.do(t, h.request(t, http.MethodGet, "/list_firs", "", nil)); status == 429 {
			return
		}
	}
	t.Error("450 requests are not too many")
}
