package upstream

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// healthTimeout bounds one look.
const healthTimeout = 5 * time.Second

// Health returns what the neighbour says of itself, JSON with its status, whatever HTTP status that came with. The
// breaker neither hinders nor counts it.
func (u *Upstream) Health(ctx context.Context) ([]byte, error) {
	body, _, err := u.health(ctx, u.cfg.Client)
	return body, err
}

// health also returns the status that stands in the body; any word that we do not know counts as unhealthy.
func (u *Upstream) health(ctx context.Context, client *http.Client) (body []byte, status string, err error) {
	defer func() { u.cfg.Metrics.available(u.cfg.Breaker, err == nil && isUp(status)) }()
	ctx, cancel := context.WithTimeout(tracing.CalleeName(ctx, u.cfg.Name), healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.cfg.Base+web.Health, nil)
	if err != nil {
		return nil, "", fmt.Errorf("asking %s for its health: %w", u.cfg.Name, err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", fmt.Errorf("asking %s for its health: %w", u.cfg.Name, bare(err))
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	if err != nil {
		return nil, "", fmt.Errorf("reading the health of %s: %w", u.cfg.Name, err)
	}
	var said struct {
		Status string `json:"status"`
	}
	if json.Unmarshal(body, &said) != nil || said.Status == "" {
		return nil, "", fmt.Errorf("reading the health of %s: it answered %d without saying its status", u.cfg.Name, resp.StatusCode)
	}
	if !isUp(said.Status) {
		return body, web.Unhealthy, nil
	}
	return body, said.Status, nil
}

func isUp(status string) bool { return status == web.Healthy || status == web.Degraded }

// Recover asks for the neighbour's health and closes the breaker only if that is healthy or degraded. Otherwise the
// breaker stays as it was.
func (u *Upstream) Recover(ctx context.Context) error {
	_, status, err := u.health(ctx, u.cfg.Client)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return web.Fail(http.StatusServiceUnavailable, contract.UpstreamUnreachable,
			u.cfg.Name+" does not say how it is, and its breaker stays as it was").Because(err)
	case !isUp(status):
		return web.Fail(http.StatusServiceUnavailable, contract.UpstreamUnavailable,
			u.cfg.Name+" says that it does not work, and its breaker stays as it was")
	}
	u.Reset()
	return nil
}
