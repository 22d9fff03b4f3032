package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/tracing"
)

// StatusClientCancelled answers a caller who has gone; it is seen in traces and logs alone. The number is nginx's.
const StatusClientCancelled = 499

// Error is an answer other than success. Detail is read by the caller and must hold nothing that a caller wrote; Cause
// goes to logs and traces and must not either.
type Error struct {
	Status     int // of HTTP
	Kind       contract.ErrorType
	Detail     string
	RetryAfter time.Duration // sent as Retry-After in whole seconds, rounded up; 0 sends none
	Problems   any           // what to mend, as JSON under "problems"; must hold nothing that a caller wrote; nil sends none
	Cause      error

	stack []uintptr // where a fault was first known; nil for what the caller did
}

// Fail makes an Error without a cause. A fault, 500 and above, remembers where it was made.
func Fail(status int, kind contract.ErrorType, detail string) *Error {
	e := &Error{Status: status, Kind: kind, Detail: detail}
	if status >= 500 {
		e.stack = callers(1)
	}
	return e
}

// Because returns a copy of e with its cause.
func (e *Error) Because(cause error) *Error {
	with := *e
	with.Cause = cause
	return &with
}

// Error implements error.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Detail
	}
	return e.Detail + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// StatusCode returns the HTTP status.
func (e *Error) StatusCode() int { return e.Status }

// AsError turns any error into the answer it deserves. What is not an *Error and not known by its type is internal: its
// sentence is for our logs, not for the caller.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return tooLargeError(tooLarge.Limit)
	case errors.Is(err, context.Canceled):
		return Fail(StatusClientCancelled, contract.ClientCancelled, "the client closed the connection before the answer was ready")
	case errors.Is(err, context.DeadlineExceeded):
		return Fail(http.StatusGatewayTimeout, contract.UpstreamTimeout, "the request took longer than it may").Because(err)
	}
	return Fail(http.StatusInternalServerError, contract.Internal,
		"internal error; the log line with this answer's X-Request-Id says which").Because(err)
}

// Overloaded is the answer when a gate is full.
func Overloaded(cause error) *Error {
	e := Fail(http.StatusServiceUnavailable, contract.Overloaded, "all workers are busy and the queue is full: ask again soon")
	e.RetryAfter = time.Second
	return e.Because(cause)
}

func tooLargeError(limit int64) *Error {
	return Fail(http.StatusRequestEntityTooLarge, contract.TooLarge,
		"the body is larger than "+strconv.FormatInt(limit, 10)+" bytes")
}

// WriteError answers r with err as {"detail": …}, and notes it in the record, the segment and, for 5xx, its cause.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	e := AnswerTo(r, err)
	noteError(r.Context(), e)
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", seconds(e.RetryAfter))
	}
	body := errorBody{Detail: e.Detail, ErrorType: e.Kind, Problems: e.Problems}
	if e.Kind == contract.RateLimited {
		body.Error = "too_many_requests" // the word that callers of the first AFIRGen look for
	}
	WriteJSON(w, e.Status, body)
}

// AnswerTo turns err into the answer that r deserves: AsError, but for a stop of ours, which looks like a caller who goes.
func AnswerTo(r *http.Request, err error) *Error {
	e := AsError(err)
	if e.Kind == contract.ClientCancelled && errors.Is(context.Cause(r.Context()), errCut) {
		return drainingError() // it was us who cancelled
	}
	return e
}

type errorBody struct {
	Detail    string             `json:"detail"`
	ErrorType contract.ErrorType `json:"error_type"`
	Error     string             `json:"error,omitempty"`
	Problems  any                `json:"problems,omitempty"`
}

// noteError writes e into the record and the segment. A fault leaves its cause in X-Ray's own form, and a copy of
// message and stack in metadata, where a reader of the trace looks for it first.
func noteError(ctx context.Context, e *Error) {
	if rec := recordOf(ctx); rec != nil {
		rec.err = e
	}
	if e.Status < 500 {
		tracing.Metadata(ctx, contract.ErrorNamespace, contract.Message, e.Detail)
		return
	}
	tracing.Metadata(ctx, contract.ErrorNamespace, contract.Message, e.Error())
	if stack := stackText(e.stack); stack != "" {
		tracing.Metadata(ctx, contract.ErrorNamespace, contract.Stack, stack)
	}
	if e.Kind != contract.Panicked { // whose exception recoverPanics has recorded
		trace.SpanFromContext(ctx).RecordError(e, trace.WithStackTrace(true))
	}
}

// WriteJSON answers with body. A caller who does not read the answer is no error of ours.
func WriteJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"detail":"internal error: the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)+1))
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n'))
}
