package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/query"
	"github.com/roentgen/roentgen/sampling"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/block"
	"github.com/roentgen/roentgen/store/memory"
	"github.com/roentgen/roentgen/wire"
)

// memories is everything that the server remembers.
type memories struct {
	traces traceStore
	state  *memory.State
	fleet  *fleet.Fleet   // what is known of agents; nil: not kept
	rates  datadir.Copier // of what agents counted; nil: not kept
	log    *slog.Logger
}

// traceStore is a store that is looked after.
type traceStore interface {
	store.Store
	// Maintain removes what is past retention.
	Maintain(ctx context.Context) error
	// Err returns why nothing can be appended any more.
	Err() error
}

// rulePrefix is where sampling rules stand in the state.
const rulePrefix = "sampling-rule/"

func openMemory(cfg config, log *slog.Logger, reg prometheus.Registerer) (*memories, error) {
	syncs := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "roentgen_log_sync_seconds", Help: "How long it took to make a batch of the log durable.",
		Buckets: prometheus.ExponentialBuckets(0.0001, 2, 14),
	})
	m := &memories{log: log}
	onSync := func(d time.Duration, _ int) { syncs.Observe(d.Seconds()) }
	open := m.openBlocks
	if cfg.Store == storeMemory {
		open = m.openMemory
	}
	if err := open(cfg, onSync); err != nil {
		return nil, err
	}
	var err error
	if m.state, err = memory.OpenState(vfs.OS{}, cfg.Data); err != nil {
		return nil, errors.Join(err, m.traces.Close())
	}
	reg.MustRegister(syncs)
	registerStats(reg, m.traces)
	if blocks, ok := m.traces.(*block.Store); ok {
		registerBlocks(reg, blocks)
	}
	return m, nil
}

// openMemory opens the store that holds everything in memory.
func (m *memories) openMemory(cfg config, onSync func(time.Duration, int)) error {
	traces, found, err := memory.Open(vfs.OS{}, cfg.Data, memory.Options{
		Retention: cfg.Retention, MaxBytes: cfg.MaxBytes, MaxTraceBytes: cfg.MaxTraceBytes,
		Limits: wire.Limits{MaxDocumentBytes: cfg.MaxDocumentBytes},
		Graph:  folding(), OnSync: onSync, Logger: m.log,
	})
	if err != nil {
		return err
	}
	m.traces = traces
	m.tell(found.Recovery)
	return nil
}

// openBlocks opens the store that keeps blocks on disk.
func (m *memories) openBlocks(cfg config, onSync func(time.Duration, int)) error {
	traces, found, err := block.Open(vfs.OS{}, cfg.Data, block.Options{
		Retention: cfg.Retention, RetainFailing: cfg.RetainFailing, MaxDiskBytes: cfg.MaxDiskBytes,
		MaxTraceBytes: cfg.MaxTraceBytes, HeadBytes: cfg.HeadBytes, CacheBytes: cfg.CacheBytes,
		Limits: wire.Limits{MaxDocumentBytes: cfg.MaxDocumentBytes},
		Graph:  folding(), OnSync: onSync, Logger: m.log,
	})
	if err != nil {
		return err
	}
	m.traces = traces
	for _, log := range found.Logs {
		m.tell(log)
	}
	for _, path := range found.Foreign {
		m.log.Warn("a file among the blocks is not ours; it is left alone", "file", path)
	}
	return nil
}

// tell logs what a crash left.
func (m *memories) tell(found applog.Recovery) {
	if found.DroppedBytes > 0 {
		m.log.Warn("the last write before a crash was unfinished and is cut off; it was never acknowledged",
			"file", found.File, "offset", found.Offset, "bytes", found.DroppedBytes)
	}
	for _, d := range found.Damage {
		m.log.Error("the log is damaged; the records around are kept", "file", d.File, "offset", d.Offset, "reason", d.Reason)
	}
}

// ruleShelf keeps sampling rules in the state.
type ruleShelf struct{ state *memory.State }

func (s ruleShelf) List(ctx context.Context) ([]sampling.Record, error) {
	items, err := s.state.List(ctx, rulePrefix)
	if err != nil {
		return nil, fmt.Errorf("list sampling rules: %w", err)
	}
	records := make([]sampling.Record, len(items))
	for i, item := range items {
		records[i] = sampling.Record{Name: strings.TrimPrefix(item.Key, rulePrefix), Value: item.Value, Version: item.Version}
	}
	return records, nil
}

func (s ruleShelf) Put(ctx context.Context, name string, value []byte, version uint64) error {
	_, err := s.state.Put(ctx, rulePrefix+name, value, version)
	return err
}

func (s ruleShelf) Delete(ctx context.Context, name string, version uint64) error {
	return s.state.Delete(ctx, rulePrefix+name, version)
}

// rules are the sampling rules in the state.
func (m *memories) rules(max int) *sampling.Rulebook {
	return sampling.NewRulebook(ruleShelf{m.state}, max, func() roentgen.Time { return roentgen.At(time.Now()) })
}

// probe says whether documents can be stored now.
func (m *memories) probe(context.Context) error { return m.traces.Err() }

// maintain removes what is past retention and tells the store of groups that
// it would not hear of before, at once and then every minute, until ctx ends.
func (m *memories) maintain(ctx context.Context, groups *query.Groups) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := m.traces.Maintain(ctx); err != nil && ctx.Err() == nil {
			m.log.Error("retention", "error", err)
		}
		if err := groups.Retell(ctx); err != nil && ctx.Err() == nil {
			m.log.Error("groups", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
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

// registerBlocks shows what a store of blocks knows of itself.
func registerBlocks(reg prometheus.Registerer, s *block.Store) {
	gauge := func(name, help string, value func(block.Status) float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return value(s.Status()) }))
	}
	gauge("roentgen_store_blocks", "Block files of the store.", func(s block.Status) float64 { return float64(s.Blocks) })
	gauge("roentgen_store_head_bytes", "Bytes of the documents that wait in memory, and in the logs, to go into a block.", func(s block.Status) float64 { return float64(s.HeadBytes) })
	gauge("roentgen_store_damage", "Damages found since the start; the log names them.", func(s block.Status) float64 { return float64(s.Damage) })
	gauge("roentgen_store_unreached_files", "Damaged files that may hold traces which were deleted; roentgen trace delete names them.", func(s block.Status) float64 { return float64(s.Unreached) })
	gauge("roentgen_store_cache_bytes", "Bytes of what is kept in memory of blocks that were read.", func(s block.Status) float64 { return float64(s.Cache.Bytes) })
	counter := func(name, help string, value func(block.Status) float64) {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return value(s.Status()) }))
	}
	counter("roentgen_store_cache_hits_total", "Reads of blocks that the cache answered.", func(s block.Status) float64 { return float64(s.Cache.Hits) })
	counter("roentgen_store_cache_misses_total", "Reads of blocks that went to the disk.", func(s block.Status) float64 { return float64(s.Cache.Misses) })
	counter("roentgen_store_flushes_total", "Blocks written from what waited in memory.", func(s block.Status) float64 { return float64(s.Flushes) })
	counter("roentgen_store_merges_total", "Blocks written from other blocks.", func(s block.Status) float64 { return float64(s.Merges) })
	counter("roentgen_store_pulls_total", "Traces that went on after they were in a block, and were read back.", func(s block.Status) float64 { return float64(s.Pulls) })
}
