package api

import (
	"context"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/wire"
)

// agentCollector shows the book of agents on /metrics, as it is when asked.
type agentCollector struct {
	fleet                         Fleet
	known, unbalanced, docs, seen *prometheus.Desc
}

// recently is how long after its last batch an agent has series of its own.
const recently = time.Hour

func newAgentCollector(f Fleet) *agentCollector {
	of := []string{"agent", "host"}
	return &agentCollector{
		fleet:      f,
		known:      prometheus.NewDesc("roentgen_agents", "Agents in the server's book.", nil, nil),
		unbalanced: prometheus.NewDesc("roentgen_agents_unbalanced", "Agents of which a sum does not hold; roentgen ledger names it.", nil, nil),
		docs: prometheus.NewDesc("roentgen_agent_documents_total", "Documents in the batches of agents that sent one within an hour, by outcome, each batch counted once.",
			append(of, "outcome"), nil),
		seen: prometheus.NewDesc("roentgen_agent_seen_timestamp_seconds", "When the last batch of the agent came.", of, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *agentCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.known, c.unbalanced, c.docs, c.seen} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *agentCollector) Collect(ch chan<- prometheus.Metric) {
	views, err := c.fleet.Agents(context.Background())
	if err != nil {
		return // closed: the server is shutting down
	}
	unbalanced := 0
	for i := range views {
		v := &views[i]
		if !v.Balance().OK {
			unbalanced++
		}
		if v.Silent < recently {
			c.agent(ch, v)
		}
	}
	ch <- prometheus.MustNewConstMetric(c.known, prometheus.GaugeValue, float64(len(views)))
	ch <- prometheus.MustNewConstMetric(c.unbalanced, prometheus.GaugeValue, float64(unbalanced))
}

func (c *agentCollector) agent(ch chan<- prometheus.Metric, v *fleet.AgentView) {
	host := strings.ToValidUTF8(v.Host, "?") // a label has to be
	ch <- prometheus.MustNewConstMetric(c.seen, prometheus.GaugeValue, inSeconds(v.Seen), v.Agent, host)
	for _, o := range []struct {
		name string
		n    int64
	}{
		{wire.OutcomeStored, v.Totals.Stored}, {wire.OutcomeReplaced, v.Totals.Replaced}, {wire.OutcomeDuplicate, v.Totals.Duplicate},
		{wire.OutcomeRefused, v.Totals.Refused}, {wire.OutcomeRejected, v.Totals.Rejected},
	} {
		ch <- prometheus.MustNewConstMetric(c.docs, prometheus.CounterValue, float64(o.n), v.Agent, host, o.name)
	}
}
