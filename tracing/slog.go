package tracing

import (
	"context"
	"log/slog"
)

// LogHandler returns a handler that adds trace_id (X-Ray form), segment_id (16
// hex digits, of the innermost segment or subsegment) and sampled to records
// whose context is inside a segment. They stand at the top level, outside of
// groups opened with WithGroup.
func LogHandler(h slog.Handler) slog.Handler {
	return &logHandler{top: h, now: h}
}

// logHandler keeps two handlers once a group is open: top, from before the
// first group, and the steps from there; now is top with the steps applied.
type logHandler struct {
	top, now slog.Handler
	steps    []func(slog.Handler) slog.Handler
}

func (l *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return l.now.Enabled(ctx, level)
}

func (l *logHandler) Handle(ctx context.Context, r slog.Record) error {
	attrs, ok := logAttrs(ctx)
	if !ok {
		return l.now.Handle(ctx, r)
	}
	if len(l.steps) == 0 {
		r = r.Clone()
		r.AddAttrs(attrs[:]...)
		return l.now.Handle(ctx, r)
	}
	h := l.top.WithAttrs(attrs[:])
	for _, step := range l.steps {
		h = step(h)
	}
	return h.Handle(ctx, r)
}

func (l *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(l.steps) == 0 {
		h := l.top.WithAttrs(attrs)
		return &logHandler{top: h, now: h}
	}
	return l.then(func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs) })
}

func (l *logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return l
	}
	return l.then(func(h slog.Handler) slog.Handler { return h.WithGroup(name) })
}

func (l *logHandler) then(step func(slog.Handler) slog.Handler) slog.Handler {
	steps := append(l.steps[:len(l.steps):len(l.steps)], step)
	return &logHandler{top: l.top, now: step(l.now), steps: steps}
}

func logAttrs(ctx context.Context) (attrs [3]slog.Attr, ok bool) {
	s, i := current(nonNil(ctx))
	switch {
	case s != nil:
		attrs[0] = slog.String("trace_id", string(appendTraceID(nil, s.seg.traceID)))
		attrs[1] = slog.String("segment_id", s.id.String())
	case i != nil:
		attrs[0] = slog.String("trace_id", string(appendTraceID(nil, i.traceID)))
		attrs[1] = slog.String("segment_id", i.id.String())
	default:
		return attrs, false
	}
	attrs[2] = slog.Bool("sampled", s != nil && !s.seg.undecided)
	return attrs, true
}

// TraceID returns the id of the current trace in X-Ray form, 1-8HEX-24HEX,
// recorded or not; "" outside of a trace.
func TraceID(ctx context.Context) string {
	s, i := current(nonNil(ctx))
	switch {
	case s != nil:
		return string(appendTraceID(nil, s.seg.traceID))
	case i != nil:
		return string(appendTraceID(nil, i.traceID))
	}
	return ""
}
