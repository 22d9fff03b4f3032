package web

import (
	"log/slog"
	"net/http"
	"time"
)

// accessLog writes one line per request: info below 400, warn below 500 and for callers who have gone, error above.
func accessLog(log *slog.Logger, now func() time.Time, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := recordOf(r.Context())
		defer func() {
			status := rec.statusOr200()
			attrs := []slog.Attr{
				slog.String("method", r.Method),
				slog.String("endpoint", rec.endpoint),
				slog.Int("status", status),
				slog.Float64("duration_ms", Milliseconds(now().Sub(rec.start))),
				slog.Int64("bytes", rec.bytes),
				slog.String("client_ip", clientIP(rec.client)),
			}
			if rec.err != nil {
				attrs = append(attrs, slog.String("error_type", string(rec.err.Kind)), slog.String("error", rec.err.Error()))
			}
			log.LogAttrs(r.Context(), levelOf(status, rec.endpoint), "request", attrs...)
		}()
		next.ServeHTTP(w, r)
	})
}

func levelOf(status int, endpoint string) slog.Level {
	switch {
	case status >= 500:
		return slog.LevelError
	case status >= 400:
		return slog.LevelWarn
	case isProbe(endpoint):
		return slog.LevelDebug // an orchestrator asks every few seconds
	}
	return slog.LevelInfo
}
