package agent

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/roentgen/roentgen/redact"
	"github.com/roentgen/roentgen/tail"
	"github.com/roentgen/roentgen/wire"
)

// swallow is an upstream that takes everything at once.
type swallow struct{ buffers *sync.Pool }

func (s swallow) Send(_ context.Context, b *wire.Batch) (wire.BatchAnswer, error) {
	buf := s.buffers.Get().(*[]byte)
	*buf = wire.AppendBatch((*buf)[:0], b)
	s.buffers.Put(buf)
	return wire.BatchAnswer{Outcomes: map[string]int64{wire.OutcomeStored: int64(len(b.Documents))}}, nil
}
func (swallow) Describe() string            { return "nobody" }
func (swallow) Check(context.Context) error { return nil }

// processorTime is what the process has taken.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchDatagrams decides about datagrams of 2.3 kB of ever new traces, and
// sends on what is kept. cpu-ns/op is what the process takes for one, with
// everything but the socket.
func benchDatagrams(b *testing.B, header string, change func(*Config)) {
	doc, err := os.ReadFile("../wire/testdata/documents/go_sdk_segment.json")
	if err != nil {
		b.Fatal(err)
	}
	doc = bytes.TrimSpace(doc)
	state, err := OpenState(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	cfg := Config{State: state, Sender: swallow{&sync.Pool{New: func() any { return new([]byte) }}}, Roentgen: true, RingBytes: 64 << 20, SpoolBytes: 256 << 20, Triggers: tail.DefaultTriggers()}
	if change != nil {
		change(&cfg)
	}
	a, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	sent := make(chan error, 1)
	go func() { sent <- a.forwarder.Run(ctx) }()
	datagram := append([]byte(header+"\n"), doc...)
	at := bytes.Index(datagram, []byte(`"trace_id"`)) + bytes.Index(datagram[bytes.Index(datagram, []byte(`"trace_id"`)):], []byte("1-"))
	b.SetBytes(int64(len(datagram)))
	before := processorTime(b)
	n := uint64(0)
	for b.Loop() {
		n++
		var id [8]byte
		for i := range id {
			id[i] = byte(n >> (8 * i))
		}
		hex.Encode(datagram[at+11:], id[:])
		a.desk.mu.Lock()
		a.desk.datagram(datagram, 0)
		a.desk.mu.Unlock()
	}
	b.StopTimer()
	b.ReportMetric(float64(processorTime(b)-before)/float64(n), "cpu-ns/op")
	cancel()
	<-sent
	if lost := nonZero(a.Statement().Lost); len(lost) > 0 {
		b.Logf("lost: %v", lost)
	}
	if err := a.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkSampled(b *testing.B) { benchDatagrams(b, plain, nil) }

func BenchmarkUndecided(b *testing.B) { benchDatagrams(b, undecided, noTriggers) }

func BenchmarkUndecidedRedacted(b *testing.B) {
	benchDatagrams(b, undecided, func(c *Config) {
		noTriggers(c)
		var err error
		if c.Redact, err = redact.New(redact.Default()); err != nil {
			b.Fatal(err)
		}
	})
}

// noTriggers keeps nothing: the document of the benchmarks has an exception.
func noTriggers(c *Config) {
	slow, err := tail.NewTrigger("slow", "slower than 24h", 1, 1)
	if err != nil {
		panic(err)
	}
	c.Triggers.Triggers = []tail.Trigger{slow}
}

// BenchmarkCopy is the measure of the machine: what a copy of one datagram takes.
func BenchmarkCopy(b *testing.B) {
	from, to := make([]byte, 2300), make([]byte, 8<<20)
	at := 0
	for b.Loop() {
		at = (at + copy(to[at:], from)) % (7 << 20)
	}
}
