package upstream

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/tracing"
)

// Metrics is what the neighbours' clients count for Prometheus; one for all of them. A nil *Metrics counts nothing.
type Metrics struct {
	requests     *prometheus.CounterVec   // server, status
	latency      *prometheus.HistogramVec // server; seconds
	availability *prometheus.GaugeVec     // server
	state        *prometheus.GaugeVec     // server
}

// NewMetrics adds the metrics to a registry that has none of these names yet.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "model_server_requests_total", Help: "Attempts, by ok or the kind of error; circuit_open was not sent.",
		}, []string{"server", "status"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "model_server_latency_seconds", Help: "From an attempt's start to the end of its answer.",
			Buckets: []float64{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"server"}),
		availability: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "model_server_availability", Help: "1 if the last look at its health found it healthy or degraded.",
		}, []string{"server"}),
		state: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "circuit_breaker_state", Help: "After the last call: 0 closed, 1 half open, 2 open.",
		}, []string{"server"}),
	}
	registry.MustRegister(m.requests, m.latency, m.availability, m.state)
	return m
}

func (m *Metrics) answered(ctx context.Context, server string, kind contract.ErrorType, took time.Duration) {
	if m == nil {
		return
	}
	status := string(kind)
	if kind == "" {
		status = "ok"
	}
	m.requests.WithLabelValues(server, status).Inc()
	observer := m.latency.WithLabelValues(server)
	exemplars, able := observer.(prometheus.ExemplarObserver)
	if able && trace.SpanContextFromContext(ctx).IsSampled() {
		exemplars.ObserveWithExemplar(took.Seconds(), prometheus.Labels{"trace_id": tracing.TraceID(ctx)})
		return
	}
	observer.Observe(took.Seconds())
}

func (m *Metrics) refused(server string) {
	if m != nil {
		m.requests.WithLabelValues(server, string(contract.CircuitOpen)).Inc()
	}
}

func (m *Metrics) available(server string, yes bool) {
	if m == nil {
		return
	}
	value := 0.0
	if yes {
		value = 1
	}
	m.availability.WithLabelValues(server).Set(value)
}

func (m *Metrics) breaker(server, state string) {
	if m == nil {
		return
	}
	value := map[string]float64{Closed: 0, HalfOpen: 1, Open: 2}[state]
	m.state.WithLabelValues(server).Set(value)
}
