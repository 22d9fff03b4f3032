package accept

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen"
)

// Causes of loss: documents that were received and reached no verdict.
const (
	causeStore = "store_failed" // the next step returned an error
)

// metrics counts documents. Every received document is in exactly one of
// settled, or waits for the next step.
type metrics struct {
	received *prometheus.CounterVec // door
	settled  *prometheus.CounterVec // door, outcome
	rejected *prometheus.CounterVec // door, code: the rejected ones of settled in detail
	lost     *prometheus.CounterVec // door, cause: the lost ones of settled in detail
	waiting  prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		received: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roentgen_documents_received_total",
			Help: "Segment documents that came in, by door.",
		}, []string{"door"}),
		settled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roentgen_documents_settled_total",
			Help: "What became of received documents, by door and outcome; with the waiting ones the sum is the received ones.",
		}, []string{"door", "outcome"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roentgen_documents_rejected_total",
			Help: "Documents with the outcome rejected, by door and X-Ray error code.",
		}, []string{"door", "code"}),
		lost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roentgen_documents_lost_total",
			Help: "Documents with the outcome lost, by door and cause.",
		}, []string{"door", "cause"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "roentgen_documents_waiting",
			Help: "Documents received that wait for their verdict.",
		}),
	}
	if reg != nil {
		reg.MustRegister(m.received, m.settled, m.rejected, m.lost, m.waiting)
	}
	return m
}

// settle counts the outcomes of a batch. To look a counter up costs more than
// to count, and the documents of a batch fare alike: each run of equal
// outcomes is counted at once.
func (m *metrics) settle(door Door, outcomes []roentgen.Outcome) {
	for len(outcomes) > 0 {
		n := 1
		for n < len(outcomes) && outcomes[n] == outcomes[0] {
			n++
		}
		m.settled.WithLabelValues(string(door), outcomes[0].String()).Add(float64(n))
		outcomes = outcomes[n:]
	}
}

func (m *metrics) reject(door Door, code roentgen.RejectCode) {
	m.settled.WithLabelValues(string(door), "rejected").Inc()
	m.rejected.WithLabelValues(string(door), string(code)).Inc()
}

func (m *metrics) lose(door Door, cause string, n int) {
	m.settled.WithLabelValues(string(door), "lost").Add(float64(n))
	m.lost.WithLabelValues(string(door), cause).Add(float64(n))
}

// wait counts documents as waiting until the function that it returns is called.
func (m *metrics) wait(n int) (done func()) {
	m.waiting.Add(float64(n))
	return func() { m.waiting.Sub(float64(n)) }
}
