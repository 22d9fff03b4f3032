package tracing

import (
	"context"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Trace calls fn in a subsegment of the current segment. Whatever happens to
// tracing, fn is called exactly once and its error comes back unchanged; an
// error is recorded with its stack and marks the subsegment as a fault, or as
// an error if it is a cancelled context. A panic is recorded and goes on up.
func Trace(ctx context.Context, name string, fn func(context.Context) error) (err error) {
	if off() {
		return fn(nonNil(ctx))
	}
	ctx, s := begin(ctx, "Trace", name)
	if s == nil {
		return fn(ctx)
	}
	done := false
	defer s.conclude(&done, &err)
	err = fn(ctx)
	done = true
	return err
}

// Do is Trace for a function that returns a value, which comes back unchanged
// too.
func Do[T any](ctx context.Context, name string, fn func(context.Context) (T, error)) (v T, err error) {
	if off() {
		return fn(nonNil(ctx))
	}
	ctx, s := begin(ctx, "Do", name)
	if s == nil {
		return fn(ctx)
	}
	done := false
	defer s.conclude(&done, &err)
	v, err = fn(ctx)
	done = true
	return v, err
}

// Begin starts a subsegment by hand. It must be ended with End or its own
// End. Without a segment in ctx it returns ctx and a span that does nothing.
func Begin(ctx context.Context, name string) (context.Context, trace.Span) {
	ctx, s := begin(ctx, "Begin", name)
	if s != nil {
		return ctx, s
	}
	// Not what stands in the context: that may be a foreign span, and the caller will end this one.
	if _, i := current(ctx); i != nil {
		return ctx, i
	}
	return ctx, noop.Span{}
}

// End ends a span and records err, if any, as Trace does. Spans of other
// makers get RecordError and End. A nil span is ignored.
func End(sp trace.Span, err error) {
	switch s := sp.(type) {
	case nil, *idle:
	case *span:
		if err != nil {
			s.fail(err)
		}
		s.end(s.seg.elapsed())
	default:
		if err != nil {
			s.RecordError(err)
		}
		s.End()
	}
}

// Segment calls fn in a new segment, for work that no request caused: workers,
// jobs, start-up. Inside another segment it becomes a subsegment. The
// guarantees are those of Trace. An empty name is the service's.
func (tr *Tracing) Segment(ctx context.Context, name string, fn func(context.Context) error) (err error) {
	ctx = nonNil(ctx)
	if tr.set.disabled {
		return fn(ctx)
	}
	ctx, s := tr.openOrNest(ctx, name)
	if s == nil {
		return fn(ctx)
	}
	done := false
	defer s.conclude(&done, &err)
	err = fn(ctx)
	done = true
	return err
}

func (tr *Tracing) openOrNest(ctx context.Context, name string) (context.Context, *span) {
	if name == "" {
		name = tr.set.name
	}
	if s, i := current(ctx); s != nil {
		return begin(ctx, "Segment", name)
	} else if i != nil {
		return ctx, nil
	}
	h := headerFrom(ctx)
	return tr.open(ctx, name, h, request{service: name})
}

// begin returns a new current subsegment, or the context it was given and nil.
func begin(ctx context.Context, function, name string) (context.Context, *span) {
	ctx = nonNil(ctx)
	s, i := current(ctx)
	if s == nil {
		if i == nil {
			missing(ctx, function, name)
		}
		return ctx, nil
	}
	c := s.child(ctx, name)
	return c.inContext(), c
}

// conclude is deferred around foreign code. It ends s in every case: return,
// panic (recorded, then raised again with the same value) and Goexit.
func (s *span) conclude(done *bool, err *error) {
	if *done {
		if *err != nil {
			s.fail(*err)
		}
		s.end(s.seg.elapsed())
		return
	}
	v := recover()
	s.addPanic(v)
	s.end(s.seg.elapsed())
	if v != nil {
		panic(v)
	}
}
