package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/web"
)

// healthSettings are the flags of healthcheck.
type healthSettings struct {
	addr  string
	ready bool
	limit time.Duration
}

func healthcheckCommand() *cobra.Command {
	var s healthSettings
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Asks a service on this host whether it is alive, for images that have no curl",
		Long: `Asks a service on this host whether it is alive, for images that have no curl. The exit code says the answer: 0 yes, 1 no.

A container's health check asks /livez: a service that waits for its database is not helped by being replaced. --ready
asks /readyz instead, which is 503 also while the service drains or lacks what it needs.`,
		Example: `  afirgen healthcheck --addr 127.0.0.1:8000
  afirgen healthcheck --addr 127.0.0.1:8002 --ready --timeout 2s`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context(), cmd.OutOrStdout()) },
	}
	f := cmd.Flags()
	f.StringVar(&s.addr, "addr", "127.0.0.1:8000", "host:port of the service")
	f.BoolVar(&s.ready, "ready", false, "ask whether it should be sent work, not only whether it answers")
	f.DurationVar(&s.limit, "timeout", 3*time.Second, "how long the answer may take")
	return cmd
}

func (s *healthSettings) run(ctx context.Context, out io.Writer) error {
	path, state := web.Livez, "alive"
	if s.ready {
		path, state = web.Readyz, "ready"
	}
	if err := s.ask(ctx, path); err != nil {
		return fmt.Errorf("asking %s%s whether it is %s: %w", s.addr, path, state, err)
	}
	_, err := fmt.Fprintln(out, state)
	return err
}

// ask speaks to the address itself: no proxy of the environment stands between, and a redirect is no answer.
func (s *healthSettings) ask(ctx context.Context, path string) error {
	if _, _, err := net.SplitHostPort(s.addr); err != nil {
		return fmt.Errorf("%w; --addr is host:port", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.addr+path, nil)
	if err != nil {
		return err
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s, not 200; its log says why", resp.Status)
	}
	return nil
}
