package web

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// running is a Server whose requests hold until they are let go.
type running struct {
	url            string
	inside         chan struct{} // one value per request that is in
	letGo          chan struct{}
	drain          *Drain
	stop           context.CancelFunc
	ended          chan error
	requestContext chan error // why the request's context ended, if it did
}

func startServer(t *testing.T, grace time.Duration) *running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{
		url: "http://" + listener.Addr().String(), inside: make(chan struct{}, 10), letGo: make(chan struct{}),
		drain: &Drain{}, stop: stop, ended: make(chan error, 1), requestContext: make(chan error, 1),
	}
	work := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.inside <- struct{}{}
		select {
		case <-r.letGo:
			_, _ = io.WriteString(w, "done")
		case <-req.Context().Done():
			r.requestContext <- req.Context().Err()
			WriteError(w, req, req.Context().Err())
		}
	})
	s := Server{Listener: listener, Handler: r.drain.gate(work), Drain: r.drain, Grace: grace, Log: slog.New(slog.DiscardHandler)}
	go func() { r.ended <- s.Run(ctx) }()
	t.Cleanup(stop)
	return r
}

// ask returns the status and the body of a request, from a connection of its own.
func (r *running) ask(t *testing.T) (int, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(r.url)
	if err != nil {
		t.Errorf("asking: %v", err)
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("reading the answer: %v", err)
	}
	return resp.StatusCode, string(body)
}

func TestAStopWaitsForTheWorkInHandAndRefusesMore(t *testing.T) {
	r := startServer(t, time.Minute)
	answered := make(chan string, 1)
	go func() {
		_, body := r.ask(t)
		answered <- body
	}()
	<-r.inside
	r.stop()
	<-draining(r.drain)
	if status, _ := r.ask(t); status != http.StatusServiceUnavailable {
		t.Errorf("new work got %d, want 503", status)
	}
	close(r.letGo)
	if body := <-answered; body != "done" {
		t.Errorf("the work in hand was answered %q", body)
	}
	if err := <-r.ended; err != nil {
		t.Errorf("the stop ended with %v", err)
	}
}

// draining is closed when the drain has begun.
func draining(d *Drain) <-chan struct{} {
	begun := make(chan struct{})
	go func() {
		defer close(begun)
		for !d.Draining() {
			time.Sleep(time.Millisecond)
		}
	}()
	return begun
}

func TestAfterTheGraceWorkIsCutAsOurOwnDoing(t *testing.T) {
	r := startServer(t, time.Millisecond)
	status := make(chan int, 1)
	go func() {
		code, _ := r.ask(t)
		status <- code
	}()
	<-r.inside
	r.stop()
	if err := <-r.ended; err != nil {
		t.Errorf("the stop ended with %v", err)
	}
	if err := <-r.requestContext; err == nil {
		t.Error("the request's context did not end")
	}
	if code := <-status; code != http.StatusServiceUnavailable {
		t.Errorf("the caller got %d, want 503: it was not the caller who cancelled", code)
	}
}

func TestOptionsForTheWholeServerComeToTheHandlerToo(t *testing.T) {
	r := startServer(t, time.Minute)
	close(r.letGo)
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasSuffix(string(answer), "done") {
		t.Errorf("the answer is %q, %v", answer, err)
	}
	r.stop()
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
}
