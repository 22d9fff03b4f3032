package agent

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/agent/upstream"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/redact"
	"github.com/roentgen/roentgen/tail"
	"github.com/roentgen/roentgen/wire"
)

// Notices is where the ids of kept traces come from: *upstream.Roentgen.
type Notices interface {
	// Pull waits for notices behind a place in the server's log. next is the
	// place behind those that it returns, oldest the first that the log still has.
	Pull(ctx context.Context, after uint64, wait time.Duration) (notices []wire.Notice, next, oldest uint64, err error)
}

// Asker passes questions about sampling on: *upstream.Roentgen and *upstream.AWS.
type Asker interface {
	Do(ctx context.Context, path string, body []byte) (*upstream.Answer, error)
}

// Config is everything an agent needs. State and Sender are required.
type Config struct {
	// State is the directory of what survives the process; see OpenState. Run
	// closes it.
	State *State

	// The sockets; nil for a door that is shut. Run closes them.
	UDP      *net.UDPConn
	TCP      net.Listener
	OTLPGRPC net.Listener
	OTLPHTTP net.Listener
	OTLPTLS  *tls.Config // of OpenTelemetry's doors; nil: none is spoken
	// OTLP sets the limits of OpenTelemetry's doors.
	OTLP accept.OTLPConfig
	// Networks lists who may use the UDP and TCP doors; empty: everybody who
	// can reach them.
	Networks accept.Networks
	// Observe is one more door for /healthz, /readyz and /metrics, which the TCP
	// door has too; nil: none.
	Observe net.Listener

	Limits      wire.Limits      // of one document
	Redact      *redact.Redactor // nil: nothing is taken out
	RingBytes   int64            // default that of tail
	Remember    time.Duration    // default that of tail
	Triggers    tail.Triggers    // what holds at the start
	SpoolBytes  int64            // default that of spool
	QueueBytes  int              // default 8 MiB
	BufferBytes int              // of the kernel, asked for; default 16 MiB
	// Gather is for how long datagrams may wait in the kernel's buffer so that many
	// are decided at once. A kill loses them. Default 40 ms.
	Gather time.Duration
	Fold   graph.Options // how documents become rows and roll-ups

	Sender upstream.Sender
	// Limit says when a batch is sent, Concurrency how many may be under way.
	Limit       spool.Limit
	Concurrency int
	// Roentgen says that the sender's other end takes notices and roll-ups.
	Roentgen bool
	// RollUpEvery is how often roll-ups go. Default 10 s.
	RollUpEvery time.Duration
	Notices     Notices // nil: no other agent tells of traces
	Ask         Asker   // nil: nobody is there to ask for sampling rules
	// ProxyAll passes any path on the TCP door on to Ask, as the official
	// daemon does; otherwise those of sampling alone.
	ProxyAll bool

	// Kind and URL name the upstream in statements.
	Kind, URL string
	Host      string
	Version   string
	// Drain bounds how long the agent goes on sending after it was told to stop.
	// Default 5 s.
	Drain time.Duration
	// OnReject is told of documents that were not taken; may be nil.
	OnReject func(door string, code string)

	Now      func() time.Time      // default time.Now
	Logger   *slog.Logger          // default: discard
	Registry prometheus.Registerer // default: counters nobody reads
	Metrics  http.Handler          // answers /metrics; nil: somebody else does
}

// DefaultBufferBytes of the kernel hold what comes while a busy host lets the
// agent wait. A quarter of it lost a tenth at 100,000 datagrams a second on two cores.
const DefaultBufferBytes = 16 << 20

func (c Config) withDefaults() Config {
	if c.QueueBytes == 0 {
		c.QueueBytes = 8 << 20
	}
	if c.BufferBytes == 0 {
		c.BufferBytes = DefaultBufferBytes
	}
	if c.Gather == 0 {
		c.Gather = usualPause
	}
	if c.RollUpEvery == 0 {
		c.RollUpEvery = 10 * time.Second
	}
	if c.Drain == 0 {
		c.Drain = 5 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
	}
	return c
}
