package accept

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// The doors for OpenTelemetry.
const (
	DoorOTLPGRPC Door = "otlp_grpc"
	DoorOTLPHTTP Door = "otlp_http"
)

// OTLPConfig says what the OpenTelemetry doors let in. The zero value works.
type OTLPConfig struct {
	// Index says which attributes become annotations.
	Index wire.SpanIndex
	// MaxRequestBytes bounds one request, after decompression. Default 16 MiB.
	MaxRequestBytes int
	// MaxBytesUnderWay bounds the requests that are being mapped and stored;
	// those beyond it wait. Default 64 MiB.
	MaxBytesUnderWay int64
	// Authorize decides by the values of the header authorization who may use
	// the gRPC door. Default: everybody. It must be fast, and its error is told
	// to the caller. (Before the HTTP door stands what guards other handlers.)
	Authorize func(authorization []string) error
	// Drain bounds how long ServeGRPC goes on after its context ended.
	// Default 5 s.
	Drain time.Duration
}

func (c OTLPConfig) withDefaults() OTLPConfig {
	if c.MaxRequestBytes == 0 {
		c.MaxRequestBytes = 16 << 20
	}
	if c.MaxBytesUnderWay == 0 {
		c.MaxBytesUnderWay = 64 << 20
	}
	if c.Drain == 0 {
		c.Drain = 5 * time.Second
	}
	return c
}

// OTLP is what stands behind both OpenTelemetry doors. It is safe for use by
// many goroutines.
type OTLP struct {
	acceptor *Acceptor
	cfg      OTLPConfig
	parsers  sync.Pool // of *wire.SpanParser
	underWay *semaphore.Weighted
	requests *prometheus.CounterVec // door, result
}

// NewOTLP returns the doors to acceptor.
func NewOTLP(acceptor *Acceptor, cfg OTLPConfig) *OTLP {
	o := &OTLP{acceptor: acceptor, cfg: cfg.withDefaults()}
	o.parsers.New = func() any { return wire.NewSpanParser(acceptor.cfg.Limits, cfg.Index) }
	o.underWay = semaphore.NewWeighted(o.cfg.MaxBytesUnderWay)
	o.requests = countOnce(acceptor.cfg.Registry, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "roentgen_otlp_requests_total",
		Help: "Requests with spans, by door and result: ok, partial (some spans were not taken), invalid, retry (the sender was asked to send again).",
	}, []string{"door", "result"}))
	return o
}

// countOnce registers a counter, or returns the same of doors to this acceptor
// that were made before.
func countOnce(reg prometheus.Registerer, c *prometheus.CounterVec) *prometheus.CounterVec {
	if reg == nil {
		return c
	}
	var before prometheus.AlreadyRegisteredError
	if err := reg.Register(c); errors.As(err, &before) {
		return before.ExistingCollector.(*prometheus.CounterVec)
	} else if err != nil {
		panic(err) // a name that is none, or one of something else: a defect
	}
	return c
}

// Results of requests.
const (
	resultOK      = "ok"
	resultPartial = "partial"
	resultInvalid = "invalid"
	resultRetry   = "retry"
)

// spanVerdict is what a sender is told of its spans. The zero value says that
// all are durable.
type spanVerdict struct {
	rejected int
	message  string
}

// accept maps and stores the spans of a request in protobuf. An error of kind
// Invalid says that the request is none; any other that nothing of it may be
// relied on, and that it does best to come again: spans that were stored make
// the same documents the second time.
func (o *OTLP) accept(ctx context.Context, door Door, request []byte) (v spanVerdict, err error) {
	defer func() { o.requests.WithLabelValues(string(door), resultOf(v, err)).Inc() }()
	weight := min(int64(len(request)), o.cfg.MaxBytesUnderWay)
	if err := o.underWay.Acquire(ctx, weight); err != nil {
		return spanVerdict{}, fmt.Errorf("wait for other requests: %w", err)
	}
	defer o.underWay.Release(weight)
	batch, err := o.parse(request)
	if err != nil {
		return spanVerdict{}, err
	}
	return o.acceptor.acceptSpans(ctx, door, batch)
}

func resultOf(v spanVerdict, err error) string {
	switch {
	case err != nil && roentgen.KindOf(err) == roentgen.Invalid:
		return resultInvalid
	case err != nil:
		return resultRetry
	case v.rejected > 0:
		return resultPartial
	}
	return resultOK
}

func (o *OTLP) parse(request []byte) (wire.SpanBatch, error) {
	p := o.parsers.Get().(*wire.SpanParser)
	defer o.parsers.Put(p)
	return p.Parse(request)
}

// acceptSpans checks the documents of spans and stores those that pass.
func (a *Acceptor) acceptSpans(ctx context.Context, door Door, batch wire.SpanBatch) (spanVerdict, error) {
	a.metrics.received.WithLabelValues(string(door)).Add(float64(len(batch.Documents)))
	stamp := a.arrivals.begin(a.cfg.Now)
	defer a.arrivals.end(stamp)
	defer a.metrics.wait(len(batch.Documents))()
	verdict := verdictMaker{last: -1}
	sound := make([]roentgen.Stored, 0, len(batch.Documents))
	at := make([]int, 0, len(batch.Documents))
	for _, d := range batch.Documents {
		if r := a.check(d.Parsed, stamp); r != nil {
			verdict.add(d.Span, a.reject(door, r))
			continue
		}
		sound = append(sound, roentgen.Stored{Segment: d.Segment, Received: roentgen.At(stamp), Keep: keepOf(d.Segment)})
		at = append(at, d.Span)
	}
	if len(sound) > 0 {
		outcomes, err := a.next.Append(ctx, sound)
		a.note(ctx, err)
		if err != nil {
			a.metrics.lose(door, causeStore, len(sound))
			return spanVerdict{}, fmt.Errorf("store %d spans: %w", len(sound), err)
		}
		a.metrics.settle(door, outcomes)
		for i, outcome := range outcomes {
			if why := refusal(sound[i].Segment, outcome); why != nil {
				verdict.add(at[i], why)
			}
		}
	}
	return verdict.of(batch.Spans), nil
}

// toldCauses is how many causes a verdict repeats.
const toldCauses = 3

// verdictMaker counts spans that were not taken, each once.
type verdictMaker struct {
	last   int // span that was counted last
	count  int
	causes []string
}

func (m *verdictMaker) add(span int, why *roentgen.Rejection) {
	if span == m.last {
		return
	}
	m.last = span
	m.count++
	if len(m.causes) < toldCauses {
		m.causes = append(m.causes, fmt.Sprintf("span %s: %s", why.ID, why.Error()))
	}
}

func (m *verdictMaker) of(spans int) spanVerdict {
	if m.count == 0 {
		return spanVerdict{}
	}
	text := fmt.Sprintf("%d of %d spans were not taken: %s", m.count, spans, strings.Join(m.causes, "; "))
	if more := m.count - len(m.causes); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return spanVerdict{m.count, text}
}

// notTraces is told to those who send what is no trace.
func notTraces(what string) string {
	return fmt.Sprintf("this server takes traces alone, and no %s: set OTEL_METRICS_EXPORTER and OTEL_LOGS_EXPORTER to none, or send them to a server for them", what)
}
