package tracing

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
)

// ownKey finds the innermost span of this package in a context, even when a
// foreign one lies over it.
type ownKey struct{}

// otelSpanKey is the key under which OpenTelemetry keeps the current span. The
// API hides it, so it is learnt once, by looking up a span in a context that
// remembers what it was asked for. A span can then answer for that key itself,
// instead of being wrapped by context.WithValue at one more allocation. Should
// a later version of the API stop asking, the key is nil and spans get wrapped.
var otelSpanKey = probeSpanKey()

type probe struct {
	context.Context
	key any
}

func (p *probe) Value(key any) any {
	p.key = key
	return nil
}

func probeSpanKey() any {
	p := &probe{Context: context.Background()}
	trace.SpanFromContext(p)
	return p.key
}

// Value answers for OpenTelemetry's span key and for our own.
func (s *span) Value(key any) any {
	if key == otelSpanKey || key == (ownKey{}) {
		return s
	}
	return s.Context.Value(key)
}

// inContext returns the context in which s is the current span.
func (s *span) inContext() context.Context {
	if otelSpanKey == nil {
		return trace.ContextWithSpan(s, s)
	}
	return s
}

// enabled counts the instances set up in this process that are not disabled.
// While there is none no context can hold a span of ours, so a program that
// runs with tracing off pays one load for each call and never searches its
// contexts. It never falls: spans outlive the shutdown of their instance.
var enabled atomic.Int64

// off reports that nothing in this process records. Every function that takes
// a context asks it first.
func off() bool { return enabled.Load() == 0 }

// current returns the innermost span of ours: a recorded one, or an idle one,
// or neither. It asks the context itself, which is quicker than by way of
// OpenTelemetry; every traced function starts here.
func current(ctx context.Context) (*span, *idle) {
	if otelSpanKey == nil {
		return own(ctx)
	}
	switch s := ctx.Value(otelSpanKey).(type) {
	case nil:
		return nil, nil
	case *span:
		return s, nil
	case *idle:
		return nil, s
	}
	return own(ctx)
}

// own looks under foreign spans, such as wrappers made by instrumentation.
func own(ctx context.Context) (*span, *idle) {
	switch s := ctx.Value(ownKey{}).(type) {
	case *span:
		return s, nil
	case *idle:
		return nil, s
	}
	return nil, nil
}

// global returns the instance that the program made OpenTelemetry's, or nil.
// It is asked only when a context knows of none, because the answer to a
// missing context (log, ignore or panic) must come from somebody's settings.
func global() *Tracing {
	tr, ok := otel.GetTracerProvider().(*Tracing)
	if !ok || tr.set.disabled {
		return nil
	}
	return tr
}
