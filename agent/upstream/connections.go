package upstream

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// connections makes the requests of one sender, all to one host. Where no proxy stands between,
// it does so on connections of its own, in the goroutine that asks and with one
// write of the body as it lies in memory: two goroutines for each connection
// and a buffer between, as net/http has them, take three times as long for a
// batch. What goes through a proxy goes through net/http.
type connections struct {
	transport *http.Transport // for proxies
	client    *http.Client    // over transport
	mu        struct {
		sync.Mutex
		idle []*connection // the one used last is the last
	}
}

// newConnections goes the ways of t, with its limits.
func newConnections(t *http.Transport) *connections {
	return &connections{transport: t, client: notRedirected(t)}
}

// notRedirected is a client to whom a redirect is an answer like any other: it
// would take tokens to another host.
func notRedirected(t *http.Transport) *http.Client {
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// do makes the request, which bears its context and no body, with the body
// given, and reads the answer's body into buf.
func (c *connections) do(req *http.Request, body, buf []byte) (*http.Response, []byte, error) {
	if through, err := c.transport.Proxy(req); err != nil || through != nil {
		return c.overProxy(req, body, buf)
	}
	conn, err := c.get(req)
	if err != nil {
		return nil, nil, err
	}
	resp, answer, err := conn.exchange(req, body, buf)
	if err != nil || resp.Close || conn.in.Buffered() > 0 {
		conn.close()
	} else {
		c.put(conn)
	}
	return resp, answer, err
}

// overProxy gives net/http a body of its own, which it may still read when an
// early answer is there.
func (c *connections) overProxy(req *http.Request, body, buf []byte) (*http.Response, []byte, error) {
	if len(body) > 0 {
		own := bytes.Clone(body)
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(own)), nil }
		req.Body, _ = req.GetBody() // it does not fail
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	answer, err := readAnswer(resp, buf)
	return resp, answer, err
}

// get returns a connection to where req goes.
func (c *connections) get(req *http.Request) (*connection, error) {
	for {
		conn := c.lastUsed()
		if conn == nil {
			return c.dial(req)
		}
		if conn.alive() {
			return conn, nil
		}
		conn.close()
	}
}

func (c *connections) lastUsed() *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(c.mu.idle) - 1
	if last < 0 {
		return nil
	}
	conn := c.mu.idle[last]
	c.mu.idle = c.mu.idle[:last]
	return conn
}

// put keeps the connection for the next request, and closes those that none has
// wanted for long.
func (c *connections) put(conn *connection) {
	now := time.Now()
	conn.used = now
	c.mu.Lock()
	old := 0
	for old < len(c.mu.idle) && (now.Sub(c.mu.idle[old].used) > idleTimeout || len(c.mu.idle)-old >= idlePerHost) {
		old++
	}
	tired := append([]*connection(nil), c.mu.idle[:old]...)
	c.mu.idle = append(c.mu.idle[:0], append(c.mu.idle[old:], conn)...)
	c.mu.Unlock()
	for _, conn := range tired {
		conn.close()
	}
}

// close closes idle connections.
func (c *connections) close() {
	c.mu.Lock()
	idle := c.mu.idle
	c.mu.idle = nil
	c.mu.Unlock()
	for _, conn := range idle {
		conn.close()
	}
	c.transport.CloseIdleConnections()
}

// dial opens a connection.
func (c *connections) dial(req *http.Request) (*connection, error) {
	ctx := req.Context()
	port := req.URL.Port()
	if port == "" {
		port = req.URL.Scheme
	}
	plain, err := c.transport.DialContext(ctx, "tcp", net.JoinHostPort(req.URL.Hostname(), port))
	if err != nil {
		return nil, err
	}
	if req.URL.Scheme != "https" {
		return newConnection(plain, plain), nil
	}
	config := c.transport.TLSClientConfig.Clone()
	if config.ServerName == "" {
		config.ServerName = req.URL.Hostname()
	}
	secured := tls.Client(plain, config)
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = plain.Close() // the handshake is what failed
		return nil, err
	}
	return newConnection(secured, plain), nil
}
