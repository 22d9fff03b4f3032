package local

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

// lines hands on what is logged, so that a test learns the address.
type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

// start runs e and returns its URL, and what stops it and returns what Run did.
func start(t *testing.T, e Endpoint) (url string, stop func() error) {
	t.Helper()
	said := make(lines, 20)
	e.Name, e.Addr, e.Log = "test", "127.0.0.1:0", slog.New(slog.NewTextHandler(said, nil))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	select {
	case line := <-said:
		_, addr, _ := strings.Cut(strings.TrimSpace(line), "addr=")
		return "http://" + addr, func() error { cancel(); return <-done }
	case err := <-done:
		cancel()
		t.Fatal(err)
	}
	panic("not reached")
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, string(body)
}

func TestWorkInHandIsFinishedBeforeTheStop(t *testing.T) {
	began, finish := make(chan struct{}), make(chan struct{})
	url, stop := start(t, Endpoint{Grace: 30 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		<-finish
		_, _ = io.WriteString(w, "whole")
	})})
	answer := make(chan string, 1)
	go func() { _, body := get(t, url); answer <- body }()
	<-began
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	close(finish)
	if got := <-answer; got != "whole" {
		t.Errorf("answered %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestWorkThatTakesLongerThanTheGraceIsCut(t *testing.T) {
	began := make(chan struct{})
	url, stop := start(t, Endpoint{Grace: time.Millisecond, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
	})})
	failed := make(chan struct{})
	go func() {
		defer close(failed)
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		if resp, err := client.Get(url); err == nil {
			_ = resp.Body.Close()
			t.Error("an answer came")
		}
	}()
	<-began
	if err := stop(); err != nil {
		t.Error(err)
	}
	<-failed
}

func TestReadinessIsAnsweredWithoutASignatureAndNothingElse(t *testing.T) {
	url, stop := start(t, Endpoint{Ready: true, Handler: http.NotFoundHandler()})
	if status, body := get(t, url+"/readyz"); status != 200 || body != "ready\n" {
		t.Errorf("answered %d %q", status, body)
	}
	if status, _ := get(t, url+"/"); status != 404 {
		t.Errorf("answered %d", status)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestOtherHostsAreKeptOut(t *testing.T) {
	e := Endpoint{Name: "test", Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.org:80", "127.0.0.1"} {
		e.Addr = addr
		if err := e.Run(t.Context()); err == nil {
			t.Errorf("it serves on %s", addr)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	e.Addr = l.Addr().String()
	if err := e.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "starting test") {
		t.Errorf("on a taken port: %v", err)
	}
}
