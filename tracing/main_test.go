package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// doc is a decoded document, numbers kept as they were written.
type doc = map[string]any

// agent is a UDP socket that keeps what it receives.
type agent struct {
	t    testing.TB
	conn *net.UDPConn
	done chan struct{}
	mu   struct {
		sync.Mutex
		raw [][]byte
	}
}

func newAgent(t testing.TB) *agent {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadBuffer(4 << 20); err != nil {
		t.Fatal(err)
	}
	a := &agent{t: t, conn: c, done: make(chan struct{})}
	go a.receive()
	t.Cleanup(a.close)
	return a
}

func (a *agent) receive() {
	defer close(a.done)
	buf := make([]byte, 1<<16)
	for {
		n, _, err := a.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		a.mu.Lock()
		a.mu.raw = append(a.mu.raw, bytes.Clone(buf[:n]))
		a.mu.Unlock()
	}
}

func (a *agent) close() {
	a.conn.Close()
	<-a.done
}

// wait returns all documents once n have come, in order of arrival.
func (a *agent) wait(n int) (docs []doc) {
	a.t.Helper()
	for _, raw := range a.waitRaw(n) {
		docs = append(docs, a.decode(raw))
	}
	return docs
}

func (a *agent) waitRaw(n int) [][]byte {
	a.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		a.mu.Lock()
		raw := a.mu.raw
		a.mu.Unlock()
		if len(raw) >= n {
			return raw
		}
		time.Sleep(time.Millisecond) // datagrams arrive when the kernel pleases; bounded by the deadline
	}
	a.t.Fatalf("%d documents did not come in time, only %d", n, len(a.mu.raw))
	return nil
}

func (a *agent) decode(datagram []byte) doc {
	a.t.Helper()
	head, body, ok := bytes.Cut(datagram, []byte("\n"))
	if !ok || string(head) != `{"format":"json","version":1}` {
		a.t.Fatalf("datagram has header %q", head)
	}
	return decodeDoc(a.t, body)
}

func decodeDoc(t testing.TB, body []byte) doc {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v doc
	if err := d.Decode(&v); err != nil {
		t.Fatalf("document is not JSON: %v\n%s", err, body)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("document has a tail: %s", body)
	}
	return v
}

func rate(r float64) *float64 { return &r }

// emptyEnv keeps the environment of the test's machine out.
func emptyEnv(string) (string, bool) { return "", false }

func envOf(vars map[string]string) func(string) (string, bool) {
	return func(k string) (string, bool) { v, ok := vars[k]; return v, ok }
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// start sets up an instance that records everything and sends to a new agent.
func start(t testing.TB, cfg Config) (*Tracing, *agent) {
	t.Helper()
	a := newAgent(t)
	cfg.DaemonAddress = a.conn.LocalAddr().String()
	return startAt(t, cfg), a
}

func startAt(t testing.TB, cfg Config) *Tracing {
	t.Helper()
	if cfg.SamplingRate == nil {
		cfg.SamplingRate = rate(1)
	}
	if cfg.LookupEnv == nil {
		cfg.LookupEnv = emptyEnv
	}
	if cfg.Logger == nil {
		cfg.Logger = quiet()
	}
	if cfg.ServiceName == "" {
		cfg.ServiceName = "shop"
	}
	tr, shutdown, err := Setup(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return tr
}

// clock is a hand-set time that steps forward by a millisecond each reading.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Unix(1780165693, 100_000_000)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(time.Millisecond)
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func seeded() rand.Source { return rand.NewChaCha8([32]byte{1}) }

// segment runs fn in a segment and returns its document.
func (a *agent) segment(tr *Tracing, fn func(ctx context.Context)) doc {
	a.t.Helper()
	err := tr.Segment(context.Background(), "", func(ctx context.Context) error {
		fn(ctx)
		return nil
	})
	if err != nil {
		a.t.Fatal(err)
	}
	docs := a.wait(1)
	return docs[len(docs)-1]
}

// at walks into nested objects and arrays: keys and indices.
func at(t testing.TB, v any, path ...any) any {
	t.Helper()
	for _, p := range path {
		switch key := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok || m[key] == nil {
				return nil
			}
			v = m[key]
		case int:
			l, ok := v.([]any)
			if !ok || key >= len(l) {
				return nil
			}
			v = l[key]
		}
	}
	return v
}

// text is at as JSON text, "null" if there is nothing.
func text(t testing.TB, v any, path ...any) string {
	t.Helper()
	b, err := json.Marshal(at(t, v, path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (a *agent) is(v any, want string, path ...any) {
	a.t.Helper()
	if got := text(a.t, v, path...); got != want {
		a.t.Errorf("%v is %s, want %s", path, got, want)
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := "testdata/" + name
	if *rewrite {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading the golden document (make it with -rewrite): %v", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (renew it with -rewrite, and read the diff):\ngot  %s\nwant %s", path, got, want)
	}
}
