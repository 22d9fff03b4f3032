package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/roentgen/roentgen/api"
)

// health answers probes. Alive says that the process runs; ready that it can
// accept and store.
type health struct {
	draining atomic.Bool
	probe    func(context.Context) error // nil error: the store works
}

func (h *health) alive(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	if h.draining.Load() {
		http.Error(w, "shutting down", http.StatusServiceUnavailable)
		return
	}
	if err := h.probe(r.Context()); err != nil {
		http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// front is what stands at / until there is a page to show.
const front = `Roentgen speaks AWS X-Ray here.

X-Ray API   POST /TraceSegments, /TraceSummaries, /Traces, /GetSamplingRules,
            /SamplingTargets, /TelemetryRecords
Metrics     GET /metrics
Health      GET /healthz, /readyz

Try: aws --endpoint-url http://%s --region local xray get-trace-summaries \
         --start-time $(date -d '1 hour ago' +%%s) --end-time $(date +%%s)
`

func serverMux(a *api.API, h *health, reg *prometheus.Registry) *http.ServeMux {
	mux := http.NewServeMux()
	a.Register(mux)
	h.register(mux)
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{Registry: reg}))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, front, r.Host)
	})
	return mux
}

// daemonMux is the TCP side of port 2000: what SDKs ask a daemon for, and a
// way in for documents that no datagram can hold.
func daemonMux(a *api.API, h *health) *http.ServeMux {
	mux := http.NewServeMux()
	a.RegisterDaemon(mux)
	h.register(mux)
	return mux
}

func (h *health) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", h.alive)
	mux.HandleFunc("GET /readyz", h.ready)
}

// serveHTTP answers on l until ctx ends, then finishes the requests under way
// within drain.
func serveHTTP(ctx context.Context, l net.Listener, handler http.Handler, drain time.Duration) error {
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancel()
		err := srv.Shutdown(bounded)
		if err != nil {
			srv.Close()
		}
		stopped <- err
	})
	err := srv.Serve(l)
	if stop() { // Serve ended by itself
		return fmt.Errorf("serve http on %s: %w", l.Addr(), err)
	}
	if err := <-stopped; err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("finish requests on %s within %s: %w", l.Addr(), drain, err)
	}
	return nil
}
