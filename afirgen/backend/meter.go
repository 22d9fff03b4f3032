package backend

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Meter counts what becomes of reports and of calls to models.
type Meter struct {
	reports    *prometheus.CounterVec   // status
	inferences *prometheus.CounterVec   // model, success
	durations  *prometheus.HistogramVec // model; seconds
	tokens     *prometheus.CounterVec   // model
}

// NewMeter adds the backend's figures to a registry.
func NewMeter(registry prometheus.Registerer) *Meter {
	m := &Meter{
		reports: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fir_generations_total", Help: "Reports drafted from a session: success or failure.",
		}, []string{"status"}),
		inferences: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "model_inferences_total", Help: "Calls of models, of OCR and of speech recognition, retries counted once.",
		}, []string{"model", "success"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "model_inference_duration_seconds", Help: "From the call, a place to make it given, to its end, retries included.",
			Buckets: []float64{0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 180},
		}, []string{"model"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tokens_generated_total", Help: "Tokens of completions, as the engine counts them.",
		}, []string{"model"}),
	}
	registry.MustRegister(m.reports, m.inferences, m.durations, m.tokens)
	for _, status := range []string{"success", "failure"} {
		m.reports.WithLabelValues(status) // 0 from the start, so that the first one is an increase
	}
	return m
}

// report counts a report that was drafted or was not.
func (m *Meter) report(success bool) {
	status := "success"
	if !success {
		status = "failure"
	}
	m.reports.WithLabelValues(status).Inc()
}

// infer counts one call, how long it took and how many tokens it made; of a failed one, none. The number comes from a
// neighbour, and a counter that is told to go down panics.
func (m *Meter) infer(model string, success bool, took time.Duration, tokens int) {
	m.inferences.WithLabelValues(model, strconv.FormatBool(success)).Inc()
	m.durations.WithLabelValues(model).Observe(took.Seconds())
	m.tokens.WithLabelValues(model).Add(float64(max(tokens, 0)))
}
