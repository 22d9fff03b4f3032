package tracing

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace/noop"
)

// asGlobal makes tr the program's instance for the length of the test, which
// therefore must not run in parallel.
func asGlobal(t *testing.T, tr *Tracing) {
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(tr)
	t.Cleanup(func() {
		if before == nil {
			before = noop.NewTracerProvider()
		}
		otel.SetTracerProvider(before)
	})
}

// everyFunction calls all functions that need a segment, without one.
func everyFunction(calls *int) {
	ctx := context.Background()
	_ = Trace(ctx, "a", func(context.Context) error { *calls++; return nil })
	_, _ = Do(ctx, "b", func(context.Context) (int, error) { *calls++; return 1, nil })
	_, s := Begin(ctx, "c")
	End(s, nil)
	Annotate(ctx, "k", 1)
	AnnotateSegment(ctx, "k", 1)
	Metadata(ctx, "n", "k", 1)
	SetUser(ctx, "u")
}

func TestWithoutASegmentWorkGoesOnAndIsCounted(t *testing.T) {
	var logged bytes.Buffer
	c := newClock()
	tr := startAt(t, Config{Logger: slog.New(slog.NewTextHandler(&logged, nil)), Now: c.now})
	asGlobal(t, tr)
	calls := 0
	everyFunction(&calls)
	if n := tr.Stats().ContextMissing; n != 7 || calls != 2 {
		t.Errorf("%d missing contexts counted, want 7; %d calls, want 2", n, calls)
	}
	if n := strings.Count(logged.String(), "no segment"); n != 1 {
		t.Errorf("%d lines logged within a second, want 1:\n%s", n, &logged)
	}
	c.add(2 * time.Second)
	everyFunction(&calls)
	if n := strings.Count(logged.String(), "no segment"); n != 2 {
		t.Errorf("%d lines logged after two seconds, want 2", n)
	}
}

func TestIgnoreErrorIsSilent(t *testing.T) {
	var logged bytes.Buffer
	tr := startAt(t, Config{Logger: slog.New(slog.NewTextHandler(&logged, nil)), ContextMissing: IgnoreError})
	asGlobal(t, tr)
	calls := 0
	everyFunction(&calls)
	if tr.Stats().ContextMissing != 7 || logged.Len() > 0 {
		t.Errorf("stats %+v, log %q", tr.Stats(), &logged)
	}
}

func TestRuntimeErrorPanicsBeforeTheFunctionRuns(t *testing.T) {
	tr := startAt(t, Config{ContextMissing: RuntimeError})
	asGlobal(t, tr)
	calls := 0
	var got any
	func() {
		defer func() { got = recover() }()
		_ = Trace(context.Background(), "lonely", func(context.Context) error { calls++; return nil })
	}()
	msg, _ := got.(string)
	if calls != 0 || !strings.Contains(msg, `"lonely"`) || !strings.Contains(msg, "LOG_ERROR") {
		t.Errorf("%d calls, panic %v", calls, got)
	}
}

func TestWithoutAnyInstanceNothingHappens(t *testing.T) {
	calls := 0
	everyFunction(&calls)
	everyFunctionNil(&calls)
	if calls != 3 {
		t.Errorf("%d calls, want 3", calls)
	}
}

func everyFunctionNil(calls *int) {
	var none context.Context
	_ = Trace(none, "a", func(context.Context) error { *calls++; return nil })
	Annotate(none, "k", 1)
	AnnotateSegment(none, "k", 1)
	Metadata(none, "n", "k", 1)
	SetUser(none, "u")
	_ = TraceID(none)
	_ = CalleeName(none, "x")
}

type angryHandler struct{ slog.Handler }

func (angryHandler) Enabled(context.Context, slog.Level) bool { panic("log handler") }

func TestALogHandlerThatPanicsHurtsNobody(t *testing.T) {
	tr := startAt(t, Config{Logger: slog.New(angryHandler{slog.DiscardHandler})})
	asGlobal(t, tr)
	calls := 0
	everyFunction(&calls)
	if calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
}
