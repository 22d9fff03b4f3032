package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// errCut is why the contexts of requests end that outlast Grace.
var errCut = errors.New("the service is stopping and waits no longer")

// Server is one service's port.
type Server struct {
	Listener net.Listener // Run closes it
	Handler  http.Handler
	Drain    *Drain
	Grace    time.Duration // how long work in hand may take after a stop; 0 is 30 s
	Log      *slog.Logger
}

// Run serves until ctx ends, then refuses new work, waits for the work in hand for at most Grace, cuts what is left,
// and closes the port. It returns nil after a stop that was asked for, even if work was cut, which the log says.
func (s Server) Run(ctx context.Context) error {
	requests, cutRequests := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cutRequests(nil)
	server := &http.Server{
		Handler:           s.Handler,
		BaseContext:       func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute, // 25 MiB over a slow line
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
		// net/http would answer OPTIONS * itself: without a trace id, and to callers without a key.
		DisableGeneralOptionsHandler: true,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.Listener) }()
	s.Log.Info("listening", "addr", s.Listener.Addr().String())

	select {
	case err := <-served:
		return fmt.Errorf("serving on %s: %w", s.Listener.Addr(), err)
	case <-ctx.Done():
	}
	err := s.stop(server, cutRequests)
	<-served
	return err
}

func (s Server) stop(server *http.Server, cutRequests context.CancelCauseFunc) error {
	grace := s.Grace
	if grace == 0 {
		grace = 30 * time.Second
	}
	s.Log.Info("stopping: new work is refused", "in_flight", s.Drain.State().InHand, "grace", grace.String())
	patience, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := s.Drain.Wait(patience); err != nil {
		s.Log.Warn("stopping: work that was still in hand is cut", "in_flight", s.Drain.State().InHand)
		cutRequests(errCut)
	}
	// What is left are answers of a few bytes: refusals, probes, and the errors of what was cut.
	last, cancelLast := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancelLast()
	if err := server.Shutdown(last); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("closing the port: %w", err)
	}
	return server.Close()
}
