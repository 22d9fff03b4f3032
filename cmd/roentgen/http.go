package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/roentgen/roentgen/access"
	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/console"
	"github.com/roentgen/roentgen/manual"
)

// health answers probes. Alive says that the process runs; ready that it answers
// and has not lost its disk; ready to write that it would take documents now. The
// first two have nothing to do with the third: a load balancer that takes the
// only server away while its disk is full takes the traces away too.
type health struct {
	draining atomic.Bool
	probe    func(context.Context) error // nil error: the store works
	writes   func(context.Context) error // nil error: documents are taken; nil: nobody knows
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
	switch ask := r.URL.Query().Get("writes"); ask {
	case "", "0":
		fmt.Fprintln(w, "ready")
	case "1":
		h.readyToWrite(w, r)
	default:
		http.Error(w, fmt.Sprintf("writes=%q is neither 0 nor 1", ask), http.StatusBadRequest)
	}
}

func (h *health) readyToWrite(w http.ResponseWriter, r *http.Request) {
	if h.writes != nil {
		if err := h.writes(r.Context()); err != nil {
			http.Error(w, "answers questions, and takes no documents: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, "ready, for documents too")
}

// serverMux is everything behind --http. Open to all are the probes, the
// files of console and manual, which hold nothing that is not in the program,
// and the login; all else stands behind the guard, also what is yet to be
// written.
func serverMux(a *api.API, agents api.Agents, h *health, guard *access.Guard, reg *prometheus.Registry, about api.Console, backup http.HandlerFunc, accesses *accessLog) *http.ServeMux {
	inner := http.NewServeMux()
	a.Register(inner)
	a.RegisterConsole(inner, about)
	a.RegisterAgents(inner, agents)
	if backup != nil {
		inner.HandleFunc("GET /api/backup", backup)
	}
	inner.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{Registry: reg}))
	guarded := guard.Wrap(accesses.wrap(inner))

	mux := http.NewServeMux()
	h.register(mux)
	guard.Register(mux)
	mux.Handle("GET /", console.Handler())
	pages := manual.Handler()
	mux.Handle("GET /docs", pages)
	mux.Handle("GET /docs/", pages)
	mux.Handle("/", guarded)
	for _, path := range []string{"GET /metrics", "GET /api/"} {
		mux.Handle(path, guarded)
	}
	return mux
}

func (h *health) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", h.alive)
	mux.HandleFunc("GET /readyz", h.ready)
}

// serveHTTP answers on l until ctx ends, then finishes the requests under way
// within drain. secure is nil where no TLS is spoken.
func serveHTTP(ctx context.Context, l net.Listener, handler http.Handler, secure *tls.Config, log *slog.Logger, drain time.Duration) error {
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		TLSConfig:         secure,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // broken handshakes of strangers
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
	err := serveOn(srv, l)
	if stop() { // Serve ended by itself
		return fmt.Errorf("serve http on %s: %w", l.Addr(), err)
	}
	if err := <-stopped; err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("finish requests on %s within %s: %w", l.Addr(), drain, err)
	}
	return nil
}

func serveOn(srv *http.Server, l net.Listener) error {
	if srv.TLSConfig == nil {
		return srv.Serve(l)
	}
	return srv.ServeTLS(l, "", "") // the certificate is in TLSConfig
}
