package upstream

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// connection carries one request after the other.
type connection struct {
	net.Conn
	under net.Conn // what Conn reads from, which may be itself
	in    *bufio.Reader
	left  int // bytes that may yet be read of this answer
	head  bytes.Buffer
	used  time.Time // when its last answer had come
}

const (
	readBuffer = 4 << 10
	maxHead    = 1 << 20 // of an answer
	// mostInterim answers, such as 103, may come in front of the one that counts.
	mostInterim = 5
)

func newConnection(c, under net.Conn) *connection {
	conn := &connection{Conn: c, under: under}
	conn.in = bufio.NewReaderSize(measured{conn}, readBuffer)
	return conn
}

func (c *connection) close() { _ = c.Conn.Close() } // nothing that counts is on its way

// measured reads as much as an answer may have.
type measured struct{ c *connection }

var errAnswerTooLong = errors.New("the answer does not end")

func (m measured) Read(p []byte) (int, error) {
	if m.c.left <= 0 {
		return 0, errAnswerTooLong
	}
	n, err := m.c.Conn.Read(p[:min(len(p), m.c.left)])
	m.c.left -= n
	return n, err
}

// exchange makes one request and reads its answer whole, the body into buf. The
// end of the request's context ends it. A connection that returned an error is
// good for nothing.
func (c *connection) exchange(req *http.Request, body, buf []byte) (*http.Response, []byte, error) {
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.under.SetDeadline(time.Unix(1, 0)) }) // all that waits returns
	resp, answer, err := c.talk(req, body, buf)
	if !stop() && err == nil {
		resp.Close = true // the deadline stands, or will
	}
	if err != nil && ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	return resp, answer, err
}

func (c *connection) talk(req *http.Request, body, buf []byte) (*http.Response, []byte, error) {
	if err := c.writeHead(req, len(body)); err != nil {
		return nil, nil, err
	}
	parts := net.Buffers{c.head.Bytes(), body}
	_, wrong := parts.WriteTo(c.Conn)
	c.left = maxHead + maxAnswer
	resp, err := c.readHead(req)
	if err != nil { // where writing failed too, this says why
		return nil, nil, err
	}
	answer, err := readAnswer(resp, buf)
	if wrong != nil {
		resp.Close = true // it did not want to hear the rest
	}
	return resp, answer, err
}

// writeHead writes what stands in front of the body. Lines do not break in the
// middle of a value: WriteSubset sees to that.
func (c *connection) writeHead(req *http.Request, n int) error {
	c.head.Reset()
	fmt.Fprintf(&c.head, "%s %s HTTP/1.1\r\nHost: %s\r\n", req.Method, req.URL.RequestURI(), req.Host)
	if err := req.Header.Write(&c.head); err != nil {
		return err
	}
	if n > 0 || req.Method == http.MethodPost {
		c.head.WriteString("Content-Length: ")
		c.head.Write(strconv.AppendInt(c.head.AvailableBuffer(), int64(n), 10))
		c.head.WriteString("\r\n")
	}
	c.head.WriteString("\r\n")
	return nil
}

// readHead reads up to the body of the answer that counts.
func (c *connection) readHead(req *http.Request) (*http.Response, error) {
	for range mostInterim {
		resp, err := http.ReadResponse(c.in, req)
		if err != nil || resp.StatusCode >= http.StatusOK || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
	return nil, fmt.Errorf("read the answer: more than %d others came in front of it: %w", mostInterim, io.ErrUnexpectedEOF)
}
