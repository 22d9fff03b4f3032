package tracing

import (
	"context"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
)

// tracer starts spans for OpenTelemetry instrumentation.
type tracer struct {
	embedded.Tracer
	tr *Tracing
}

// Start nests the span in the segment found in ctx: it becomes a subsegment,
// whatever its kind. Without one, or with WithNewRoot, it becomes a segment: of
// the trace of a remote parent, whose decision binds, or of a new trace.
func (t tracer) Start(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	ctx = nonNil(ctx)
	if len(options) == 0 {
		if s, ok := trace.SpanFromContext(ctx).(*span); ok {
			c := s.child(ctx, name)
			return c.inContext(), c
		}
	}
	cfg := trace.NewSpanStartConfig(options...)
	parent, unrecorded := t.parent(ctx, &cfg)
	if unrecorded != nil {
		return contextOf(ctx, unrecorded), unrecorded
	}
	if parent != nil {
		c := parent.child(ctx, name)
		c.configure(&cfg)
		return c.inContext(), c
	}
	return t.startSegment(ctx, name, &cfg)
}

// contextOf returns a context whose current span is i, ctx itself if it is.
func contextOf(ctx context.Context, i *idle) context.Context {
	if trace.SpanFromContext(ctx) == trace.Span(i) {
		return ctx
	}
	return trace.ContextWithSpan(ctx, i)
}

// parent finds the local parent, if there shall be one. A remote parent in
// front of a local segment stands aside when it is of the same trace, or when a
// server handler extracted it: the segment around the handler is the server's.
func (t tracer) parent(ctx context.Context, cfg *trace.SpanConfig) (*span, *idle) {
	if cfg.NewRoot() {
		return nil, nil
	}
	front := trace.SpanFromContext(ctx)
	switch s := front.(type) {
	case *span:
		return s, nil
	case *idle:
		return nil, s
	}
	s, i := own(ctx)
	sc := front.SpanContext()
	if sc.IsValid() && cfg.SpanKind() != trace.SpanKindServer && sc.TraceID() != localTrace(s, i) {
		return nil, nil
	}
	return s, i
}

func localTrace(s *span, i *idle) (id trace.TraceID) {
	switch {
	case s != nil:
		return s.seg.traceID
	case i != nil:
		return i.traceID
	}
	return id
}

// startSegment makes the span a segment. Segments are named after services;
// only an internal span keeps its own name, the others' goes to metadata.
func (t tracer) startSegment(ctx context.Context, name string, cfg *trace.SpanConfig) (context.Context, trace.Span) {
	var h header
	if !cfg.NewRoot() {
		h = remoteParent(ctx)
	}
	kind := trace.ValidateSpanKind(cfg.SpanKind())
	segmentName := t.tr.set.name
	if kind == trace.SpanKindInternal {
		segmentName = name
	}
	ctx, s := t.tr.open(ctx, segmentName, h, attributeRequest(segmentName, cfg.Attributes()))
	if s == nil {
		return ctx, trace.SpanFromContext(ctx)
	}
	s.configure(cfg)
	if segmentName != name {
		s.addMetadata("otel", "span_name", name)
	}
	return ctx, s
}

// configure applies the start options. The span is nobody else's yet, but its
// tree is.
func (s *span) configure(cfg *trace.SpanConfig) {
	s.kind = cfg.SpanKind()
	if t := cfg.Timestamp(); !t.IsZero() {
		s.start = t.Sub(s.seg.began)
	}
	attrs, links := cfg.Attributes(), cfg.Links()
	if len(attrs)+len(links) == 0 {
		return
	}
	s.seg.mu.Lock()
	defer s.seg.mu.Unlock()
	if len(attrs) > 0 {
		s.setAttributesLocked(attrs)
	}
	for _, l := range links {
		if l.SpanContext.HasTraceID() {
			s.addLinkLocked(l)
		}
	}
}
