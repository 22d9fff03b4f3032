package tracing

import (
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"time"

	"github.com/roentgen/roentgen/redact"
)

// Config says how one Tracing works. The zero value is ready for use: whatever
// it leaves open comes from the environment, then from defaults. The README
// has the one table of precedence.
type Config struct {
	// ServiceName names the segments of Middleware and so the node on the
	// service map: at most 200 characters, letters of any script, numbers,
	// spaces and _ . : / % & # = + \ - @. Default: the program's base name.
	ServiceName string

	// ServiceVersion goes to service.version of each segment.
	ServiceVersion string

	// Origin is the AWS resource type of the host, e.g. AWS::ECS::Container,
	// which is also the default when ECS announces itself in the environment.
	Origin string

	// Disabled makes every function a pass-through: nothing is recorded,
	// propagated or sent, and no goroutine runs.
	Disabled bool

	// SamplingRate is the share of new traces to sample, 0 to 1, where no central
	// rule decides. It is a plain probability without a reservoir. Nil:
	// XRAY_SAMPLING_RATE, or 0.1.
	SamplingRate *float64

	// RequestRate, if not nil, gives the sampling rate for one request; ok
	// false leaves it to the rules and SamplingRate. A rate of 0, for health
	// checks say, leaves the request out altogether, failing or not. A decision
	// that came in the trace header, or a forced one, goes before it.
	RequestRate func(r *http.Request) (rate float64, ok bool)

	// Sampling says where the decision about a new trace comes from. Default:
	// SamplingAuto.
	Sampling SamplingMode

	// NoUndecided keeps requests that are not sampled from being recorded, also
	// where the agent could hold them until it is known whether they fail.
	NoUndecided bool

	// Redact takes personal data out of documents before they leave the process.
	// Nil: XRAY_REDACT, or nothing is taken out. See redact.Default.
	Redact *redact.Config

	// DaemonAddress is where documents go: host:port, or the two-part form
	// "tcp:host:port udp:host:port". The SDK asks the agent over TCP what it
	// can do. A name is looked up when it is used, not by Setup.
	DaemonAddress string

	// ContextMissing is what happens when one of the package's functions
	// finds no segment in its context. Default: LogError.
	ContextMissing MissingMode

	// ForceKey is the secret which lets the holder have a request recorded
	// whatever the sampling rate; see ForceSampling. Empty: nobody can.
	ForceKey string

	// TrustedPeers lists the networks whose Sampled= and X-Forwarded-For are
	// believed. Nil: everyone, as in the official SDKs; empty: no one.
	TrustedPeers []netip.Prefix

	// Callees names the services behind addresses, "host:port" as it stands in
	// request URLs. Calls to them become subsegments with the service's name
	// and traced=true. See also CalleeName.
	Callees map[string]string

	// Logger hears of missing contexts and of an agent that cannot be
	// reached, at most once a second and kind. Default: slog.Default().
	Logger *slog.Logger

	// MaxDocumentBytes bounds each document sent, 4,096 to 65,476 bytes
	// (65,507, the most a UDP datagram carries, less the header line).
	// Default: 64,512. Larger segments are sent in parts.
	MaxDocumentBytes int

	// DatagramBytes bounds what documents go together in one datagram, to an
	// agent on this host that takes several; a larger document goes alone. The
	// kernel drops datagrams whole. Default: 15,872; 1 sends each alone.
	DatagramBytes int

	// QueueSize bounds how many finished segments wait for the sender, at
	// least 1. The newest is dropped when it is full. Default: 1,024.
	QueueSize int

	// Limits bound what one segment or subsegment may hold.
	Limits Limits

	// Now is the clock; its readings should be monotonic. Default: time.Now.
	Now func() time.Time

	// Rand gives the randomness for ids and sampling; calls to it are
	// serialised. Default: ChaCha8, seeded by the operating system.
	Rand rand.Source

	// LookupEnv reads the environment. Default: os.LookupEnv.
	LookupEnv func(key string) (string, bool)
}

// Limits bound what one segment or subsegment may hold; what does not fit is
// dropped and counted in Stats. A field that is 0 takes its default.
type Limits struct {
	Annotations     int // per (sub)segment; default 50, which X-Ray indexes per trace
	MetadataBytes   int // JSON bytes per (sub)segment; default 16,384
	Attributes      int // OpenTelemetry attributes per span; default 128
	Events          int // OpenTelemetry events other than exceptions, per span; default 32
	Links           int // per span; default 20
	Exceptions      int // per (sub)segment; default 8
	StackFrames     int // per exception; default 32
	HeldSubsegments int // finished ones that wait for their segment; when one more ends, its parent's are sent; default 1,000
}

// MissingMode says what to do when a context holds no segment. The words are
// those of the official SDKs.
type MissingMode string

const (
	// LogError logs at most once a second, counts, and goes on without recording.
	LogError MissingMode = "LOG_ERROR"
	// IgnoreError counts, and goes on without recording.
	IgnoreError MissingMode = "IGNORE_ERROR"
	// RuntimeError panics in the package's functions, before any function
	// handed to them is called. Transport and OpenDB log instead, because
	// database/sql and net/http call them at times of their own choice.
	RuntimeError MissingMode = "RUNTIME_ERROR"
)

// SamplingMode says where the decision about a new trace comes from.
type SamplingMode string

const (
	// SamplingAuto goes by the central rules that the agent offers, as the
	// official SDKs do, and by SamplingRate where there are none.
	SamplingAuto SamplingMode = "auto"
	// SamplingLocal goes by SamplingRate alone.
	SamplingLocal SamplingMode = "local"
)

const (
	defaultMaxDocumentBytes = 63 << 10
	defaultDatagramBytes    = 16<<10 - 512 // with what the kernel keeps beside it, 16 KiB of its receive buffer
	defaultQueueSize        = 1024
	defaultSamplingRate     = 0.1
	defaultDaemonAddress    = "127.0.0.1:2000"
)

// orDefaults fills the limits that were left open.
func (l Limits) orDefaults() Limits {
	or := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	or(&l.Annotations, 50)
	or(&l.MetadataBytes, 16<<10)
	or(&l.Attributes, 128)
	or(&l.Events, 32)
	or(&l.Links, 20)
	or(&l.Exceptions, 8)
	or(&l.StackFrames, 32)
	or(&l.HeldSubsegments, 1000)
	return l
}
