package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// client asks a server over one connection.
type client struct {
	url, token string
	http       *http.Client
}

func newClient(url, token string) *client {
	return &client{url, token, &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableCompression: true}}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// ask posts a question as JSON, and returns the answer and how long it took
// until the last byte was there.
func (c *client) ask(ctx context.Context, path string, in any) ([]byte, time.Duration, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, 0, fmt.Errorf("encode the question to %s: %w", path, err)
	}
	start := time.Now()
	answer, err := post(ctx, c.http, c.url+path, "application/json", c.token, body)
	return answer, time.Since(start), err
}

// Held says how much a server holds.
type Held struct{ Traces, Documents int64 }

// storedFromUDP is the metric of documents that came in datagrams and are kept.
const storedFromUDP = `roentgen_documents_settled_total{door="udp",outcome="stored"}`

// fromUDP counts the documents that came in datagrams and are kept, since the
// server started.
func (c *client) fromUDP(ctx context.Context) (int64, error) {
	text, err := c.metrics(ctx)
	if err != nil || !bytes.Contains(text, []byte(storedFromUDP)) { // which is not there before the first one
		return 0, err
	}
	return metric(text, storedFromUDP)
}

// held reads it from the server's metrics.
func (c *client) held(ctx context.Context) (h Held, err error) {
	text, err := c.metrics(ctx)
	if err != nil {
		return h, err
	}
	if h.Traces, err = metric(text, "roentgen_store_traces"); err == nil {
		h.Documents, err = metric(text, "roentgen_store_documents")
	}
	if err != nil {
		return h, fmt.Errorf("%s/metrics: %w; is it a Roentgen server?", c.url, err)
	}
	return h, nil
}

func (c *client) metrics(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/metrics", nil)
	if err != nil {
		return nil, fmt.Errorf("ask %s for its metrics: %w", c.url, err)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask %s for its metrics: %w; start a server with roentgen serve, or leave --server away", c.url, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("it answers %s", resp.Status)
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s for its metrics: %w", c.url, err)
	}
	return text, nil
}

// metric reads one without labels, in Prometheus's text form.
func metric(text []byte, name string) (int64, error) {
	for line := range bytes.Lines(text) {
		if value, ok := bytes.CutPrefix(line, []byte(name+" ")); ok {
			x, err := strconv.ParseFloat(string(bytes.TrimSpace(value)), 64)
			if err != nil {
				return 0, fmt.Errorf("metric %s: %w", name, err)
			}
			return int64(x), nil
		}
	}
	return 0, fmt.Errorf("no metric %s", name)
}
