package web

import (
	"context"
	"errors"
	"net/http"
	"runtime"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/roentgen/roentgen/tracing"
)

// Do calls fn in a subsegment as tracing.Do does. An answer below 500 marks the subsegment as an error, X-Ray's word
// for what the caller did, and not as a fault, and leaves no exception behind.
func Do[T any](ctx context.Context, name string, fn func(context.Context) (T, error)) (T, error) {
	var refused error
	v, err := tracing.Do(ctx, name, func(ctx context.Context) (T, error) {
		defer veilPanic()
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

// veilPanic lets a panic go on without the words of its value, which may hold a piece of a complaint: the tracer records
// the value as it is. What the runtime says, and net/http's own way to cut a connection, pass unchanged.
func veilPanic() {
	value := recover()
	if value == nil {
		return
	}
	if err, ok := value.(error); ok {
		var said runtime.Error
		if errors.As(err, &said) || errors.Is(err, http.ErrAbortHandler) {
			panic(value)
		}
	}
	panic(errors.New(panicMessage(value)))
}
