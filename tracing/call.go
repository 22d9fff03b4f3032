package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// BeginCall starts a subsegment for a call out of this process, for those who
// instrument a client. Its namespace is remote, or what OpenTelemetry
// attributes make of it; it must be ended with End or its own End. Without a
// segment in ctx it returns ctx and a span that does nothing: unlike a tracer's
// Start it never begins a segment, and unlike Begin it never panics.
func BeginCall(ctx context.Context, name string, attrs ...attribute.KeyValue) (context.Context, trace.Span) {
	ctx = nonNil(ctx)
	if off() {
		return ctx, noop.Span{}
	}
	s, i := current(ctx)
	switch {
	case i != nil:
		return ctx, i
	case s == nil:
		if tr := global(); tr != nil {
			tr.missing(ctx, "BeginCall", name)
		}
		return ctx, noop.Span{}
	}
	c := s.child(ctx, name)
	c.kind = trace.SpanKindClient
	if len(attrs) > 0 {
		c.SetAttributes(attrs...)
	}
	return c.inContext(), c
}

// Header returns what X-Amzn-Trace-Id (HeaderName) has to say on a call out of
// ctx, unrecorded traces included; "" where there is no segment.
func Header(ctx context.Context) string {
	ctx = nonNil(ctx)
	if off() {
		return ""
	}
	s, i := current(ctx)
	if s == nil && i == nil {
		return ""
	}
	return outgoing(s, i)
}

// isAWSCall tells whether s is the call of an AWS client, by what joinNames
// goes by too. Retries and redirects of its HTTP client are part of it.
func (s *span) isAWSCall() bool {
	if s.kind != trace.SpanKindClient {
		return false
	}
	s.seg.mu.Lock()
	defer s.seg.mu.Unlock()
	if s.d == nil {
		return false
	}
	for _, a := range s.d.attrs {
		if a.Key == "aws.service" || a.Key == "rpc.system" && a.Value.AsString() == "aws-api" {
			return true
		}
	}
	return false
}
