package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"
)

const (
	sdkName    = "Roentgen for Go"
	sdkVersion = "0.1.0"
)

// Tracing is one configured instance. It implements [trace.TracerProvider]:
//
//	otel.SetTracerProvider(tr)
//
// makes it the one for all OpenTelemetry instrumentation, and the one that
// answers when this package's functions find no segment in their context.
// Several may live in one process. All methods are safe for concurrent use.
type Tracing struct {
	embedded.TracerProvider
	set     *settings
	dice    *dice
	sampler sampler
	agent   agentState
	traffic traffic
	queue   *queue
	count   counters
	log     *quietLog
}

var _ trace.TracerProvider = (*Tracing)(nil)

// Setup reads cfg and the environment and starts two goroutines: one sends
// documents, the other asks the agent what it can do and for sampling rules.
// It waits for neither, so an agent that is away changes nothing.
//
// The second result sends what is waiting and stops the goroutines; it returns
// within the time ctx allows, with ctx's error if documents were left over.
// Calling it again is harmless. Spans ended later are counted, not sent.
//
// An error names the variable or field, its value and what is legal there.
func Setup(ctx context.Context, cfg Config) (*Tracing, func(context.Context) error, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	set, err := resolve(cfg)
	if err != nil {
		return nil, nil, err
	}
	tr := newTracing(set)
	if set.disabled {
		return tr, func(context.Context) error { return nil }, nil
	}
	return tr, tr.startSending(), nil
}

func newTracing(set *settings) *Tracing {
	if set.logger == nil {
		set.logger = slog.Default()
	}
	tr := &Tracing{set: set, dice: newDice(set.rand)}
	if !set.disabled {
		enabled.Add(1)
	}
	tr.sampler.rate, tr.sampler.requestRate, tr.sampler.dice = set.rate, set.requestRate, tr.dice
	tr.agent.doubt, tr.traffic.wake = make(chan struct{}, 1), make(chan struct{}, 1)
	tr.queue = newQueue(set.queueSize)
	tr.log = &quietLog{logger: set.logger, now: tr.now}
	return tr
}

// startSending runs the sender and the poller, and returns the function that
// stops them.
func (tr *Tracing) startSending() func(context.Context) error {
	work, abandon := context.WithCancel(context.Background())
	stopPolling := tr.startPolling()
	done := make(chan struct{})
	left := 0 // written before done is closed, read after
	e := newEmitter(tr)
	go func() {
		defer close(done)
		left = e.run(work)
	}()
	var once sync.Once
	return func(ctx context.Context) error {
		once.Do(tr.queue.close)
		defer abandon()
		stopPolling()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
		}
		abandon() // unblocks a look-up or a write that hangs
		<-done
		if left+tr.queue.len() == 0 {
			return nil
		}
		return fmt.Errorf("shutting down tracing with %d segments unsent: %w", left+tr.queue.len(), ctx.Err())
	}
}

// startPolling runs the poller and returns the function that stops it, which
// breaks off what it is at.
func (tr *Tracing) startPolling() func() {
	work, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	p := newPoller(tr, newWire())
	go func() {
		defer close(done)
		p.run(work)
	}()
	return func() {
		stop()
		<-done
	}
}

// Tracer returns a tracer whose spans nest in this instance's segments. The
// instrumentation's name and version are not recorded.
func (tr *Tracing) Tracer(string, ...trace.TracerOption) trace.Tracer {
	if tr.set.disabled {
		return noop.NewTracerProvider().Tracer("")
	}
	return tracer{tr: tr}
}

func (tr *Tracing) now() time.Time {
	if tr.set.now != nil {
		return tr.set.now()
	}
	return time.Now()
}
