// Package local runs on one machine what stands beside the services in a cloud: the rooms below it are a small S3, a small
// Secrets Manager, a small load balancer and MariaDB. Its own part is to serve one of them on a port of loopback until it
// is told to stop.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Endpoint is one port.
type Endpoint struct {
	Name    string // for log lines and errors
	Addr    string // host:port; port 0 is any free one
	Handler http.Handler
	Grace   time.Duration // how long work in hand may take after the stop
	Anyone  bool          // other hosts may reach it too; else the address has to be on loopback
	Ready   bool          // answer GET /readyz itself: the handler would ask for a signature
	Log     *slog.Logger
}

// Run serves until ctx ends, then waits for the work in hand, at most Grace. It returns nil after a stop that was asked
// for.
func (e Endpoint) Run(ctx context.Context) error {
	listener, err := e.listen()
	if err != nil {
		return fmt.Errorf("starting %s: %w", e.Name, err)
	}
	server := &http.Server{
		Handler:           e.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(e.Log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	e.Log.Info("listening", "endpoint", e.Name, "addr", listener.Addr().String())
	select {
	case err := <-served:
		return fmt.Errorf("serving %s on %s: %w", e.Name, listener.Addr(), err)
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.Grace)
	defer cancel()
	err = server.Shutdown(patience)
	<-served
	if errors.Is(err, context.DeadlineExceeded) {
		e.Log.Warn("stopping: work that was still in hand is cut", "endpoint", e.Name, "grace", e.Grace.String())
		err = server.Close()
	}
	if err != nil {
		return fmt.Errorf("stopping %s: %w", e.Name, err)
	}
	e.Log.Info("stopped", "endpoint", e.Name)
	return nil
}

func (e Endpoint) listen() (net.Listener, error) {
	host, _, err := net.SplitHostPort(e.Addr)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); !e.Anyone && host != "localhost" && !ip.IsLoopback() {
		return nil, fmt.Errorf("%s is not on loopback, and this endpoint is for one machine; use 127.0.0.1", e.Addr)
	}
	return net.Listen("tcp", e.Addr)
}

func (e Endpoint) handler() http.Handler {
	if !e.Ready {
		return e.Handler
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/readyz" && r.Header.Get("Authorization") == "" {
			_, _ = w.Write([]byte("ready\n")) // a client that has gone learns nothing
			return
		}
		e.Handler.ServeHTTP(w, r)
	})
}
