// Package query answers questions about what is stored: whole traces, the
// summaries of those that match a filter expression, graphs and time series
// over a window, and the groups by which people sort traces.
//
// It owns how answers are put together from what a store yields: which
// documents are folded into one, in which order pages come, what a page costs,
// where a scan goes on. It reads traces through the store's promise alone and
// writes none; groups are kept in the state. It keeps nothing between calls
// and starts nothing.
package query

import (
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/rates"
	"github.com/roentgen/roentgen/store"
)

// Config bounds what one call may cost. The zero value works.
type Config struct {
	// MaxTraces is how many traces one call of Traces may ask for. Default 5,
	// as X-Ray has it.
	MaxTraces int
	// MaxGraphTraces is how many traces one call of TraceGraph may ask for.
	// Default 100.
	MaxGraphTraces int
	// MaxMatches is how many summaries a page holds at most. Default 1,000.
	MaxMatches int
	// MaxExamined is how many traces a page of summaries looks at at most, those
	// not counted that the store passes over by what it knows of them.
	// Default 10,000.
	MaxExamined int
	// MaxTime is after how long a page of summaries ends with what it has, which
	// may be nothing but a cursor. Default 2 s.
	MaxTime time.Duration
	// MaxPoints is how many points a page of a time series holds at most.
	// Default 1,440: a day of minutes.
	MaxPoints int
	// Fold is how traces become rows. The store has to be given the same, or
	// graphs and summaries disagree.
	Fold graph.Options
	// Rates is what agents counted of all requests, kept or not. Default: nothing;
	// then rates are those of kept traces, and of what they stand for.
	Rates Rates
	// Now is the server's clock. Default: the machine's.
	Now func() roentgen.Time
	// Settled returns a time of that clock before which nothing arrives any
	// more: what the doors stamped earlier can be read. accept.Acceptor knows
	// it. Default: Now, as if nothing took time from the door to the store.
	Settled func() roentgen.Time
}

// Rates knows how many requests there were; rates.Book does.
type Rates interface {
	Window(from, to roentgen.Time) rates.Window
}

func (c Config) withDefaults() Config {
	if c.MaxTraces == 0 {
		c.MaxTraces = 5
	}
	if c.MaxGraphTraces == 0 {
		c.MaxGraphTraces = 100
	}
	if c.MaxMatches == 0 {
		c.MaxMatches = 1000
	}
	if c.MaxExamined == 0 {
		c.MaxExamined = 10_000
	}
	if c.MaxTime == 0 {
		c.MaxTime = 2 * time.Second
	}
	if c.MaxPoints == 0 {
		c.MaxPoints = 1440
	}
	if c.Now == nil {
		c.Now = func() roentgen.Time { return roentgen.At(time.Now()) }
	}
	if c.Settled == nil {
		c.Settled = c.Now
	}
	return c
}

// Engine answers questions. It is safe for use by many goroutines.
type Engine struct {
	store  store.Reader
	groups *Groups
	cfg    Config
}

// New returns an Engine that reads from s. groups may be nil: then an
// expression that names a group is an error.
func New(s store.Reader, groups *Groups, cfg Config) *Engine {
	return &Engine{store: s, groups: groups, cfg: cfg.withDefaults()}
}
