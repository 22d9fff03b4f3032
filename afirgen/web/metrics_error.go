package web

import "github.com/prometheus/client_golang/prometheus"

func newErrors() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "api_errors_total", Help: "Answers that were errors, by their kind.",
	}, []string{"error_type"})
}

// failed counts an answer that was an error by its kind, which says more than its status: of a 503, whether the database
// was away or a model.
func (m *Metrics) failed(rec *record) {
	if rec.err != nil {
		m.errors.WithLabelValues(string(rec.err.Kind)).Inc()
	}
}

// begin shows what may be rare as 0 from the start, so that the first one is an increase.
func (m *Metrics) begin() {
	for _, result := range []string{"allowed", "limited"} {
		m.rate.WithLabelValues(result)
	}
	for _, reason := range []string{"missing_key", "wrong_key"} {
		m.auth.WithLabelValues(reason)
	}
}
