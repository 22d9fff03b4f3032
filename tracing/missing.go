package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// missing is called when a package function finds no segment. It panics in
// mode RUNTIME_ERROR only.
func missing(ctx context.Context, function, name string) {
	tr := global()
	if tr == nil {
		return
	}
	tr.missing(ctx, function, name)
	if tr.set.missing == RuntimeError {
		panic(fmt.Sprintf("tracing: %s %q found no segment in its context: start one with Middleware or Segment, "+
			"or choose LOG_ERROR or IGNORE_ERROR as context-missing mode", function, name))
	}
}

// missing counts and, unless told to ignore it, logs.
func (tr *Tracing) missing(ctx context.Context, function, name string) {
	tr.count.contextMissing.Add(1)
	if tr.set.missing != IgnoreError {
		tr.log.warn(ctx, &tr.log.lastMissing, "no segment in the context: nothing is recorded",
			slog.String("function", function), slog.String("name", name))
	}
}

// quietLog speaks at most once a second about each kind of trouble.
type quietLog struct {
	logger                *slog.Logger
	now                   func() time.Time
	lastMissing, lastSend atomic.Int64 // Unix nanoseconds
}

// warn must not hurt the request that it is called from, whatever the
// program's log handler does.
func (q *quietLog) warn(ctx context.Context, last *atomic.Int64, msg string, attrs ...slog.Attr) {
	t, before := q.now().UnixNano(), last.Load()
	if before != 0 && t-before < int64(time.Second) || !last.CompareAndSwap(before, t) {
		return
	}
	defer func() { _ = recover() }()
	q.logger.LogAttrs(ctx, slog.LevelWarn, "tracing: "+msg, attrs...)
}
