package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/query"
	"github.com/roentgen/roentgen/sampling"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/memory"
	"github.com/roentgen/roentgen/wire"
)

// memories is everything that the server remembers.
type memories struct {
	traces *memory.Store
	state  *memory.State
	log    *slog.Logger
	opened roentgen.Time
}

// rulePrefix is where sampling rules stand in the state.
const rulePrefix = "sampling-rule/"

func openMemory(cfg config, log *slog.Logger, reg prometheus.Registerer) (*memories, error) {
	syncs := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "roentgen_log_sync_seconds", Help: "How long it took to make a batch of the log durable.",
		Buckets: prometheus.ExponentialBuckets(0.0001, 2, 14),
	})
	traces, found, err := memory.Open(vfs.OS{}, cfg.Data, memory.Options{
		Retention: cfg.Retention, MaxBytes: cfg.MaxBytes, MaxTraceBytes: cfg.MaxTraceBytes,
		Limits: wire.Limits{MaxDocumentBytes: cfg.MaxDocumentBytes},
		Graph:  folding(),
		OnSync: func(d time.Duration, _ int) { syncs.Observe(d.Seconds()) },
		Logger: log,
	})
	if err != nil {
		return nil, err
	}
	rules, err := memory.OpenState(vfs.OS{}, cfg.Data)
	if err != nil {
		return nil, errors.Join(err, traces.Close())
	}
	m := &memories{traces: traces, state: rules, log: log, opened: roentgen.At(time.Now())}
	m.tell(found)
	reg.MustRegister(syncs)
	registerStats(reg, traces)
	return m, nil
}

// tell logs what a crash left.
func (m *memories) tell(found memory.Recovery) {
	if found.DroppedBytes > 0 {
		m.log.Warn("the last write before a crash was unfinished and is cut off; it was never acknowledged",
			"file", found.File, "offset", found.Offset, "bytes", found.DroppedBytes)
	}
	for _, d := range found.Damage {
		m.log.Error("the log is damaged; the records around are kept", "file", d.File, "offset", d.Offset, "reason", d.Reason)
	}
}

// rules reads sampling rules from the state.
func (m *memories) rules() *sampling.StoredRules {
	return sampling.NewStoredRules(m.opened, func(ctx context.Context) ([][]byte, error) {
		items, err := m.state.List(ctx, rulePrefix)
		if err != nil {
			return nil, fmt.Errorf("list sampling rules: %w", err)
		}
		values := make([][]byte, len(items))
		for i, item := range items {
			values[i] = item.Value
		}
		return values, nil
	})
}

// probe says whether documents can be stored now.
func (m *memories) probe(context.Context) error { return m.traces.Err() }

// maintain removes what is past retention and tells the store of groups that
// it would not hear of before, until ctx ends.
func (m *memories) maintain(ctx context.Context, groups *query.Groups) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := m.traces.Maintain(ctx); err != nil && ctx.Err() == nil {
				m.log.Error("retention", "error", err)
			}
			if err := groups.Retell(ctx); err != nil && ctx.Err() == nil {
				m.log.Error("groups", "error", err)
			}
		}
	}
}

func (m *memories) close() error {
	return errors.Join(m.traces.Close(), m.state.Close())
}

// describe says in a few words what is stored.
func (m *memories) describe() string {
	stats, err := m.traces.Stats(context.Background())
	if err != nil {
		return err.Error()
	}
	if stats.Documents == 0 {
		return "empty"
	}
	return fmt.Sprintf("%d documents of %d traces, the oldest of %s",
		stats.Documents, stats.Traces, stats.Oldest.Time().Local().Format(time.DateTime))
}

// registerStats shows the size of the store on /metrics.
func registerStats(reg prometheus.Registerer, s store.Reader) {
	gauge := func(name, help string, value func(store.Stats) float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			stats, err := s.Stats(context.Background())
			if err != nil {
				return 0 // closed: the server is shutting down
			}
			return value(stats)
		}))
	}
	gauge("roentgen_store_traces", "Traces stored.", func(s store.Stats) float64 { return float64(s.Traces) })
	gauge("roentgen_store_documents", "Documents stored, superseded ones not included.", func(s store.Stats) float64 { return float64(s.Documents) })
	gauge("roentgen_store_bytes", "Bytes of the documents stored.", func(s store.Stats) float64 { return float64(s.Bytes) })
	gauge("roentgen_store_disk_bytes", "Bytes of all files of the store.", func(s store.Stats) float64 { return float64(s.DiskBytes) })
	gauge("roentgen_store_oldest_timestamp_seconds", "Start of the oldest trace.", func(s store.Stats) float64 { return s.Oldest.Seconds() })
	reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "roentgen_store_evicted_total", Help: "Documents that retention removed since the start.",
	}, func() float64 {
		stats, err := s.Stats(context.Background())
		if err != nil {
			return 0
		}
		return float64(stats.Evicted)
	}))
}
