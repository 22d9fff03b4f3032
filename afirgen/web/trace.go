package web

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/roentgen/roentgen/tracing"
)

// Do calls fn in a subsegment as tracing.Do does. An answer below 500 marks the subsegment as an error, X-Ray's word
// for what the caller did, and not as a fault, and leaves no exception behind.
func Do[T any](ctx context.Context, name string, fn func(context.Context) (T, error)) (T, error) {
	var refused error
	v, err := tracing.Do(ctx, name, func(ctx context.Context) (T, error) {
		v, err := fn(ctx)
		if err == nil {
			return v, nil
		}
		if e := AsError(err); e.Status < 500 {
			refused = err
			trace.SpanFromContext(ctx).SetAttributes(attribute.Int("http.response.status_code", e.Status))
			return v, nil
		}
		return v, err
	})
	if refused != nil {
		return v, refused
	}
	return v, err
}
