package main

import (
	"bytes"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// notifySocket is a service manager's end; next is the next thing that it is told.
func notifySocket(t *testing.T) (path string, next func() string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "sd") // the path of a socket is short: t.TempDir's may be too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path = filepath.Join(dir, "s")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return path, func() string {
		t.Helper()
		buf := make([]byte, 100)
		if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
}

func TestTheServiceManagerIsTold(t *testing.T) {
	path, next := notifySocket(t)
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	env := map[string]string{}
	getenv := func(name string) string { return env[name] }
	tellManager(getenv, managerReady, log) // nobody asked
	env["NOTIFY_SOCKET"] = path
	tellManager(getenv, managerStopping, log)
	if got := next(); got != "STOPPING=1" || said.Len() > 0 {
		t.Errorf("it is told %q; the log says %q", got, said.String())
	}
	env["NOTIFY_SOCKET"] = path + ".gone"
	tellManager(getenv, managerReady, log)
	if !strings.Contains(said.String(), "NOTIFY_SOCKET") {
		t.Errorf("nobody listens; the log says %q", said.String())
	}
}
