package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// serveHTTP answers on l until ctx ends, then finishes the requests under way.
func (a *Agent) serveHTTP(ctx context.Context, l net.Listener, handler http.Handler) error {
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(a.cfg.Logger.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.Drain)
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
		return fmt.Errorf("finish requests on %s within %s: %w", l.Addr(), a.cfg.Drain, err)
	}
	return nil
}
