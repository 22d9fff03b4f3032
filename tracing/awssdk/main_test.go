package awssdk

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"go.uber.org/goleak"

	"github.com/roentgen/roentgen/tracing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// doc is a decoded document.
type doc = map[string]any

// patience bounds every wait.
const patience = 20 * time.Second

// agent is a UDP socket that keeps what it receives, with an instance that records everything and sends it there.
type agent struct {
	*tracing.Tracing
	t    testing.TB
	conn net.PacketConn
}

func start(t testing.TB, change ...func(*tracing.Config)) *agent {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	all := 1.0
	cfg := tracing.Config{ServiceName: "shop", DaemonAddress: conn.LocalAddr().String(), SamplingRate: &all,
		LookupEnv: func(string) (string, bool) { return "", false }, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for _, f := range change {
		f(&cfg)
	}
	tr, shutdown, err := tracing.Setup(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return &agent{tr, t, conn}
}

// raw runs fn in a segment and returns its document as it came.
func (a *agent) raw(fn func(ctx context.Context)) []byte {
	a.t.Helper()
	_ = a.Segment(context.Background(), "", func(ctx context.Context) error {
		fn(ctx)
		return nil
	})
	buf := make([]byte, 1<<16)
	if err := a.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		a.t.Fatal(err)
	}
	n, _, err := a.conn.ReadFrom(buf)
	if err != nil {
		a.t.Fatal(err)
	}
	_, body, _ := bytes.Cut(buf[:n], []byte("\n"))
	return body
}

func (a *agent) segment(fn func(ctx context.Context)) doc {
	a.t.Helper()
	var d doc
	if body := a.raw(fn); json.Unmarshal(body, &d) != nil {
		a.t.Fatalf("no JSON: %s", body)
	}
	return d
}

// only is the single subsegment of d.
func (a *agent) only(d doc) doc {
	a.t.Helper()
	subs, _ := d["subsegments"].([]any)
	if len(subs) != 1 {
		a.t.Fatalf("%d subsegments, want 1: %v", len(subs), d)
	}
	return subs[0].(doc)
}

// is compares a member, or a member of a member, as JSON text.
func (a *agent) is(v any, want string, path ...string) {
	a.t.Helper()
	for _, key := range path {
		m, _ := v.(doc)
		v = m[key]
	}
	got, err := json.Marshal(v)
	if err != nil {
		a.t.Fatal(err)
	}
	if string(got) != want {
		a.t.Errorf("%v is %s, want %s", path, got, want)
	}
}

// configFor is what a program would have loaded, with keys that open nothing.
func configFor(client aws.HTTPClient) aws.Config {
	return aws.Config{
		Region: "eu-west-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "of-no-account"}, nil
		}),
		HTTPClient: client,
		Retryer:    func() aws.Retryer { return eager{} },
	}
}

// eager tries three times and never pauses.
type eager struct{ aws.NopRetryer }

func (eager) MaxAttempts() int                             { return 3 }
func (eager) IsErrorRetryable(error) bool                  { return true }
func (eager) RetryDelay(int, error) (time.Duration, error) { return 0, nil }
func (eager) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}

// bucket is a loopback endpoint that answers as told, and an instrumented client of it.
func bucket(t testing.TB, handler http.HandlerFunc, change ...func(*aws.Config)) *s3.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	cfg := configFor(&http.Client{Transport: transport})
	cfg.BaseEndpoint = &server.URL
	for _, f := range change {
		f(&cfg)
	}
	InstrumentAWS(&cfg)
	return s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
}

// clock steps forward by a millisecond each reading.
func clock() func() time.Time {
	now := time.Unix(1780165693, 100_000_000)
	return func() time.Time {
		now = now.Add(time.Millisecond)
		return now
	}
}

func seeded() rand.Source { return rand.NewChaCha8([32]byte{1}) }
