package api

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	requests  *prometheus.CounterVec // action, status
	telemetry *prometheus.CounterVec // what daemons and agents report of themselves
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roentgen_api_requests_total",
			Help: "Calls of the X-Ray API, by action and HTTP status.",
		}, []string{"action", "status"}),
		telemetry: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roentgen_daemon_reported_total",
			Help: "What daemons and agents reported of themselves by PutTelemetryRecords.",
		}, []string{"count"}),
	}
	if reg != nil {
		reg.MustRegister(m.requests, m.telemetry)
	}
	return m
}
