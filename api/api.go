// Package api is the X-Ray API: one file per action, each decoding a request,
// calling a room and encoding the answer. Beside the actions stand the few
// questions that the console has beyond them (console_*.go).
//
// It owns paths, JSON shapes, error codes and paging tokens, all as X-Ray has
// them, so that AWS's own clients work with nothing but an endpoint override.
// It decides nothing about traces or rules, and keeps nothing between calls
// but, for some seconds, the names that the console's completion offers.
package api

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/query"
	"github.com/roentgen/roentgen/sampling"
	"github.com/roentgen/roentgen/wire"
)

// Putter takes segment documents; the doors do.
type Putter interface {
	// Put returns one entry for each document: nil when it is durable. The
	// documents are the caller's again when it has returned.
	Put(ctx context.Context, docs []wire.Text) ([]*roentgen.Rejection, error)
}

// Traces answers questions; query.Engine does.
type Traces interface {
	Traces(ctx context.Context, ids []roentgen.TraceID) ([]query.Trace, []roentgen.TraceID, error)
	Spans(ctx context.Context, id roentgen.TraceID) (query.Spans, error)
	Summaries(ctx context.Context, q query.SummaryQuery) (query.SummaryPage, error)
	ServiceGraph(ctx context.Context, from, to roentgen.Time, group string) (*graph.Graph, error)
	TraceGraph(ctx context.Context, ids []roentgen.TraceID) (*graph.Graph, []roentgen.TraceID, error)
	TimeSeries(ctx context.Context, q query.SeriesQuery) (query.Series, error)
}

// Groups keeps groups; query.Groups does.
type Groups interface {
	List(ctx context.Context) ([]query.Group, error)
	Find(ctx context.Context, ref query.GroupRef) (query.Group, error)
	Create(ctx context.Context, name string, change query.GroupChange) (query.Group, error)
	Update(ctx context.Context, ref query.GroupRef, change query.GroupChange) (query.Group, error)
	Delete(ctx context.Context, ref query.GroupRef) error
}

// Sampler answers the polls of SDKs; sampling.Service does.
type Sampler interface {
	Rules(ctx context.Context) ([]roentgen.Rule, error)
	Report(ctx context.Context, reports []sampling.Statistics, boosts []sampling.BoostStatistics) (sampling.Answer, error)
	Counted() []sampling.Summary
}

// Rules keeps sampling rules; sampling.Rulebook does.
type Rules interface {
	Create(ctx context.Context, rule roentgen.Rule) (roentgen.Rule, error)
	Update(ctx context.Context, ref sampling.Ref, change sampling.Change) (roentgen.Rule, error)
	Delete(ctx context.Context, ref sampling.Ref) (roentgen.Rule, error)
	Edited(ctx context.Context) (bool, error)
}

// Config holds what the actions need. Put, Traces, Groups, Sampling and Rules
// are required, and Erase is for RegisterConsole.
type Config struct {
	Put       Putter
	Traces    Traces
	Groups    Groups
	Sampling  Sampler
	Rules     Rules
	Simulator Simulator // for RegisterConsole
	Erase     Eraser
	Remains   Remainders // nil: a deletion reaches every file

	// Caller returns the name of the token that a request came in with, "" where
	// there was none. Default: nobody has one.
	Caller func(ctx context.Context) string

	// MaxBodyBytes bounds one request body. Default 8 MiB: 50 documents of
	// 64 KB as JSON strings, with room for escapes.
	MaxBodyBytes int64
	// MaxDocuments bounds one PutTraceSegments call. Default 50.
	MaxDocuments int
	// MaxWindow bounds the time range of summaries, service graphs and time
	// series. Default 0: any, up to what is retained. (X-Ray's own bound is 6
	// or 24 h.)
	MaxWindow time.Duration

	Region, Account string // for ARNs; default "local" and "000000000000". Nodes of Account are named without it

	Logger   *slog.Logger          // default: discard
	Registry prometheus.Registerer // default: counters nobody reads
}

func (c Config) withDefaults() Config {
	if c.MaxBodyBytes == 0 {
		c.MaxBodyBytes = 8 << 20
	}
	if c.MaxDocuments == 0 {
		c.MaxDocuments = 50
	}
	if c.Region == "" {
		c.Region = "local"
	}
	if c.Account == "" {
		c.Account = "000000000000"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}
