package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	neturl "net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// healthTimeout is below what container schedulers wait for by default.
const healthTimeout = 3 * time.Second

func newAgentHealthCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "health",
		Short: "Ask a running agent whether it takes documents",
		Long: `Ask a running agent whether it takes documents. The exit code is 0 when it does
and 1 otherwise, for health checks of containers that have no shell.`,
		Example: `  roentgen agent health --url http://127.0.0.1:2000`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			url, _ := c.Flags().GetString("url")
			if !c.Flags().Changed("url") {
				if env := w.getenv(healthURLEnv); env != "" {
					url = env
				}
			}
			said, err := askHealth(c.Context(), url)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), said)
			return nil
		},
	}
	c.Flags().String("url", "http://127.0.0.1:2000", "`URL` of the agent's TCP door, or of its --http")
	return c
}

// askHealth returns what the agent says when it is ready.
func askHealth(ctx context.Context, url string) (string, error) {
	u, err := neturl.Parse(url)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("--url %s: not a URL like http://127.0.0.1:2000", url)
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(url, "/")+"/readyz", nil)
	if err != nil {
		return "", fmt.Errorf("--url %s: %w", url, err)
	}
	transport := &http.Transport{DisableKeepAlives: true, Proxy: nil} // an agent is on this host
	resp, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return "", fmt.Errorf("ask the agent at %s: %w; is it running, and is that its --bind-tcp or --http? (--url or %s names another)", url, bare(err), healthURLEnv)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return "", fmt.Errorf("read the agent's answer: %w", err)
	}
	said := strings.TrimSpace(string(body))
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the agent at %s is not ready: %s", url, strings.TrimPrefix(said, "not ready: "))
	}
	return said, nil
}

// bare is an error of a request without the URL, which the sentence around it
// has already.
func bare(err error) error {
	var asked *neturl.Error
	if errors.As(err, &asked) {
		return asked.Err
	}
	return err
}
