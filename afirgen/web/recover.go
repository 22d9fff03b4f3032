package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// recoverPanics answers a panic with 500 and records it with its stack. It stands inside the segment, so that the
// segment has the answer's true status and size.
func recoverPanics(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(value) // net/http's own way to cut a connection
			}
			notePanic(log, r, value, string(debug.Stack()))
			answerPanic(w, r, panicError(value))
		}()
		next.ServeHTTP(w, r)
	})
}

func notePanic(log *slog.Logger, r *http.Request, value any, stack string) {
	message := panicMessage(value)
	log.ErrorContext(r.Context(), "panic", "value", message, "stack", stack)
	trace.SpanFromContext(r.Context()).AddEvent("exception", trace.WithAttributes(
		attribute.String("exception.type", "panic"),
		attribute.String("exception.message", message),
		attribute.String("exception.stacktrace", stack),
	))
}

// panicMessage tells what a panic says only when the runtime said it: any other value may hold a piece of a complaint.
func panicMessage(value any) string {
	if err, ok := value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("a value of type %T", value)
}

// panicError is the answer to a panic; it must be called while that is on the stack.
func panicError(value any) *Error {
	return &Error{
		Status: http.StatusInternalServerError, Kind: contract.Panicked,
		Detail: "internal error; the log line with this answer's X-Request-Id says which",
		Cause:  errors.New("panic: " + panicMessage(value)), stack: callers(1),
	}
}

func answerPanic(w http.ResponseWriter, r *http.Request, e *Error) {
	if rec := recordOf(r.Context()); rec != nil && rec.status != 0 {
		noteError(r.Context(), e)
		panic(http.ErrAbortHandler) // half an answer is out: cut it, so that nobody takes it for a whole one
	}
	WriteError(w, r, e)
}
