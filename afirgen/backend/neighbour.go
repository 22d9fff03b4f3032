package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// neighbour is a model server as the backend sees it.
type neighbour struct {
	name   string // its service name, under which the call stands in the trace
	base   string // its URL without a path
	client *http.Client
}

// maxAnswer bounds what a neighbour may answer, in bytes.
const maxAnswer = 8 << 20

// post sends body and reads the JSON answer into out. Every error is the answer that our own caller deserves.
func (n neighbour) post(ctx context.Context, path, contentType string, body io.Reader, out any, timeout time.Duration) error {
	call, cancel := context.WithTimeout(tracing.CalleeName(ctx, n.name), timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(call, http.MethodPost, n.base+path, body)
	if err != nil {
		return fmt.Errorf("asking %s: %w", n.name, err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Request-Id", web.RequestID(ctx))
	resp, err := n.client.Do(req)
	if err != nil {
		return n.transportError(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or given up
	if resp.StatusCode != http.StatusOK {
		return n.statusError(resp)
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out)
	switch {
	case err == nil:
		return nil
	case call.Err() != nil:
		return n.transportError(ctx, call.Err())
	}
	// encoding/json may quote the answer, which may quote the complaint.
	return web.Fail(http.StatusBadGateway, contract.UpstreamFailed, n.name+" answered with something that is not its JSON")
}

// transportError tells a caller who has gone from a neighbour that is slow or away.
func (n neighbour) transportError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return web.Fail(http.StatusGatewayTimeout, contract.UpstreamTimeout, n.name+" did not answer in time").Because(err)
	}
	e := web.Fail(http.StatusServiceUnavailable, contract.UpstreamUnreachable, n.name+" cannot be reached: ask again soon")
	e.RetryAfter = 2 * time.Second
	return e.Because(err)
}

// statusError passes on what the caller can mend, in our own words; the rest is between us and the neighbour.
func (n neighbour) statusError(resp *http.Response) error {
	var body struct {
		ErrorType contract.ErrorType `json:"error_type"`
	}
	// Without a body of ours the status alone decides.
	_ = json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&body)
	cause := fmt.Errorf("%s answered %d", n.name, resp.StatusCode)
	switch {
	case body.ErrorType == contract.Undecodable:
		return web.Fail(http.StatusUnprocessableEntity, contract.Undecodable, "the image is damaged: it cannot be decoded").Because(cause)
	case body.ErrorType == contract.TooLarge:
		return web.Fail(http.StatusRequestEntityTooLarge, contract.TooLarge, "the image has more than 50 million pixels or 25 MiB: scale it down").Because(cause)
	case resp.StatusCode == http.StatusServiceUnavailable, resp.StatusCode == http.StatusTooManyRequests:
		e := web.Fail(http.StatusServiceUnavailable, contract.UpstreamUnavailable, n.name+" cannot take the work now: ask again soon")
		e.RetryAfter = 2 * time.Second
		return e.Because(cause)
	case resp.StatusCode == http.StatusGatewayTimeout:
		return web.Fail(http.StatusGatewayTimeout, contract.UpstreamTimeout, n.name+" did not finish in time").Because(cause)
	}
	return web.Fail(http.StatusBadGateway, contract.UpstreamFailed, n.name+" could not do its work").Because(cause)
}
