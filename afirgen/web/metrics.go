package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"

	"github.com/roentgen/roentgen/tracing"
)

// The paths at which Prometheus reads the metrics.
const (
	MetricsPath   = "/metrics"
	oldMetricPath = "/prometheus/metrics" // where the first AFIRGen had them
)

func isScrape(path string) bool { return path == MetricsPath || path == oldMetricPath }

// Metrics is what one service counts for Prometheus, in a registry of its own: nothing is global. Requests are labelled
// by the route's pattern, never by a path. A nil *Metrics counts nothing.
type Metrics struct {
	Registry *prometheus.Registry // where other packages add what they count

	requests   *prometheus.CounterVec   // endpoint, method, status
	errors     *prometheus.CounterVec   // error_type
	duration   *prometheus.HistogramVec // endpoint, method; seconds
	inProgress *prometheus.GaugeVec     // endpoint
	rate       *prometheus.CounterVec   // result
	clients    prometheus.Gauge
	auth       *prometheus.CounterVec // reason
}

// NewMetrics makes the metrics of a service: its requests, what tr's tracer does, and the Go runtime's and the process's
// own. Names are those of the first AFIRGen where it had them.
func NewMetrics(service string, tr *tracing.Tracing) *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "api_requests_total", Help: "Requests answered.",
		}, []string{"endpoint", "method", "status"}),
		errors: newErrors(),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "api_request_duration_seconds", Help: "From the request's header to the end of its answer.",
			Buckets: []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}, // a model has a minute
		}, []string{"endpoint", "method"}),
		inProgress: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "api_requests_in_progress", Help: "Requests being worked on.",
		}, []string{"endpoint"}),
		rate: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rate_limit_events_total", Help: "Requests that the rate limit decided about: allowed or limited.",
		}, []string{"result"}),
		clients: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "rate_limit_clients", Help: "Clients that the rate limit remembers.",
		}),
		auth: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "authentication_refused_total", Help: "Requests refused for their API key: missing_key or wrong_key.",
		}, []string{"reason"}),
	}
	info := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "target_info", Help: "The service that these metrics are of.", ConstLabels: prometheus.Labels{"service_name": service},
	}, func() float64 { return 1 })
	m.Registry.MustRegister(m.requests, m.errors, m.duration, m.inProgress, m.rate, m.clients, m.auth, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.begin()
	if tr != nil {
		m.Registry.MustRegister(tracerMetrics{tr.Stats})
	}
	return m
}

// Routes returns the paths where the metrics are read, as text or, if asked for, as OpenMetrics, which has exemplars.
func (m *Metrics) Routes() []Route {
	h := promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{
		EnableOpenMetrics: true, MaxRequestsInFlight: 4, ErrorHandling: promhttp.HTTPErrorOnError,
	})
	serve := func(w http.ResponseWriter, r *http.Request) error {
		h.ServeHTTP(w, r)
		return nil
	}
	return []Route{{http.MethodGet, MetricsPath, serve}, {http.MethodGet, oldMetricPath, serve}}
}

// count measures each request when it has been answered.
func (m *Metrics) count(now func() time.Time, next http.Handler) http.Handler {
	if m == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := recordOf(r.Context())
		running := m.inProgress.WithLabelValues(rec.endpoint)
		running.Inc()
		defer func() {
			running.Dec()
			m.answered(r, rec, now().Sub(rec.start))
		}()
		next.ServeHTTP(w, r)
	})
}

func (m *Metrics) answered(r *http.Request, rec *record, took time.Duration) {
	method := methodLabel(r.Method)
	m.requests.WithLabelValues(rec.endpoint, method, strconv.Itoa(rec.statusOr200())).Inc()
	m.failed(rec)
	observer := m.duration.WithLabelValues(rec.endpoint, method)
	exemplars, able := observer.(prometheus.ExemplarObserver)
	if able && trace.SpanContextFromContext(r.Context()).IsSampled() {
		exemplars.ObserveWithExemplar(took.Seconds(), prometheus.Labels{"trace_id": tracing.TraceID(r.Context())})
		return
	}
	observer.Observe(took.Seconds())
}

// methodLabel keeps strangers from making up labels.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch:
		return method
	}
	return "other"
}

func (m *Metrics) limited(v verdict) {
	if m == nil {
		return
	}
	result := "allowed"
	if !v.ok {
		result = "limited"
	}
	m.rate.WithLabelValues(result).Inc()
	m.clients.Set(float64(v.clients))
}

func (m *Metrics) refused(hadKey bool) {
	if m == nil {
		return
	}
	reason := "missing_key"
	if hadKey {
		reason = "wrong_key"
	}
	m.auth.WithLabelValues(reason).Inc()
}
