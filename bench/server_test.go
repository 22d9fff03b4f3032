package bench

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAddressesAreReadFromWhatAServerSays(t *testing.T) {
	got := parseDoorways(strings.Split(`roentgen dev is ready
  console    http://127.0.0.1:40001/  log in with a token of tokens
  X-Ray API  http://127.0.0.1:40001  for AWS_ENDPOINT_URL_XRAY; /metrics, /healthz, /readyz
  daemon     127.0.0.1:40002  for AWS_XRAY_DAEMON_ADDRESS, udp and tcp
  OTLP gRPC  127.0.0.1:40003  for OTEL_EXPORTER_OTLP_ENDPOINT
  OTLP HTTP  http://127.0.0.1:40004  for OTEL_EXPORTER_OTLP_ENDPOINT
  data       /var/lib/roentgen  empty`, "\n"))
	want := Doorways{"http://127.0.0.1:40001", "127.0.0.1:40002", "http://127.0.0.1:40004", "http://127.0.0.1:40003"}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// script writes a shell script that plays a server.
func playedServer(t *testing.T, script string) Program {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "server")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return Program{Path: path, Log: filepath.Join(dir, "log"), Wait: 30 * time.Second}
}

const playedReady = "printf 'ready\\n  X-Ray API  http://127.0.0.1:1  for x\\n  data       /tmp  empty\\n'\n"

func TestAServerIsStartedAndStopped(t *testing.T) {
	s, err := Start(t.Context(), playedServer(t, "trap 'exit 0' TERM\n"+playedReady+"while :; do sleep 0.05; done"))
	if err != nil {
		t.Fatal(err)
	}
	if s.HTTP != "http://127.0.0.1:1" || s.Opened <= 0 {
		t.Errorf("%+v", s.Doorways)
	}
	if m, err := s.Memory(); err != nil || m.Resident == 0 {
		t.Errorf("%+v, %v", m, err)
	}
	if took, _, err := s.Stop(t.Context(), time.Minute); err != nil || took <= 0 {
		t.Errorf("%s, %v", took, err)
	}
}

func TestAServerThatDoesNotStartSaysWhy(t *testing.T) {
	_, err := Start(t.Context(), playedServer(t, "echo 'the port is taken' >&2; exit 1"))
	if err == nil || !strings.Contains(err.Error(), "the port is taken") {
		t.Error(err)
	}
	if _, err = Start(t.Context(), Program{Path: "/nowhere/roentgen", Log: filepath.Join(t.TempDir(), "log")}); err == nil {
		t.Error("started what is not there")
	}
	silent := playedServer(t, "echo 'still reading' >&2; exec sleep 600")
	silent.Wait = 200 * time.Millisecond
	if _, err = Start(t.Context(), silent); err == nil || !strings.Contains(err.Error(), "still reading") {
		t.Error(err)
	}
}

func TestAServerThatDoesNotEndIsKilled(t *testing.T) {
	s, err := Start(t.Context(), playedServer(t, "trap '' TERM\n"+playedReady+"while :; do sleep 0.05; done"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Stop(t.Context(), 200*time.Millisecond); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Error(err)
	}
	s, err = Start(t.Context(), playedServer(t, playedReady+"while :; do sleep 0.05; done"))
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Stop(gone, time.Hour); err == nil {
		t.Error("ended by SIGTERM without a word")
	}
}

func TestAnIdleProcessIsNoticed(t *testing.T) {
	s, err := Start(t.Context(), playedServer(t, "trap 'exit 0' TERM\n"+playedReady+"while :; do sleep 0.5; done"))
	if err != nil {
		t.Fatal(err)
	}
	idle, _, err := s.settle(t.Context(), Quiet{For: time.Second, Share: 0.5, AtMost: time.Minute})
	if err != nil || !idle {
		t.Error(idle, err)
	}
	if idle, _, err := s.settle(t.Context(), Quiet{For: time.Hour, Share: 0.5, AtMost: time.Millisecond}); err != nil || idle {
		t.Error("an hour passed within a millisecond", idle, err)
	}
	if _, _, err := s.Stop(t.Context(), time.Minute); err != nil {
		t.Error(err)
	}
}
