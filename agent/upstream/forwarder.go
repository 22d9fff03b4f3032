package upstream

import (
	"context"
	"log/slog"
	"time"

	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/wire"
)

// Source is what a Forwarder takes batches from: a *spool.Spool.
type Source interface {
	Next(ctx context.Context, limit spool.Limit) (*spool.Cut, error)
	Done(seq uint64) error
	Epoch() uint64
	Stats() spool.Stats
}

// Extra is what travels with a batch beside its cut. Only one batch at a time
// carries one, and carries it until it is answered.
type Extra struct {
	Notices   []wire.Notice
	Statement []byte
	// Taken is called when the server has taken them, before OnAnswer; may be nil.
	Taken func()
}

// Config of a Forwarder.
type Config struct {
	Source  Source
	Sender  Sender
	Agent   string // 32 hex digits
	Host    string
	Version string

	Limit       spool.Limit   // default that of spool; for AWS 50 documents
	Concurrency int           // batches in flight; default 2, at most 32
	MinBackoff  time.Duration // default 100 ms
	MaxBackoff  time.Duration // default 30 s
	Drain       time.Duration // how long batches in flight may take after ctx has ended; default 5 s

	// Extra is asked for each batch that may carry one; nil: never.
	Extra func() Extra
	// OnAnswer is told what became of each cut, once: err is nil, or the refusal
	// for good, by which every document of the cut is rejected. It is called
	// before the cut is acknowledged to the spool, by one goroutine at a time.
	OnAnswer func(cut *spool.Cut, answer wire.BatchAnswer, err error)

	Now    func() time.Time
	Jitter func() float64 // in [0, 1); default math/rand
	Logger *slog.Logger
}

// Forwarder sends what a spool cuts.
type Forwarder struct{ cfg Config }

// New makes a forwarder.
func New(cfg Config) *Forwarder { return &Forwarder{cfg} }

// Run forwards until ctx ends and what is in flight is settled or out of time.
func (f *Forwarder) Run(ctx context.Context) error { return errUnfinished }

// ForwardStats are a forwarder's totals since its start.
type ForwardStats struct {
	Batches     int64
	Documents   int64
	Bytes       int64 // of documents, before compression
	Retries     int64
	Refused     int64    // batches refused for good
	Errors      [6]int64 // failed attempts by Category
	InFlight    int64
	LastSuccess time.Time
	LastError   string // of the last attempt, "" once one succeeds again
}

// Stats returns the totals.
func (f *Forwarder) Stats() ForwardStats { return ForwardStats{} }
