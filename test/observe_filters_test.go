package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// loseModel stops the model server while a session waits for it, until the backend's breaker opens.
func (h *observedHouse) loseModel(t *testing.T) {
	t.Helper()
	_, _, body := h.do(t, h.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText)))
	session := sessionOf(t, body)
	h.services["gguf-server"].stop(t)
	for range 2 { // three attempts each; five failures in a row open it
		if status, _, body := h.do(t, h.approval(t, session)); status < 500 {
			t.Fatalf("without a model server the answer is %d: %s", status, body)
		}
	}
}

// invalids are services that cannot do their work: a model server whose engine is away, a reader without its programs.
func (h *observedHouse) invalids(t *testing.T) {
	t.Helper()
	model := h.begin(t, "gguf-server-invalid", "gguf", "--model-endpoint", "http://127.0.0.1:1/v1#none")
	body := strings.NewReader(`{"model_name": "summariser", "prompt": "My bicycle was stolen."}`)
	h.wantFault(t, "http://"+model+"/inference", "application/json", body)
	reader := h.begin(t, "asr-ocr-server-invalid", "asrocr", "--tesseract", "/nonexistent/tesseract")
	letter, err := os.ReadFile("../afirgen/up/samples/letter.jpg")
	if err != nil {
		t.Fatal(err)
	}
	contentType, picture := form(t, "image", "letter.jpg", letter)
	h.wantFault(t, "http://"+reader+"/ocr", contentType, picture)
}

func (h *observedHouse) wantFault(t *testing.T, url, contentType string, body interface{ Read([]byte) (int, error) }) {
	t.Helper()
	resp, err := client.Post(url, contentType, body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 500 {
		t.Errorf("%s answers %d", url, resp.StatusCode)
	}
}

// logGroups are the lines that each log group of a deployment would hold.
func (h *observedHouse) logGroups(t *testing.T) map[string][]map[string]any {
	t.Helper()
	golden, err := os.ReadFile(filepath.Join("..", "afirgen", "backend", "testdata", "report-not-drafted.json"))
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string][]map[string]any{"/ecs/afirgen/main-backend": logLines(t, string(golden))} // see there how it is provoked
	for service := range h.services {
		group := "/ecs/afirgen/" + strings.TrimSuffix(service, "-invalid")
		groups[group] = append(groups[group], h.lines(t, service, "tracing")...)
	}
	text := h.agent.stderr.String()
	for _, service := range services { // one agent stands for three
		groups["/ecs/afirgen/"+service+"/xray-agent"] = logLines(t, text[:strings.LastIndexByte(text, '\n')+1])
	}
	return groups
}

// checkFilters runs every metric filter of the deployment over the lines of its log group, and wants each to find some
// and to find its figure there.
func (h *observedHouse) checkFilters(t *testing.T) {
	h.invalids(t)
	for _, s := range h.services {
		s.stop(t) // the last lines are written at the end
	}
	list, err := observed(ours, nil)
	if err != nil {
		t.Fatal(err)
	}
	groups := h.logGroups(t)
	filters := ofKind(list, "aws_cloudwatch_log_metric_filter")
	for _, f := range filters {
		lines := groups[f.text("log_group_name")]
		if figures, err := runFilter(f, lines); err != nil {
			t.Error(err)
		} else if len(figures) == 0 {
			t.Errorf("%s finds nothing in %d lines of %s: %s", f.text("name"), len(lines), f.text("log_group_name"), f.text("pattern"))
		}
	}
	if len(filters) < 30 {
		t.Errorf("there are %d metric filters", len(filters))
	}
	h.checkFigures(t, filters, groups)
}

// runFilter returns the figures that a metric filter makes of lines.
func runFilter(f planned, lines []map[string]any) (figures []float64, err error) {
	matches, err := parseLogPattern(f.text("pattern"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.text("name"), err)
	}
	value := f.values["metric_transformation"].AsValueSlice()[0].GetAttr("value").AsString()
	member, ofLine := strings.CutPrefix(value, "$.")
	for _, line := range lines {
		if !matches(line) {
			continue
		}
		n := 1.0
		if number, isNumber := line[member].(float64); ofLine && isNumber {
			n = number
		} else if ofLine {
			return nil, fmt.Errorf("%s: the line has no number %s: %v", f.text("name"), member, line)
		}
		figures = append(figures, n)
	}
	return figures, nil
}

// checkFigures holds some sums against what was done.
func (h *observedHouse) checkFigures(t *testing.T, filters []planned, groups map[string][]map[string]any) {
	sum := func(metric string) (total float64) {
		for _, f := range filters {
			if f.values["metric_transformation"].AsValueSlice()[0].GetAttr("name").AsString() != metric {
				continue
			}
			figures, err := runFilter(f, groups[f.text("log_group_name")])
			if err != nil {
				t.Error(err)
			}
			for _, n := range figures {
				total += n
			}
		}
		return total
	}
	for metric, want := range map[string]float64{
		"FIRDrafted": 2, "FIRNotDrafted": 1, "DatabaseFailures": 1, "Unauthorized": 4, "BreakerOpened": 1, "ModelFailures": 1,
		"ReadingFailures": 1, "TraceDocumentsNotSent": 0, "AgentDocumentsLost": 0,
	} {
		if got := sum(metric); got != want {
			t.Errorf("%s comes to %v, want %v", metric, got, want)
		}
	}
	for _, metric := range []string{"APIRequests", "APILatency", "RateLimited", "ModelInferenceDuration", "ReadingDuration", "TraceDocumentsSent"} {
		if sum(metric) <= 0 {
			t.Errorf("%s comes to nothing", metric)
		}
	}
	if requests, faults, refusals := sum("APIRequests"), sum("APIFaults"), sum("APIRefusals"); faults < 3 || refusals < 8 || requests < faults+refusals+12 {
		t.Errorf("of %v requests %v were faults and %v refusals", requests, faults, refusals)
	}
}

// TestTheCheckOfFiltersFindsFlaws: a pattern that nothing matches, and a figure that no line has.
func TestTheCheckOfFiltersFindsFlaws(t *testing.T) {
	lines := logLines(t, `{"msg":"request","status":500,"duration_ms":1.5}`+"\n")
	for _, c := range []struct{ old, new, metric, says string }{
		{`$.msg = \"request\" }", value = "$.duration_ms"`, `$.msg = \"request\" }", value = "$.duration"`, "APILatency", "has no number duration"},
		{`APIRequests      = { group = "main_backend", pattern = "{ $.msg`, `APIRequests      = { group = "main_backend", pattern = "{ $.message`, "APIRequests", "finds nothing"},
		{`APIRequests      = { group = "main_backend", pattern = "{ $.msg = `, `APIRequests      = { group = "main_backend", pattern = "{ $.msg == `, "APIRequests", "reading the pattern"},
	} {
		list, err := observed(broken(t, "terraform/modules/observability/filters.tf", c.old, c.new), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ofKind(list, "aws_cloudwatch_log_metric_filter") {
			if f.key != c.metric {
				continue
			}
			figures, err := runFilter(f, lines)
			if says := fmt.Sprint(err); len(figures) > 0 || err == nil && c.says != "finds nothing" || err != nil && !strings.Contains(says, c.says) {
				t.Errorf("%s: figures %v, error %v; want one that says %q", c.metric, figures, err, c.says)
			}
		}
	}
}

// jsonText is v as JSON, which is YAML too.
func jsonText(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
