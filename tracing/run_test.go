package tracing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

func TestTraceCallsOnceAndReturnsTheSameError(t *testing.T) {
	recording, a := start(t, Config{})
	unsampled := startAt(t, Config{SamplingRate: rate(0)})
	disabled := startAt(t, Config{Disabled: true})
	want := errors.New("disk on fire")
	for name, tr := range map[string]*Tracing{"recording": recording, "unsampled": unsampled, "disabled": disabled} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			count := func(context.Context) error { calls++; return want }
			value := func(context.Context) (string, error) { calls++; return "v", want }
			err := tr.Segment(context.Background(), "job", func(ctx context.Context) error {
				if err := Trace(ctx, "a", count); err != want {
					t.Errorf("Trace returned %v", err)
				}
				if v, err := Do(ctx, "b", value); v != "v" || err != want {
					t.Errorf("Do returned %q, %v", v, err)
				}
				return count(ctx)
			})
			if err != want || calls != 3 {
				t.Errorf("Segment returned %v after %d calls, want 3", err, calls)
			}
		})
	}
	d := a.wait(1)[0]
	a.is(d, `true`, "fault")
	a.is(d, `"job"`, "name")
	a.is(d, `"disk on fire"`, "subsegments", 0, "cause", "exceptions", 0, "message")
	a.is(d, `"errors.errorString"`, "subsegments", 0, "cause", "exceptions", 0, "type")
	id := at(t, d, "subsegments", 1, "cause", "exceptions", 0, "id")
	if got := at(t, d, "cause"); got != id {
		t.Errorf("the segment's cause is %v, want the exception %v recorded last", got, id)
	}
}

func TestAPanicIsRecordedWithItsStackAndGoesOnUp(t *testing.T) {
	tr, a := start(t, Config{})
	value := &struct{ n int }{7}
	got := func() (v any) {
		defer func() { v = recover() }()
		_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
			_, err := Do(ctx, "inner", func(context.Context) (int, error) { panic(value) })
			return err
		})
		return nil
	}()
	if got != value {
		t.Fatalf("recovered %v, want the value that was thrown", got)
	}
	d := a.wait(1)[0]
	for _, path := range [][]any{{}, {"subsegments", 0}} {
		a.is(at(t, d, path...), `true`, "fault")
		a.is(at(t, d, path...), `"panic"`, "cause", "exceptions", 0, "type")
	}
	a.is(d, `"TestAPanicIsRecordedWithItsStackAndGoesOnUp.func1.2.1"`, "subsegments", 0, "cause", "exceptions", 0, "stack", 0, "label")
	a.is(d, `"github.com/roentgen/roentgen/tracing/run_test.go"`, "subsegments", 0, "cause", "exceptions", 0, "stack", 0, "path")
}

func TestARuntimePanicShowsTheGuiltyLineFirst(t *testing.T) {
	tr, a := start(t, Config{})
	func() {
		defer func() { _ = recover() }()
		_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
			var m map[string]int
			m["x"] = 1 //lint:ignore SA5000 this is the point
			return nil
		})
	}()
	d := a.wait(1)[0]
	a.is(d, `"assignment to entry in nil map"`, "cause", "exceptions", 0, "message")
	if label := text(t, d, "cause", "exceptions", 0, "stack", 0, "label"); !strings.Contains(label, "TestARuntimePanic") {
		t.Errorf("first frame is %s", label)
	}
}

func TestGoexitDoesNotLoseTheSegment(t *testing.T) {
	tr, a := start(t, Config{})
	var done sync.WaitGroup
	done.Go(func() {
		_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
			return Trace(ctx, "inner", func(context.Context) error { runtime.Goexit(); return nil })
		})
	})
	done.Wait()
	d := a.wait(1)[0]
	a.is(d, `"runtime.Goexit"`, "subsegments", 0, "cause", "exceptions", 0, "type")
	a.is(d, `true`, "fault")
}

func TestACancelledContextIsAnErrorNotAFault(t *testing.T) {
	tr, a := start(t, Config{})
	_ = tr.Segment(context.Background(), "", func(ctx context.Context) error { return fmt.Errorf("waiting: %w", context.Canceled) })
	d := a.wait(1)[0]
	a.is(d, `true`, "error")
	a.is(d, `null`, "fault")
	a.is(d, `"errors.errorString"`, "cause", "exceptions", 0, "type")
	a.is(d, `"waiting: context canceled"`, "cause", "exceptions", 0, "message")
}

func TestTheSameErrorInTwoPlacesIsTwoFailures(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		for _, name := range []string{"first", "second"} {
			_ = Trace(ctx, name, func(ctx context.Context) error {
				return Trace(ctx, "inner", func(context.Context) error { return io.EOF })
			})
		}
	})
	for i := range 2 {
		a.is(d, `"EOF"`, "subsegments", i, "subsegments", 0, "cause", "exceptions", 0, "message")
		id := text(t, d, "subsegments", i, "subsegments", 0, "cause", "exceptions", 0, "id")
		a.is(d, id, "subsegments", i, "cause")
	}
}

func TestBeginAndEndByHand(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		inner, s := Begin(ctx, "outer")
		_, s2 := Begin(inner, "inner")
		End(s2, io.ErrUnexpectedEOF)
		End(s, nil)
		End(s, nil)
		End(nil, io.EOF)
		Annotate(inner, "late", 1)
	})
	a.is(d, `"outer"`, "subsegments", 0, "name")
	a.is(d, `"inner"`, "subsegments", 0, "subsegments", 0, "name")
	a.is(d, `true`, "subsegments", 0, "subsegments", 0, "fault")
	a.is(d, `null`, "subsegments", 0, "annotations")
	if st := tr.Stats(); st.DoubleEnds != 1 || st.UsesAfterEnd != 1 {
		t.Errorf("stats are %+v", st)
	}
}

func TestBeginNeverHandsOutASpanOfOthers(t *testing.T) {
	tr := startAt(t, Config{SamplingRate: rate(0)})
	foreign := &ended{}
	begin := func(ctx context.Context) error {
		_, s := Begin(trace.ContextWithSpan(ctx, foreign), "x")
		End(s, io.EOF)
		return nil
	}
	_ = begin(context.Background())
	_ = tr.Segment(context.Background(), "", begin)
	if foreign.times != 0 {
		t.Errorf("the span around Begin was ended %d times", foreign.times)
	}
}

// ended is a span of another maker.
type ended struct {
	noop.Span
	times int
}

func (e *ended) End(...trace.SpanEndOption) { e.times++ }

func TestASegmentInsideASegmentIsASubsegment(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		_ = tr.Segment(ctx, "step", func(context.Context) error { return nil })
	})
	a.is(d, `"step"`, "subsegments", 0, "name")
}

type brokenError struct{ p *int }

func (b brokenError) Error() string { return fmt.Sprint(*b.p) }

type uncomparable []int

func (uncomparable) Error() string { return "uncomparable" }

func TestErrorsThatMisbehaveHurtNobody(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		for _, err := range []error{brokenError{}, uncomparable{}, uncomparable{}, error(nil)} {
			if got := Trace(ctx, "x", func(context.Context) error { return err }); fmt.Sprintf("%T", got) != fmt.Sprintf("%T", err) {
				t.Errorf("got %T for %T", got, err)
			}
		}
	})
	a.is(d, `"its Error method panicked"`, "subsegments", 0, "cause", "exceptions", 0, "message")
	a.is(d, `"uncomparable"`, "subsegments", 2, "cause", "exceptions", 0, "message")
	a.is(d, `null`, "subsegments", 3, "fault")
}

func TestTheContextOfASpanIsTheCallersContext(t *testing.T) {
	type key struct{}
	tr, _ := start(t, Config{})
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, "v"))
	_ = tr.Segment(ctx, "", func(ctx context.Context) error {
		child, stop := context.WithCancel(ctx)
		defer stop()
		cancel()
		<-child.Done()
		if ctx.Value(key{}) != "v" || ctx.Err() != context.Canceled {
			t.Error("the caller's value or cancellation is lost")
		}
		if sc := trace.SpanContextFromContext(ctx); !sc.IsValid() || !sc.IsSampled() {
			t.Error("OpenTelemetry does not see the segment")
		}
		if s := fmt.Sprint(ctx); !strings.HasPrefix(s, "tracing.span ") {
			t.Errorf("the context prints as %q", s)
		}
		return nil
	})
}

func TestSpansWorkWhenOpenTelemetryHidesItsKey(t *testing.T) {
	// What inContext does when the key could not be found: an ordinary wrap.
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		s, _ := current(ctx)
		wrapped := trace.ContextWithSpan(context.Background(), s)
		_ = Trace(wrapped, "child", func(context.Context) error { return nil })
	})
	a.is(d, `"child"`, "subsegments", 0, "name")
}
