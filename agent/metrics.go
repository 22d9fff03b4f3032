package agent

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// collector shows the statement as metrics, so that both say the same.
type collector struct{ agent *Agent }

func (a *Agent) register() error {
	if err := a.cfg.Registry.Register(collector{a}); err != nil {
		return fmt.Errorf("register the agent's metrics: %w", err)
	}
	return nil
}

type metric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func counter(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue}
}

func gauge(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

// The metrics. Counts of documents live as long as the state directory.
var (
	mReceived   = counter("roentgen_ledger_received_total", "Documents that came into the agent, by door; again: those that a kill let come twice.", "door")
	mSettled    = counter("roentgen_ledger_settled_total", "Documents that the upstream has answered for, by outcome.", "outcome")
	mRejected   = counter("roentgen_ledger_rejected_total", "Documents that were not taken, by code.", "code")
	mDropped    = counter("roentgen_ledger_dropped_total", "Documents dropped on purpose, by policy.", "policy")
	mLost       = counter("roentgen_ledger_lost_total", "Documents lost, by cause.", "cause")
	mWaiting    = gauge("roentgen_ledger_waiting", "Documents on their way, by place.", "place")
	mDifference = gauge("roentgen_ledger_difference", "Received documents without all others: 0 when the books balance.")
	mKernel     = counter("roentgen_agent_kernel_drops_total", "Datagrams that the kernel dropped before the agent could read them.")
	mMissed     = counter("roentgen_agent_missed_documents_total", "Documents that senders numbered and that never came, by the SDKs that number them.")
	mBuffer     = gauge("roentgen_agent_receive_buffer_bytes", "Receive buffer that the kernel gives.")
	mWanted     = gauge("roentgen_agent_receive_buffer_wanted_bytes", "Receive buffer that was asked for.")
	mRedacted   = counter("roentgen_agent_redacted_total", "Values taken out of documents, by kind.", "kind")
	mPressure   = gauge("roentgen_agent_shed_ratio", "Share of traces that are shed whole, for there is too much.")
	mRingBytes  = gauge("roentgen_agent_ring_bytes", "Bytes of undecided documents.")
	mRingRoom   = gauge("roentgen_agent_ring_capacity_bytes", "Size of the ring.")
	mHorizon    = gauge("roentgen_agent_ring_horizon_seconds", "How long a document may wait for a decision.")
	mSpoolBytes = gauge("roentgen_agent_spool_bytes", "Bytes of the spool.")
	mSpoolRoom  = gauge("roentgen_agent_spool_capacity_bytes", "Most that the spool may take.")
	mSpoolFull  = gauge("roentgen_agent_spool_full", "1 when the last document found no room in the spool.")
	mMatched    = counter("roentgen_agent_trigger_matched_total", "Documents of undecided traces that matched, by trigger, since the start.", "trigger")
	mKept       = counter("roentgen_agent_trigger_kept_total", "Traces kept, by trigger, since the start.", "trigger")
	mOverQuota  = counter("roentgen_agent_trigger_over_quota_total", "Matches that found no quota, by trigger, since the start.", "trigger")
	mSampledToo = counter("roentgen_agent_trigger_sampled_too_total", "Documents that matched in traces which were kept anyway, by trigger, since the start.", "trigger")
	mNotices    = counter("roentgen_agent_notices_total", "Notices of kept traces, by direction: sent, received, and missed: how often the server had forgotten some.", "direction")
	mUnsent     = gauge("roentgen_agent_notices_waiting", "Own decisions that the server does not have yet.")
	mBatches    = counter("roentgen_upstream_batches_total", "Batches that the upstream took, since the start.")
	mSentBytes  = counter("roentgen_upstream_bytes_total", "Bytes of documents that the upstream took, before compression, since the start.")
	mRetries    = counter("roentgen_upstream_retries_total", "Batches sent again, since the start.")
	mErrors     = counter("roentgen_upstream_errors_total", "Failed attempts to send, by category, since the start.", "category")
	mSuccess    = gauge("roentgen_upstream_last_success_timestamp_seconds", "When the upstream last took a batch; 0: not yet.")
)

// Describe sends nothing: which labels there are shows when they are collected.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	s := c.agent.Statement()
	send := func(m metric, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(m.desc, m.kind, v, labels...)
	}
	each := func(m metric, values map[string]int64) {
		for label, n := range values {
			send(m, float64(n), label)
		}
	}
	each(mReceived, s.Received)
	each(mSettled, map[string]int64{"stored": s.Stored, "replaced": s.Replaced, "duplicate": s.Duplicate, "refused": s.Refused})
	each(mRejected, s.Rejected)
	each(mDropped, s.Dropped)
	each(mLost, s.Lost)
	each(mWaiting, map[string]int64{"ring": s.Waiting.Ring, "spool": s.Waiting.Spool, "queue": s.Waiting.Queue})
	each(mRedacted, s.Redacted)
	each(mNotices, map[string]int64{"sent": s.Notices.Sent, "received": s.Notices.Received, "missed": s.Notices.Gaps})
	each(mErrors, s.Upstream.Errors)
	for _, t := range s.Triggers {
		send(mMatched, float64(t.Matched), t.Name)
		send(mKept, float64(t.Kept), t.Name)
		send(mOverQuota, float64(t.OverQuota), t.Name)
		send(mSampledToo, float64(t.SampledToo), t.Name)
	}
	for _, plain := range []struct {
		metric
		value float64
	}{
		{mDifference, float64(s.Difference)}, {mKernel, float64(s.KernelDrops)}, {mMissed, float64(s.Missed)},
		{mBuffer, float64(s.BufferBytes)}, {mWanted, float64(s.BufferWanted)}, {mPressure, s.Pressure},
		{mRingBytes, float64(s.Ring.Bytes)}, {mRingRoom, float64(s.Ring.Capacity)}, {mHorizon, s.Ring.HorizonSeconds},
		{mSpoolBytes, float64(s.Spool.Bytes)}, {mSpoolRoom, float64(s.Spool.Capacity)}, {mSpoolFull, one(s.Spool.Full)},
		{mUnsent, float64(s.Notices.Waiting)}, {mBatches, float64(s.Upstream.Batches)}, {mSentBytes, float64(s.Upstream.Bytes)},
		{mRetries, float64(s.Upstream.Retries)}, {mSuccess, s.Upstream.LastSuccess},
	} {
		send(plain.metric, plain.value)
	}
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
