// Package query answers questions about what is stored: whole traces, and the
// summaries of a window page by page.
//
// It owns how answers are put together from what a store yields: which
// documents are folded into one, in which order pages come, what a page costs.
// It reads through the store's promise alone, writes nothing, keeps nothing
// between calls, and starts nothing.
package query

import (
	"github.com/roentgen/roentgen/store"
)

// Config bounds what one call may cost. The zero value works.
type Config struct {
	// MaxTraces is how many traces one call of Traces may ask for. Default 5,
	// as X-Ray has it.
	MaxTraces int
	// PageTraces is how many traces a page of summaries examines. Default
	// 1,000.
	PageTraces int
	// MaxAnnotations is how many distinct annotation keys of one trace are
	// searchable and shown in its summary, in alphabetical order. Default 50.
	MaxAnnotations int
}

// Engine answers questions. It is safe for use by many goroutines.
type Engine struct {
	store store.Reader
	cfg   Config
}

// New returns an Engine that reads from s.
func New(s store.Reader, cfg Config) *Engine {
	if cfg.MaxTraces == 0 {
		cfg.MaxTraces = 5
	}
	if cfg.PageTraces == 0 {
		cfg.PageTraces = 1000
	}
	if cfg.MaxAnnotations == 0 {
		cfg.MaxAnnotations = 50
	}
	return &Engine{store: s, cfg: cfg}
}
