package backend

import (
	"database/sql"

	"github.com/prometheus/client_golang/prometheus"
)

// MeterPool adds the figures of the database's connections to a registry.
func MeterPool(registry prometheus.Registerer, pool func() sql.DBStats) {
	registry.MustRegister(poolMetrics{pool})
}

type poolMetrics struct{ pool func() sql.DBStats }

type poolFamilies struct{ connections, most, waits, waited *prometheus.Desc }

func familiesOfPool() poolFamilies {
	return poolFamilies{
		connections: prometheus.NewDesc("db_pool_connections", "Open connections, by state: in_use or idle.", []string{"state"}, nil),
		most:        prometheus.NewDesc("db_pool_connections_max", "Most connections that there may be.", nil, nil),
		waits:       prometheus.NewDesc("db_pool_waits_total", "Times that a connection had to be waited for.", nil, nil),
		waited:      prometheus.NewDesc("db_pool_wait_seconds_total", "How long was waited for connections, altogether.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (m poolMetrics) Describe(out chan<- *prometheus.Desc) {
	f := familiesOfPool()
	for _, d := range []*prometheus.Desc{f.connections, f.most, f.waits, f.waited} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m poolMetrics) Collect(out chan<- prometheus.Metric) {
	s, f := m.pool(), familiesOfPool()
	out <- prometheus.MustNewConstMetric(f.connections, prometheus.GaugeValue, float64(s.InUse), "in_use")
	out <- prometheus.MustNewConstMetric(f.connections, prometheus.GaugeValue, float64(s.Idle), "idle")
	out <- prometheus.MustNewConstMetric(f.most, prometheus.GaugeValue, float64(s.MaxOpenConnections))
	out <- prometheus.MustNewConstMetric(f.waits, prometheus.CounterValue, float64(s.WaitCount))
	out <- prometheus.MustNewConstMetric(f.waited, prometheus.CounterValue, s.WaitDuration.Seconds())
}
