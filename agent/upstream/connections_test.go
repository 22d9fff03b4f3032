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
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// post makes a request on c.
func post(ctx context.Context, t *testing.T, c *connections, url string, body []byte) (status int, answer string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = int64(len(body))
	resp, b, err := c.do(req, body, nil)
	if err != nil {
		return 0, "", err
	}
	return resp.StatusCode, string(b), nil
}

func testConnections(t *testing.T) *connections {
	t.Helper()
	tr, err := newTransport(TLS{}, "")
	if err != nil {
		t.Fatal(err)
	}
	c := newConnections(tr)
	t.Cleanup(c.close)
	return c
}

func TestAConnectionIsUsedAgainUntilTheOtherSideClosesIt(t *testing.T) {
	var opened atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%d bytes of %d", len(b), r.ContentLength)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c := testConnections(t)
	for i := range 10 {
		body := bytes.Repeat([]byte("x"), 50_000*i)
		if status, answer, err := post(t.Context(), t, c, s.URL, body); err != nil || status != 200 || answer != fmt.Sprintf("%d bytes of %d", len(body), len(body)) {
			t.Fatalf("%d %q %v", status, answer, err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for ten requests", n)
	}
	s.CloseClientConnections()
	if _, _, err := post(t.Context(), t, c, s.URL, []byte("y")); err != nil || opened.Load() != 2 {
		t.Errorf("after the other side had closed: %v, %d connections", err, opened.Load())
	}
}

// rawServer answers each connection's first request head with a text, without
// reading the body, and closes the connection after.
func rawServer(t *testing.T, answer func(w io.Writer)) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			in := bufio.NewReader(conn)
			for line := ""; line != "\r\n" && err == nil; {
				line, err = in.ReadString('\n')
			}
			answer(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-ended
	})
	return "http://" + l.Addr().String()
}

func TestAnswersThatAreNotAsUsual(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		repeat int
		status int
		want   string // of the error, or the body
	}{
		"103 in front":         {"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 1, 200, "ok"},
		"in chunks":            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 1, 200, "ok"},
		"until the end":        {"HTTP/1.0 200 OK\r\n\r\nok", 1, 200, "ok"},
		"before the body":      {"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", 1, 413, "no"},
		"more than was said":   {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n", 1, 200, "ok"},
		"broken off":           {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok", 1, 0, "EOF"},
		"nothing":              {"", 1, 0, "EOF"},
		"no HTTP":              {"220 mail.example ESMTP\r\n", 1, 0, "malformed"},
		"a head without end":   {strings.Repeat("X-A: b\r\n", 1000), 5000, 0, ""},
		"103 without end":      {"HTTP/1.1 103 Early Hints\r\n\r\n", 20, 0, "more than 5"},
		"a length beyond ours": {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", 1, 0, "at most"},
	} {
		t.Run(name, func(t *testing.T) {
			url := rawServer(t, func(w io.Writer) {
				if name == "a head without end" {
					io.WriteString(w, "HTTP/1.1 200 OK\r\n")
				}
				for range c.repeat {
					if _, err := io.WriteString(w, c.answer); err != nil {
						return
					}
				}
			})
			conns := testConnections(t)
			status, answer, err := post(t.Context(), t, conns, url, []byte("{}"))
			if status != c.status || (err != nil) != (c.status == 0) {
				t.Fatalf("%d %q %v", status, answer, err)
			}
			if err != nil && !strings.Contains(err.Error(), c.want) || err == nil && answer != c.want {
				t.Errorf("%q %v, want %q", answer, err, c.want)
			}
		})
	}
}

func TestTheEndOfTheContextEndsARequest(t *testing.T) {
	waiting, release := make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(waiting)
		<-release
	}))
	defer s.Close()
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-waiting
		cancel()
	}()
	if _, _, err := post(ctx, t, testConnections(t), s.URL, []byte("{}")); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	ctx, cancel = context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	if _, _, err := post(ctx, t, testConnections(t), s.URL, []byte("{}")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
}
