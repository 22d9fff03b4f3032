package web

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/tracing"
)

// metered is a house that counts; its metrics can be read by whoever has the key.
func metered(t *testing.T, adapt ...func(*Config)) (*house, *Metrics) {
	t.Helper()
	var m *Metrics
	h := buildWith(t, func(c *Config) {
		m = NewMetrics(contract.Backend, c.Tracing)
		c.Metrics = m
		c.Routes = Routes(append(m.Routes(), Route{http.MethodPost, "/fail/{how}", failing})...)
		for _, f := range adapt {
			f(c)
		}
	})
	return h, m
}

func read(t *testing.T, h *house, path string, headers ...string) string {
	t.Helper()
	resp := h.do(t, "GET", path, "", append(headers, "X-API-Key", key)...)
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("GET %s: %d, %v", path, resp.StatusCode, err)
	}
	return string(body)
}

func TestWhatIsCounted(t *testing.T) {
	h, m := metered(t, func(c *Config) { c.RateLimit = &RateLimit{Requests: 5} })
	post := func(path, key string) {
		var headers []string
		if key != "" {
			headers = []string{"X-API-Key", key}
		}
		_ = h.do(t, "POST", path, "", headers...)
	}
	post("/fail/nothing", key)
	post("/fail/409", key)
	post("/fail/nil", key)
	post("/fail/409", "wrong")
	post("/fail/409", "")
	post("/fail/409", key) // the sixth
	want := `
# HELP api_requests_in_progress Requests being worked on.
# TYPE api_requests_in_progress gauge
api_requests_in_progress{endpoint="/fail/{how}"} 0
# HELP api_requests_total Requests answered.
# TYPE api_requests_total counter
api_requests_total{endpoint="/fail/{how}",method="POST",status="200"} 1
api_requests_total{endpoint="/fail/{how}",method="POST",status="401"} 2
api_requests_total{endpoint="/fail/{how}",method="POST",status="409"} 1
api_requests_total{endpoint="/fail/{how}",method="POST",status="429"} 1
api_requests_total{endpoint="/fail/{how}",method="POST",status="500"} 1
# HELP authentication_refused_total Requests refused for their API key: missing_key or wrong_key.
# TYPE authentication_refused_total counter
authentication_refused_total{reason="missing_key"} 1
authentication_refused_total{reason="wrong_key"} 1
# HELP rate_limit_clients Clients that the rate limit remembers.
# TYPE rate_limit_clients gauge
rate_limit_clients 1
# HELP rate_limit_events_total Requests that the rate limit decided about: allowed or limited.
# TYPE rate_limit_events_total counter
rate_limit_events_total{result="allowed"} 5
rate_limit_events_total{result="limited"} 1
`
	names := []string{"api_requests_in_progress", "api_requests_total", "authentication_refused_total", "rate_limit_clients", "rate_limit_events_total"}
	if err := testutil.GatherAndCompare(m.Registry, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
	problems, err := testutil.GatherAndLint(m.Registry)
	for _, p := range problems {
		if !strings.HasPrefix(p.Metric, "go_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

func TestStrangersMakeUpNoLabels(t *testing.T) {
	h, m := metered(t)
	for _, path := range []string{"/Meera", "/fail", "/fail/a/b", "/metrics/x"} {
		_ = h.do(t, "POST", path, "", "X-API-Key", key)
	}
	_ = h.do(t, "MEERA", "/fail/x", "", "X-API-Key", key)
	if n := testutil.CollectAndCount(m.requests); n != 2 {
		t.Errorf("%d series, want those of unmatched and of /fail/{how}", n)
	}
	if text := read(t, h, MetricsPath); strings.Contains(strings.ToLower(text), "meera") || !strings.Contains(text, `method="other"`) {
		t.Errorf("the metrics are\n%s", text)
	}
}

func TestMetricsAreReadAsTextAndAsOpenMetrics(t *testing.T) {
	h, _ := metered(t)
	resp := h.do(t, "POST", "/fail/nothing", "", "X-API-Key", key)
	root := wantTraceHeader(t, resp, "1")
	h.collector.Await(t, contract.Backend)

	// The sender counts a document once it is out, which may be after it has arrived.
	text := read(t, h, "/prometheus/metrics")
	for tries := 0; tries < 2000 && !strings.Contains(text, "tracing_documents_sent_total 1"); tries++ {
		time.Sleep(time.Millisecond)
		text = read(t, h, "/prometheus/metrics")
	}
	for _, name := range []string{
		`api_request_duration_seconds_bucket{endpoint="/fail/{how}",method="POST",le="0.01"}`,
		`api_request_duration_seconds_bucket{endpoint="/fail/{how}",method="POST",le="10"}`,
		`target_info{service_name="afirgen-main-backend"} 1`, "go_goroutines", "process_resident_memory_bytes",
		`tracing_segments_total{decision="sampled"} 1`, "tracing_documents_sent_total 1", `tracing_lost_total{reason="queue_full"} 0`,
	} {
		if !strings.Contains(text, name) {
			t.Errorf("%s is not in\n%s", name, text)
		}
	}
	if !regexp.MustCompile(`(?m)^tracing_documents_sent_bytes_total [1-9]`).MatchString(text) {
		t.Error("no bytes were sent")
	}
	open := read(t, h, MetricsPath, "Accept", "application/openmetrics-text; version=1.0.0")
	if !strings.Contains(open, `# {trace_id="`+root+`"}`) || !strings.HasSuffix(open, "# EOF\n") {
		t.Errorf("there is no exemplar of %s in\n%s", root, open)
	}
	if resp := h.do(t, "GET", MetricsPath, ""); resp.StatusCode != 401 {
		t.Errorf("without a key: %d", resp.StatusCode)
	}
	if n := len(h.collector.Documents()); n != 1 {
		t.Errorf("%d documents: a scrape was traced", n)
	}
}

func TestARequestThatIsNotRecordedIsNoExemplar(t *testing.T) {
	none := 0.0
	var m *Metrics
	h := buildWith(t, func(c *Config) {
		m = NewMetrics(contract.Backend, c.Tracing)
		c.Metrics, c.Routes = m, Routes(append(m.Routes(), Route{http.MethodPost, "/fail/{how}", failing})...)
	}, func(c *tracing.Config) { c.SamplingRate = &none })
	wantTraceHeader(t, h.do(t, "POST", "/fail/x", "", "X-API-Key", key), "0")
	open := read(t, h, MetricsPath, "Accept", "application/openmetrics-text; version=1.0.0")
	if !strings.Contains(open, "api_request_duration_seconds_count") || strings.Contains(open, "trace_id") {
		t.Errorf("got\n%s", open)
	}
}

func TestRequestsInProgress(t *testing.T) {
	inside, letGo := make(chan struct{}), make(chan struct{})
	h, m := metered(t, func(c *Config) {
		c.Routes = Routes(Route{http.MethodGet, "/slow", func(http.ResponseWriter, *http.Request) error {
			close(inside)
			<-letGo
			return nil
		}})
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.do(t, "GET", "/slow", "", "X-API-Key", key)
	}()
	<-inside
	if n := testutil.ToFloat64(m.inProgress.WithLabelValues("/slow")); n != 1 {
		t.Errorf("%v in progress", n)
	}
	close(letGo)
	<-done
	if n := testutil.ToFloat64(m.inProgress.WithLabelValues("/slow")); n != 0 {
		t.Errorf("%v in progress at the end", n)
	}
	if took := testutil.CollectAndCount(m.duration); took != 1 {
		t.Errorf("%d durations", took)
	}
}

func TestWithoutMetricsNothingIsCounted(t *testing.T) {
	var m *Metrics
	m.limited(verdict{})
	m.refused(true)
	if h := http.NotFoundHandler(); m.count(time.Now, h) == nil {
		t.Error("no handler")
	}
}
