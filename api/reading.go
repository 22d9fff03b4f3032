package api

import (
	"context"

	"github.com/roentgen/roentgen"
)

// Reading is what a request asked for, for whoever keeps a log of accesses. The
// handler fills it in.
type Reading struct {
	Operation string             // name of the action; "": no action of the API's
	Traces    []roentgen.TraceID // that were asked for by id
	Filter    string             // expression by which traces were looked for
	Found     int                // traces that were answered
}

type readingKey struct{}

// WithReading has the handler of a request fill in r.
func WithReading(ctx context.Context, r *Reading) context.Context {
	return context.WithValue(ctx, readingKey{}, r)
}

// ReadingOf returns what WithReading was given; where nobody listens, one that
// nobody reads.
func ReadingOf(ctx context.Context) *Reading {
	if r, ok := ctx.Value(readingKey{}).(*Reading); ok {
		return r
	}
	return new(Reading)
}
