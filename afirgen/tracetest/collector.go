// Package tracetest collects what a traced program sends to its X-Ray daemon, so that tests can assert on the
// documents.
package tracetest

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen/tracing"
)

// patience bounds every wait: a test that needs it has failed.
const patience = 15 * time.Second

// Collector is a daemon that keeps everything. It is safe for concurrent use.
type Collector struct {
	conn net.PacketConn
	mu   struct {
		sync.Mutex
		raw       []byte
		documents []Document
		arrived   chan struct{} // closed, and made anew, at each arrival
	}
}

// Start listens on a free port of 127.0.0.1 until the test has ended.
func Start(t testing.TB) *Collector {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listening for segments: %v", err)
	}
	c := &Collector{conn: conn}
	c.mu.arrived = make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.read(t)
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return c
}

// Addr is what XRAY_DAEMON_ADDRESS should say.
func (c *Collector) Addr() string { return c.conn.LocalAddr().String() }

// Setup starts tracing that sends everything here, changed by change, and flushes it when the test ends.
func (c *Collector) Setup(t testing.TB, service string, change ...func(*tracing.Config)) *tracing.Tracing {
	t.Helper()
	all := 1.0
	cfg := tracing.Config{ServiceName: service, ServiceVersion: "test", DaemonAddress: c.Addr(), SamplingRate: &all, LookupEnv: noEnvironment}
	for _, f := range change {
		f(&cfg)
	}
	tr, shutdown, err := tracing.Setup(t.Context(), cfg)
	if err != nil {
		t.Fatalf("setting tracing up: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := shutdown(ctx); err != nil {
			t.Errorf("flushing tracing: %v", err)
		}
	})
	return tr
}

func (c *Collector) read(t testing.TB) {
	buf := make([]byte, 1<<16)
	for {
		n, _, err := c.conn.ReadFrom(buf)
		if err != nil {
			return // closed
		}
		header, body, found := bytes.Cut(buf[:n], []byte("\n"))
		var d Document
		if err := json.Unmarshal(body, &d); !found || err != nil {
			t.Errorf("a datagram with the header %q is no segment: %v", header, err)
			continue
		}
		c.keep(buf[:n], d)
	}
}

func (c *Collector) keep(datagram []byte, d Document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.raw = append(append(c.mu.raw, datagram...), '\n')
	c.mu.documents = append(c.mu.documents, d)
	close(c.mu.arrived)
	c.mu.arrived = make(chan struct{})
}

// Raw returns every datagram so far, as it came.
func (c *Collector) Raw() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.mu.raw)
}

// Documents returns every document so far.
func (c *Collector) Documents() []Document {
	docs, _ := c.snapshot()
	return docs
}

func (c *Collector) snapshot() ([]Document, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.mu.documents), c.mu.arrived
}

// Await waits until a document of that name has arrived for which every condition holds, and returns the first.
func (c *Collector) Await(t testing.TB, name string, conditions ...func(Document) bool) Document {
	t.Helper()
	giveUp := time.NewTimer(patience)
	defer giveUp.Stop()
	for {
		docs, arrived := c.snapshot()
		for _, d := range docs {
			if d.Name == name && !d.InProgress && holds(d, conditions) {
				return d
			}
		}
		select {
		case <-arrived:
		case <-giveUp.C:
			t.Fatalf("waiting for a segment %q: it did not come; what came:\n%s", name, c.Raw())
		}
	}
}

func holds(d Document, conditions []func(Document) bool) bool {
	for _, c := range conditions {
		if !c(d) {
			return false
		}
	}
	return true
}

// noEnvironment keeps the variables of whoever runs the tests out of them.
func noEnvironment(string) (string, bool) { return "", false }
