package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/archive"
	"github.com/roentgen/roentgen/afirgen/cloud"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/vault"
)

// logged hands lines on, so that a test learns where a command listens.
type logged chan string

func (l logged) Write(b []byte) (int, error) {
	select {
	case l <- string(b):
	default: // nobody reads any more
	}
	return len(b), nil
}

// runLocal runs a command until the test ends and returns its URL.
func runLocal(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	said, done := make(logged, 10), make(chan error, 1)
	root := rootCommand(os.Getenv)
	root.SetArgs(append([]string{"local"}, args...))
	root.SetOut(io.Discard)
	root.SetErr(said)
	go func() { done <- root.ExecuteContext(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("%v: %v", args, err)
		}
	})
	select {
	case line := <-said:
		_, rest, _ := strings.Cut(line, "addr=")
		return "http://" + strings.Fields(rest)[0]
	case err := <-done:
		done <- err
		t.Fatal(err)
	case <-time.After(30 * time.Second):
		t.Fatal("it says nothing")
	}
	panic("not reached")
}

// What a service finds when its environment names the local endpoints, and nothing else does.
func TestTheLocalEndpointsServeWhatTheServicesAskFor(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "secrets.json")
	if err := os.WriteFile(file, []byte(`{"afirgen/api/keys":{"API_KEY":"of-the-clerk","FIR_AUTH_KEY":"of-the-station"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "AKIDLOCAL", "AWS_SECRET_ACCESS_KEY": "sesame", "AWS_SESSION_TOKEN": "",
		"AWS_REGION": "ap-south-1", "AWS_PROFILE": "", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull} {
		t.Setenv(name, value)
	}
	t.Setenv("AWS_ENDPOINT_URL_S3", runLocal(t, "s3", "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "s3"), "--log-format", "text"))
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", runLocal(t, "secrets", "--addr", "127.0.0.1:0", "--file", file, "--log-format", "text"))

	collector := tracetest.Start(t)
	tr := collector.Setup(t, "main-backend")
	err := tr.Segment(t.Context(), "", func(ctx context.Context) error {
		v, err := vault.Open(ctx, "aws:afirgen/api/keys", vault.Config{AWS: cloud.Load})
		if err != nil {
			return err
		}
		if key, err := v.Get(ctx, "FIR_AUTH_KEY"); err != nil || key != "of-the-station" {
			t.Errorf("the key is %q, %v", key, err)
		}
		a, err := archive.Open(ctx, "s3://afirgen/station?path_style=true", archive.Config{AWS: cloud.Load})
		if err != nil {
			return err
		}
		if err := a.Ping(ctx); err != nil {
			return err
		}
		if err := a.Put(ctx, "firs/KTW/0001/2026.json", "application/json", []byte(`{"अ":1}`)); err != nil {
			return err
		}
		body, err := a.Get(ctx, "firs/KTW/0001/2026.json")
		if string(body) != `{"अ":1}` {
			t.Errorf("got back %q", body)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d := collector.Await(t, "main-backend")
	if got := strings.Join(d.ChildNames(), " "); got != "SecretsManager S3 S3 S3" {
		t.Errorf("the calls are %s", got)
	}
	for _, s := range d.Subsegments {
		if s.Namespace != "aws" || s.HTTP.Response.Status != 200 {
			t.Errorf("the call is %+v", s)
		}
	}
}

func TestTheLocalEndpointsNeedKeysAndLoopback(t *testing.T) {
	none := func(string) string { return "" }
	keys := func(string) string { return "x" }
	cases := []struct {
		getenv func(string) string
		args   []string
		says   string
	}{
		{none, []string{"s3", "--data", t.TempDir()}, "AWS_ACCESS_KEY_ID"},
		{none, []string{"secrets"}, "AWS_ACCESS_KEY_ID"},
		{none, []string{"mariadb"}, "MYSQL_PASSWORD"},
		{keys, []string{"s3", "--data", t.TempDir(), "--addr", "0.0.0.0:0"}, "loopback"},
		{keys, []string{"secrets", "--file", "nowhere", "--addr", ":0"}, "loopback"},
		{keys, []string{"mariadb", "--data", t.TempDir(), "--addr", "0.0.0.0:3307"}, "loopback"},
		{none, []string{"alb", "--target", "ftp://x"}, "--target"},
		{none, []string{"alb", "--target", "http://x/path"}, "--target"},
		{none, []string{"alb", "--addr", "8080"}, "--addr"},
	}
	for _, c := range cases {
		root := rootCommand(c.getenv)
		root.SetArgs(append([]string{"local"}, c.args...))
		root.SetOut(io.Discard)
		root.SetErr(io.Discard)
		if err := root.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v, want it to say %q", c.args, err, c.says)
		}
	}
}
