package upstream

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// Bounds of a call.
const (
	defaultTimeout = time.Minute
	maxAnswer      = 8 << 20  // bytes
	maxRefusal     = 64 << 10 // bytes of an answer that is an error
	shortly        = 2 * time.Second
)

// ask makes the one HTTP call of an attempt.
func (u *Upstream) ask(ctx context.Context, c Call, out any) result {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	call, cancel := context.WithTimeout(tracing.CalleeName(ctx, u.cfg.Name), timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(call, http.MethodPost, u.cfg.Base+c.Path, bytes.NewReader(c.Body))
	if err != nil {
		return result{err: fmt.Errorf("asking %s: %w", u.cfg.Name, err)}
	}
	req.Header.Set("Content-Type", c.ContentType)
	if id := web.RequestID(ctx); id != "" {
		req.Header.Set("X-Request-Id", id)
	}
	resp, err := u.cfg.Client.Do(req)
	if err != nil {
		return u.transportError(ctx, call, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or given up
	if resp.StatusCode != http.StatusOK {
		return u.refusal(ctx, call, resp)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return u.transportError(ctx, call, err)
	case len(data) > maxAnswer:
		return result{err: u.nonsense("is larger than 8 MiB"), verdict: works}
	case json.Unmarshal(data, out) != nil: // whose error may quote the answer, which may quote the complaint
		return result{err: u.nonsense("is not its JSON"), verdict: works}
	}
	return result{verdict: works}
}

func (u *Upstream) nonsense(what string) error {
	return web.Fail(http.StatusBadGateway, contract.UpstreamFailed, u.cfg.Name+" gave an answer that "+what)
}

// transportError tells a caller who has gone from a neighbour that is slow or away.
func (u *Upstream) transportError(ctx, call context.Context, err error) result {
	switch {
	case ctx.Err() != nil:
		return result{err: ctx.Err(), verdict: noVerdict}
	case call.Err() != nil:
		e := web.Fail(http.StatusGatewayTimeout, contract.UpstreamTimeout, u.cfg.Name+" did not answer in time")
		return result{err: e.Because(call.Err()), verdict: fails}
	}
	e := web.Fail(http.StatusServiceUnavailable, contract.UpstreamUnreachable, u.cfg.Name+" cannot be reached: ask again soon")
	e.RetryAfter = shortly
	return result{err: e.Because(bare(err)), again: true, verdict: fails}
}

// bare takes off the URL, which http.Client puts around an error.
func bare(err error) error {
	type unwrapper interface{ Unwrap() error }
	if u, ok := err.(unwrapper); ok && u.Unwrap() != nil {
		return u.Unwrap()
	}
	return err
}

// refusal passes on what the caller can mend, in our own words; the rest is between us and the neighbour.
func (u *Upstream) refusal(ctx, call context.Context, resp *http.Response) result {
	var body struct {
		ErrorType contract.ErrorType `json:"error_type"`
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	if err != nil && (ctx.Err() != nil || call.Err() != nil) {
		return u.transportError(ctx, call, err)
	}
	_ = json.Unmarshal(data, &body) // without a body of ours the status alone decides
	after, said := retryAfter(resp.Header.Get("Retry-After"), u.cfg.Now())
	e := u.translate(resp.StatusCode, body.ErrorType).
		Because(fmt.Errorf("%s answered %d", u.cfg.Name, resp.StatusCode))
	if e.Status == http.StatusServiceUnavailable && e.Kind != contract.ModelUnavailable {
		e.RetryAfter = max(shortly, min(after, u.cfg.Cap))
	}
	if resp.StatusCode < 500 || e.Kind == contract.ModelUnavailable && !said {
		return result{err: e, verdict: works}
	}
	return result{err: e, again: isPassing(resp.StatusCode), after: after, verdict: fails}
}

func isPassing(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

// retryAfter reads the header in both of its forms: seconds, or a date.
func retryAfter(value string, now time.Time) (wait time.Duration, said bool) {
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0), true
	}
	return 0, false
}

// translate finds our words for a neighbour's answer.
func (u *Upstream) translate(status int, kind contract.ErrorType) *web.Error {
	if m, found := mendable[kind]; found && status < 500 {
		return web.Fail(m.status, kind, m.detail)
	}
	switch {
	case kind == contract.ModelUnavailable:
		return web.Fail(http.StatusServiceUnavailable, kind, u.cfg.Name+" has no engine for this: its /health says which it has")
	case kind == contract.InvalidModel: // not the caller's doing: we chose the model
		return web.Fail(http.StatusBadGateway, contract.UpstreamFailed, u.cfg.Name+" does not know the model that it was asked for")
	case status == http.StatusServiceUnavailable, status == http.StatusTooManyRequests:
		return web.Fail(http.StatusServiceUnavailable, contract.UpstreamUnavailable, u.cfg.Name+" cannot take the work now: ask again soon")
	case status == http.StatusGatewayTimeout:
		return web.Fail(http.StatusGatewayTimeout, contract.UpstreamTimeout, u.cfg.Name+" did not finish in time")
	}
	return web.Fail(http.StatusBadGateway, contract.UpstreamFailed, u.cfg.Name+" could not do its work")
}
