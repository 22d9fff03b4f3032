package tracing

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"runtime"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// exception is one recorded error or panic. Its stack is kept as it comes,
// program counters or text, and made readable by the sender.
type exception struct {
	id        trace.SpanID
	kind      string // the Go type, or "panic"
	message   string
	remote    bool // the callee's error, not ours
	pcs       []uintptr
	truncated int    // frames dropped
	text      string // a stack trace as OpenTelemetry's attribute has it
}

// outcome tells whose failure err is: a cancelled context is the caller's
// doing, everything else ours.
func outcome(err error) flags {
	if errors.Is(err, context.Canceled) {
		return flagError
	}
	return flagFault
}

// fail records err as the outcome of s.
func (s *span) fail(err error) {
	s.mark(outcome(err))
	s.addError(err, true)
}

// addError records err. When the same error value has just been recorded
// deeper in the tree, only its id is noted: X-Ray shows the first place.
func (s *span) addError(err error, stack bool) {
	x := exception{kind: typeName(err), message: messageOf(err), remote: s.isRemote()}
	if stack {
		x.pcs, x.truncated = callers(s.seg.tr.set.limits.StackFrames)
	}
	if !s.touch() {
		return
	}
	defer s.release()
	g, d := s.seg, s.detailsLocked()
	if same(g.lastErr, err) && len(d.exceptions) == 0 && g.lastBy.under(s) {
		d.cause = g.lastID
		return
	}
	if id, ok := s.addExceptionLocked(x); ok {
		g.lastErr, g.lastID, g.lastBy = err, id, s
	}
}

// under reports whether s lies below above, not too deep. Elsewhere the same
// error value (io.EOF, say) is another failure.
func (s *span) under(above *span) bool {
	for range maxClimb {
		if s == nil || s.parent == above {
			return s != nil
		}
		s = s.parent
	}
	return false
}

func (s *span) isRemote() bool {
	return s.kind == trace.SpanKindClient || s.kind == trace.SpanKindProducer
}

// addPanic records what recover returned; nil stands for runtime.Goexit.
func (s *span) addPanic(v any) {
	x := exception{kind: "panic"}
	if v == nil {
		x.kind, x.message = "runtime.Goexit", "the goroutine was ended by runtime.Goexit"
	} else {
		x.message = panicMessage(v)
	}
	x.pcs, x.truncated = callers(s.seg.tr.set.limits.StackFrames)
	if !s.touch() {
		return
	}
	defer s.release()
	s.flags |= flagFault
	s.addExceptionLocked(x)
}

func (s *span) addExceptionLocked(x exception) (trace.SpanID, bool) {
	d := s.detailsLocked()
	if len(d.exceptions) >= s.seg.tr.set.limits.Exceptions {
		s.seg.tr.count.exceptionsLost.Add(1)
		return trace.SpanID{}, false
	}
	x.id = s.seg.tr.dice.spanID()
	d.exceptions = append(d.exceptions, x)
	return x.id, true
}

// addExceptionEvent takes an OpenTelemetry exception event.
func (s *span) addExceptionEvent(attrs []attribute.KeyValue) {
	x := exception{remote: s.isRemote()}
	for _, a := range attrs {
		switch a.Key {
		case "exception.type":
			x.kind = a.Value.String()
		case "exception.message":
			x.message = cut(a.Value.String(), maxText)
		case "exception.stacktrace":
			x.text = a.Value.String()
		}
	}
	if s.touch() {
		s.addExceptionLocked(x)
		s.release()
	}
}

// same compares error values; it never panics, though == does when both hold
// the same uncomparable type.
func same(a, b error) (yes bool) {
	if a == nil || b == nil || !reflect.TypeOf(a).Comparable() {
		return false
	}
	defer func() { _ = recover() }()
	return a == b
}

// typeName is the Go type without its star. Wrappers made by fmt.Errorf tell
// nothing, so it looks through them.
func typeName(err error) string {
	for range 16 { // bounded: a broken Unwrap may go in circles
		name := strings.TrimPrefix(fmt.Sprintf("%T", err), "*")
		if name != "fmt.wrapError" {
			return name
		}
		err = errors.Unwrap(err)
	}
	return "fmt.wrapError"
}

// messageOf runs foreign code, which may panic on a nil receiver.
func messageOf(err error) (msg string) {
	defer func() {
		if recover() != nil {
			msg = "its Error method panicked"
		}
	}()
	return cut(withoutQuery(err.Error(), err), maxText)
}

// withoutQuery takes user, password and query off the URL that net/http and
// net/url put into the messages of their errors.
func withoutQuery(msg string, err error) string {
	var u *url.Error
	if !errors.As(err, &u) || u.URL == "" {
		return msg
	}
	quoted := strconv.Quote(u.URL) // as url.Error prints it
	return strings.NewReplacer(quoted, strconv.Quote(bareURL(u.URL)), u.URL, bareURL(u.URL)).Replace(msg)
}

func panicMessage(v any) (msg string) {
	defer func() {
		if recover() != nil {
			msg = fmt.Sprintf("a %T whose text could not be had", v)
		}
	}()
	if err, ok := v.(error); ok {
		return messageOf(err)
	}
	return cut(fmt.Sprint(v), maxText)
}

// callers returns the program counters of the callers' stack, at most limit.
// It asks for some more, because the first frames are the SDK's own.
func callers(limit int) (pcs []uintptr, truncated int) {
	var room [160]uintptr
	n := runtime.Callers(3, room[:])
	keep := min(n, limit+16)
	return append(pcs, room[:keep]...), n - keep
}
