package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/tracing"
)

// Config is what the rooms around the routes need. Routes, Tracing, Log, Drain, Now and NewID are required.
type Config struct {
	Routes  *http.ServeMux // made by Routes
	Tracing *tracing.Tracing
	Log     *slog.Logger
	Drain   *Drain
	Now     func() time.Time
	NewID   func() string // request ids

	APIKey         string                   // empty lets everyone in
	Open           func(*http.Request) bool // lets requests without the key in, beside the probes; nil: none
	AllowedOrigins []string                 // of CORS, exact; see CheckOrigins; empty allows none
	TrustedProxies []netip.Prefix           // peers whose X-Forwarded-For names the client
	RateLimit      *RateLimit               // nil: none
	MaxBody        int64                    // bytes; 0 is 1 MiB
	MaxJSON        int64                    // bytes of a body that ReadJSON reads, within MaxBody; 0 is 10 MiB
	Page           func(*http.Request) bool // answered with a page of our own; nil: none
	Metrics        *Metrics                 // nil counts nothing
}

// Handler puts the rooms around cfg.Routes in the order that the package comment gives.
func Handler(cfg Config) http.Handler {
	h := http.Handler(cfg.Routes)
	h = limitBody(cfg.MaxBody, h)
	h = requireKey(cfg, h)
	h = limitRate(cfg, h)
	h = cors(cfg.AllowedOrigins, cfg.Log, h)
	h = securityHeaders(cfg.Page, h)
	h = cfg.Drain.gate(h)
	h = recoverPanics(cfg.Log, h)
	h = accessLog(cfg.Log, cfg.Now, h)
	h = cfg.Metrics.count(cfg.Now, h)
	h = annotate(h)
	h = observe(cfg, h)
	return cfg.Tracing.Middleware(h)
}

// observe opens the record of a request and gives it its id, which the response carries too.
func observe(cfg Config, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &record{
			requestID: requestID(r.Header.Get("X-Request-Id"), cfg.NewID),
			endpoint:  endpoint(cfg.Routes, r),
			client:    clientAddr(r, cfg.TrustedProxies),
			maxJSON:   cfg.MaxJSON,
			start:     cfg.Now(),
		}
		w.Header().Set("X-Request-Id", rec.requestID)
		next.ServeHTTP(&recorder{w, rec}, r.WithContext(withRecord(r.Context(), rec)))
	})
}

// requestID keeps the caller's id if it is one: 1 to 64 letters, digits, dots, dashes and underscores.
func requestID(given string, newID func() string) string {
	const legal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	if given == "" || len(given) > 64 || strings.Trim(given, legal) != "" {
		return newID()
	}
	return given
}

// endpoint asks the routes which pattern will take r, also when the request will be refused before it gets there.
func endpoint(routes *http.ServeMux, r *http.Request) string {
	_, pattern := routes.Handler(r)
	if _, path, found := strings.Cut(pattern, " "); found {
		pattern = path
	}
	if pattern == "" || pattern == "/" {
		return contract.Unmatched
	}
	return pattern
}

// annotate writes the annotations that every segment has.
func annotate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		rec := recordOf(ctx)
		tracing.AnnotateSegment(ctx, contract.Endpoint, rec.endpoint)
		tracing.AnnotateSegment(ctx, contract.HTTPMethod, r.Method)
		tracing.AnnotateSegment(ctx, contract.ClientIP, clientIP(rec.client))
		// Deferred, for http.ErrAbortHandler passes as a panic.
		defer func() {
			status := rec.statusOr200()
			tracing.AnnotateSegment(ctx, contract.StatusCode, status)
			// An answer that broke off after its header says 200 and is no success.
			failed := status >= 400 || rec.err != nil
			tracing.AnnotateSegment(ctx, contract.Success, !failed)
			tracing.AnnotateSegment(ctx, contract.HasError, failed)
			if rec.err != nil {
				tracing.AnnotateSegment(ctx, contract.ErrorKind, string(rec.err.Kind))
			}
		}()
		next.ServeHTTP(w, r)
	})
}
