package web

import (
	"context"
	"net/http"
	"net/netip"
	"time"
)

// record is what the outer rooms learn of one request while it runs inward. Its owner is the request's goroutine.
type record struct {
	requestID string
	endpoint  string     // the route's pattern without its method
	client    netip.Addr // zero if the peer has none
	maxJSON   int64      // bytes
	start     time.Time
	err       *Error // the answer, if it was an error
	status    int    // 0 until the header is written
	bytes     int64
}

type recordKey struct{}

func withRecord(ctx context.Context, rec *record) context.Context {
	return context.WithValue(ctx, recordKey{}, rec)
}

// recordOf returns nil outside a request.
func recordOf(ctx context.Context) *record {
	rec, _ := ctx.Value(recordKey{}).(*record)
	return rec
}

// RequestID returns the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	if rec := recordOf(ctx); rec != nil {
		return rec.requestID
	}
	return ""
}

// Endpoint returns the pattern of the route that takes the request which ctx belongs to, without its method:
// contract.Unmatched if none does, "" outside a request.
func Endpoint(ctx context.Context) string {
	if rec := recordOf(ctx); rec != nil {
		return rec.endpoint
	}
	return ""
}

// recorder notes status and size of what passes. Unwrap lets http.ResponseController reach the writer beneath.
type recorder struct {
	http.ResponseWriter
	rec *record
}

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) WriteHeader(status int) {
	// 1xx is not yet the answer.
	if w.rec.status == 0 && status >= 200 {
		w.rec.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.rec.status == 0 {
		w.rec.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.rec.bytes += int64(n)
	return n, err
}

// statusOr200 is the status as the caller sees it: a handler that writes nothing has answered 200.
func (rec *record) statusOr200() int {
	if rec.status == 0 {
		return http.StatusOK
	}
	return rec.status
}
