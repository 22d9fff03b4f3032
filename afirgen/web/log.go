package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/roentgen/roentgen/tracing"
)

// NewLogger returns the logger of one service: format is "json" or "text", level one of debug, info, warn, error. Lines
// written with a request's context say its trace_id, segment_id, sampled and request_id.
func NewLogger(w io.Writer, format, level, service string) (*slog.Logger, error) {
	var min slog.Level
	if err := min.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("reading log level %q: it must be debug, info, warn or error", level)
	}
	opts := &slog.HandlerOptions{Level: min}
	var h slog.Handler
	switch format {
	case "json":
		h = slog.NewJSONHandler(w, opts)
	case "text":
		h = slog.NewTextHandler(w, opts)
	default:
		return nil, fmt.Errorf("reading log format %q: it must be json or text", format)
	}
	return slog.New(tracing.LogHandler(requestLogger{h})).With("service", service), nil
}

// requestLogger adds request_id.
type requestLogger struct{ slog.Handler }

func (h requestLogger) Handle(ctx context.Context, line slog.Record) error {
	if id := RequestID(ctx); id != "" {
		line.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, line)
}

func (h requestLogger) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLogger{h.Handler.WithAttrs(attrs)}
}

func (h requestLogger) WithGroup(name string) slog.Handler {
	return requestLogger{h.Handler.WithGroup(name)}
}
