package tracing

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
)

// idle stands where a segment would if the trace were recorded. It carries
// what calls downstream must be told, and nothing else; all its subsegments
// are itself, so an unrecorded request costs one allocation.
type idle struct {
	context.Context
	embedded.Span
	tr      *Tracing
	traceID trace.TraceID
	id      trace.SpanID
	extra   string

	undecided bool        // the caller records it, and may have it kept
	kept      atomic.Bool // a callee said that it is kept
}

var _ trace.Span = (*idle)(nil)

func (tr *Tracing) openIdle(ctx context.Context, id trace.TraceID, h header) (context.Context, *span) {
	i := &idle{Context: ctx, tr: tr, traceID: id, id: tr.dice.spanID(), extra: h.extra, undecided: h.undecided && h.sampled == '0'}
	if otelSpanKey == nil {
		return trace.ContextWithSpan(i, i), nil
	}
	return i, nil
}

// Value answers for OpenTelemetry's span key and for our own.
func (i *idle) Value(key any) any {
	if key == otelSpanKey || key == (ownKey{}) {
		return i
	}
	return i.Context.Value(key)
}

// String keeps fmt from walking the context.
func (i *idle) String() string { return "tracing.idle " + i.id.String() }

func (i *idle) SpanContext() trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: i.traceID, SpanID: i.id})
}

func (i *idle) TracerProvider() trace.TracerProvider  { return i.tr }
func (*idle) IsRecording() bool                       { return false }
func (*idle) End(...trace.SpanEndOption)              {}
func (*idle) AddEvent(string, ...trace.EventOption)   {}
func (*idle) AddLink(trace.Link)                      {}
func (*idle) RecordError(error, ...trace.EventOption) {}
func (*idle) SetStatus(codes.Code, string)            {}
func (*idle) SetName(string)                          {}
func (*idle) SetAttributes(...attribute.KeyValue)     {}
