package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Bounds of a conversation.
const (
	maxAnswer = 64 << 20         // bytes; the largest is a printed report
	maxTries  = 1000             // of one request that is refused with 429, each of which waits a second or longer
	maxWait   = 10 * time.Minute // for all of them, whatever Retry-After says
)

// Config is what a Client needs. Base is required.
type Config struct {
	Base   string       // of the backend: http://127.0.0.1:8000
	APIKey string       // sent as X-API-Key; empty sends none
	HTTP   *http.Client // nil is http.DefaultClient
	// Sign changes each request just before it is sent, and again when it is repeated: see Forced and Sampled. nil
	// changes nothing.
	Sign func(*http.Request)
	// After waits until a request that was refused with 429 may be repeated; time.After is one. nil repeats nothing.
	After func(time.Duration) <-chan time.Time
	Now   func() time.Time // nil is time.Now
}

// Client calls one backend. It is safe for concurrent use.
type Client struct{ cfg Config }

// New makes a client.
func New(cfg Config) *Client {
	cfg.Base = strings.TrimRight(cfg.Base, "/")
	if cfg.HTTP == nil {
		cfg.HTTP = http.DefaultClient
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Client{cfg}
}

// Call is one request as it is sent. The methods of Client that are named after what they do build it.
type Call struct {
	Method, Path string // Path is escaped and may hold a query
	ContentType  string
	Body         []byte
	Header       http.Header // beside the key and the content type
	NoKey        bool        // leave the API key out
}

// Call sends a request and returns the body of a 2xx answer. Any other answer is an *Error; the body is returned then
// too. A request that got no answer is an error of another type, with a Receipt of status 0.
func (c *Client) Call(ctx context.Context, call Call) ([]byte, Receipt, error) {
	end := c.cfg.Now().Add(maxWait)
	for try := 1; ; try++ {
		body, receipt, err := c.once(ctx, call)
		var refused *Error
		if c.cfg.After == nil || try == maxTries || !errors.As(err, &refused) || refused.Status != http.StatusTooManyRequests {
			return body, receipt, err
		}
		wait := max(refused.RetryAfter, time.Second)
		if c.cfg.Now().Add(wait).After(end) {
			return body, receipt, err
		}
		select {
		case <-c.cfg.After(wait):
		case <-ctx.Done():
			return body, receipt, err
		}
	}
}

func (c *Client) once(ctx context.Context, call Call) ([]byte, Receipt, error) {
	req, err := c.request(ctx, call)
	if err != nil {
		return nil, Receipt{}, fmt.Errorf("asking for %s: %w", pathOf(call.Path), err)
	}
	start := c.cfg.Now()
	resp, err := c.cfg.HTTP.Do(req)
	if err != nil {
		return nil, Receipt{TraceID: RootOf(req.Header.Get(traceHeader)), Took: c.cfg.Now().Sub(start)}, unasked(call.Path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	receipt := receiptOf(resp, c.cfg.Now().Sub(start))
	switch {
	case err != nil:
		return body, receipt, fmt.Errorf("reading the answer of %s: %w", pathOf(call.Path), err)
	case len(body) > maxAnswer:
		return nil, receipt, fmt.Errorf("reading the answer of %s: it is longer than %d bytes", pathOf(call.Path), maxAnswer)
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return body, receipt, errorOf(call, receipt, resp.Header.Get("Retry-After"), body)
	}
	return body, receipt, nil
}

func (c *Client) request(ctx context.Context, call Call) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, call.Method, c.cfg.Base+call.Path, bytes.NewReader(call.Body))
	if err != nil {
		return nil, errors.New("the base URL or the path is none") // the error of net/url quotes both
	}
	for name, values := range call.Header {
		req.Header[name] = values
	}
	if call.ContentType != "" {
		req.Header.Set("Content-Type", call.ContentType)
	}
	if c.cfg.APIKey != "" && !call.NoKey {
		req.Header.Set("X-API-Key", c.cfg.APIKey)
	}
	if c.cfg.Sign != nil {
		c.cfg.Sign(req)
	}
	return req, nil
}

// unasked says that no answer came. The URL of url.Error is left out: a query can hold a complaint.
func unasked(path string, err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		err = e.Err
	}
	return fmt.Errorf("asking for %s: %w", pathOf(path), err)
}

// pathOf is the path without its query.
func pathOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// ask sends in as JSON, unless it is nil, and reads the answer into out, also that of an error whose body is of the
// same form, as /health has it.
func (c *Client) ask(ctx context.Context, method, path string, in, out any) (Receipt, error) {
	call := Call{Method: method, Path: path}
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return Receipt{}, fmt.Errorf("writing the request for %s: %w", pathOf(path), err)
		}
		call.Body, call.ContentType = data, "application/json"
	}
	return c.fetch(ctx, call, out)
}

func (c *Client) fetch(ctx context.Context, call Call, out any) (Receipt, error) {
	body, receipt, err := c.Call(ctx, call)
	if err != nil {
		return receipt, err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return receipt, fmt.Errorf("reading the answer of %s: it is not the JSON that the API describes: %w", pathOf(call.Path), err)
	}
	return receipt, nil
}

// retryAfter reads whole seconds; a date, which the backend never sends, counts as none.
func retryAfter(text string) time.Duration {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
