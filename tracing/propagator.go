package tracing

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// propagator carries trace context in the X-Amzn-Trace-Id field of a carrier.
type propagator struct{ tr *Tracing }

// Propagator returns the OpenTelemetry propagator for X-Amzn-Trace-Id:
//
//	otel.SetTextMapPropagator(tr.Propagator())
//
// What it extracts binds the next segment: its trace, its parent, and Sampled
// if it is 0 or 1. It has no peer address to check against TrustedPeers.
func (tr *Tracing) Propagator() propagation.TextMapPropagator {
	return propagator{tr: tr}
}

func (propagator) Fields() []string { return []string{HeaderName} }

// Inject writes the current span of ctx, be it ours or foreign.
func (p propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	if p.tr.set.disabled {
		return
	}
	front := trace.SpanFromContext(ctx)
	var v string
	switch s := front.(type) {
	case *span:
		v = outgoing(s, nil)
	case *idle:
		v = outgoing(nil, s)
	default:
		sc := front.SpanContext()
		if !sc.HasTraceID() {
			return
		}
		h := handOnFrom(ctx, sc.TraceID())
		no := sayUnsampled
		if h.undecided && h.sampled == '0' {
			no = sayUndecided
		}
		v = formatHeader(sc.TraceID(), sc.SpanID(), sampledOr(sc.IsSampled(), no), h.extra)
	}
	carrier.Set(HeaderName, v)
}

// extractedKey finds the header that Extract read: a SpanContext cannot say
// "undecided", nor carry other fields.
type extractedKey struct{}

// Extract leaves ctx alone when it is inside a local segment of that trace:
// instrumentation inside Middleware extracts again what Middleware has read.
func (p propagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	text := carrier.Get(HeaderName)
	if p.tr.set.disabled || text == "" {
		return ctx
	}
	h, sound := parseHeader(text)
	if !sound {
		p.tr.count.badHeaders.Add(1)
	}
	if s, i := own(ctx); !h.hasRoot || localTrace(s, i) == h.root {
		return ctx
	}
	sc := trace.SpanContextConfig{TraceID: h.root, SpanID: h.parent, Remote: true}
	if h.sampled == '1' {
		sc.TraceFlags = trace.FlagsSampled
	}
	ctx = context.WithValue(ctx, extractedKey{}, h)
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(sc))
}

// headerFrom returns what Extract left in ctx.
func headerFrom(ctx context.Context) header {
	h, _ := ctx.Value(extractedKey{}).(header)
	return h
}

// handOnFrom returns what Extract left in ctx of the trace at hand.
func handOnFrom(ctx context.Context, id trace.TraceID) header {
	if h := headerFrom(ctx); h.root == id {
		return h
	}
	return header{}
}

// remoteParent describes the caller: by our header if that is what made the
// current span context, else by the span context, whose sampled flag binds.
func remoteParent(ctx context.Context) header {
	sc := trace.SpanContextFromContext(ctx)
	if h := headerFrom(ctx); h.hasRoot && (h.root == sc.TraceID() || !sc.HasTraceID()) {
		return h
	}
	if !sc.IsValid() {
		return header{}
	}
	h := header{root: sc.TraceID(), hasRoot: true, parent: sc.SpanID(), sampled: '0'}
	if sc.IsSampled() {
		h.sampled = '1'
	}
	return h
}
