// Package accept is the doors of the house: PutTraceSegments, the batches of
// agents and OpenTelemetry's spans come in here, and every document leaves
// with a verdict. (Datagrams come in at the agent, which stands in front.)
//
// It owns limits, clock checks, the sockets it was given and the count of
// what became of each document: received = stored + replaced + duplicate +
// refused + rejected + lost + waiting, and the sum holds whenever no document
// is on its way from one counter to the next. On shutdown it stops reading,
// answers what it has read, and returns. It never answers "accepted" before
// the next step has said that the document is durable.
package accept

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// Next is the step behind the doors: it makes documents durable.
type Next interface {
	// Append returns one outcome for each document, as store.Writer does.
	Append(ctx context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error)
}

// Door names where a document came in; it labels the counters.
type Door string

// The doors.
const (
	DoorUDP   Door = "udp"   // port 2000, through the agent within the server
	DoorAPI   Door = "api"   // PutTraceSegments
	DoorAgent Door = "agent" // batches of agents
)

// InvalidDatagram is the counter label of a datagram whose header line is
// wrong. It never leaves as an answer: UDP has none.
const InvalidDatagram roentgen.RejectCode = "InvalidDatagram"

// Config says what is let in. The zero value works.
type Config struct {
	// Limits of one document.
	Limits wire.Limits
	// MaxAhead is how far a start_time may lie ahead of the server's clock.
	// Default 1 h.
	MaxAhead time.Duration
	// MaxAge is how far a start_time may lie behind it. Default 30 days, as
	// long as X-Ray keeps traces.
	MaxAge time.Duration
	// StrictTraceIDs also checks the time in a trace id, by the same two
	// bounds. Off by default, because ids made by OpenTelemetry are random
	// there.
	StrictTraceIDs bool

	// Lends says that Next keeps no segment beyond Append, only documents, so that
	// the memory of segments can be used again.
	Lends bool

	// OnReject is told of each document that was turned away at a door; may be
	// nil. What the next step refuses it is not told.
	OnReject func(door Door, r *roentgen.Rejection)

	Now      func() time.Time      // default time.Now
	Logger   *slog.Logger          // default: discard
	Registry prometheus.Registerer // default: counters nobody reads
}

// Acceptor checks documents and hands them on. It is safe for use by many
// goroutines.
type Acceptor struct {
	cfg      Config
	next     Next
	metrics  *metrics
	arrivals arrivals
	failed   atomic.Pointer[failure] // nil: the next step took the last documents
	parsers  sync.Pool               // of *wire.Parser
	warn     *rate.Limiter           // one log line a second for what is rejected; counters have the rest
}

// New returns an Acceptor in front of next.
func New(cfg Config, next Next) *Acceptor {
	if cfg.MaxAhead == 0 {
		cfg.MaxAhead = time.Hour
	}
	if cfg.MaxAge == 0 {
		cfg.MaxAge = 30 * 24 * time.Hour
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Acceptor{
		cfg: cfg, next: next,
		metrics: newMetrics(cfg.Registry),
		warn:    rate.NewLimiter(rate.Every(time.Second), 5),
		parsers: sync.Pool{New: func() any { return cfg.parser() }},
	}
}

func (c Config) parser() *wire.Parser {
	p := wire.NewParser(c.Limits)
	if c.Lends {
		p.Lend()
	}
	return p
}

// Accept checks docs and stores those that pass. It returns one entry for
// each: nil when the document is durable, else why it was not taken. The texts
// are the caller's again when it has returned.
//
// An error means that the next step failed: nothing of this batch may be
// relied on, and the sender does best to send all of it again.
func (a *Acceptor) Accept(ctx context.Context, door Door, docs []wire.Text) ([]*roentgen.Rejection, error) {
	a.metrics.received.WithLabelValues(string(door)).Add(float64(len(docs)))
	return a.decide(ctx, door, docs)
}

// decide gives the verdicts on documents that were counted as received.
func (a *Acceptor) decide(ctx context.Context, door Door, docs []wire.Text) ([]*roentgen.Rejection, error) {
	verdicts := make([]*roentgen.Rejection, len(docs))
	if err := a.settle(ctx, door, docs, verdicts, nil); err != nil {
		return nil, err
	}
	return verdicts, nil
}

// settle stores docs and fills verdicts, one for each. batch, where it is not
// nil, has a say in what goes to the store and learns the outcomes.
func (a *Acceptor) settle(ctx context.Context, door Door, docs []wire.Text, verdicts []*roentgen.Rejection, batch *batch) error {
	stamp := a.arrivals.begin(a.cfg.Now)
	defer a.arrivals.end(stamp)
	defer a.metrics.wait(len(docs))()
	parser := a.parsers.Get().(*wire.Parser)
	defer func() {
		parser.Reclaim()
		a.parsers.Put(parser)
	}()
	sound, at := a.sort(parser, door, docs, stamp, verdicts)
	if len(sound) == 0 {
		return nil
	}
	batch.keep(sound, at)
	outcomes, err := a.next.Append(ctx, sound)
	a.note(ctx, err)
	if err != nil {
		a.metrics.lose(door, causeStore, len(sound))
		return fmt.Errorf("store %d documents: %w", len(sound), err)
	}
	a.metrics.settle(door, outcomes)
	for j, outcome := range outcomes {
		if why := refusal(sound[j].Segment, outcome); why != nil {
			verdicts[at[j]] = why
		}
	}
	batch.settled(outcomes, at)
	return nil
}

// sort parses docs, which are stamped with now. It returns the sound documents
// with the index in docs of each, and writes the verdicts on the others. A text
// that is an array counts as all the documents in it, and its verdict is that
// on the last bad one.
func (a *Acceptor) sort(parser *wire.Parser, door Door, docs []wire.Text, now time.Time, verdicts []*roentgen.Rejection) (sound []roentgen.Stored, at []int) {
	sound, at = make([]roentgen.Stored, 0, len(docs)), make([]int, 0, len(docs))
	var parsed []wire.Parsed
	for i, text := range docs {
		parsed = parser.AppendAll(parsed[:0], text)
		if more := len(parsed) - 1; more > 0 { // the first was counted
			a.metrics.received.WithLabelValues(string(door)).Add(float64(more))
		}
		for _, p := range parsed {
			if r := a.check(p, now); r != nil {
				verdicts[i] = a.reject(door, r)
				continue
			}
			sound = append(sound, roentgen.Stored{Segment: p.Segment, Received: roentgen.At(now), Keep: keepOf(p.Segment)})
			at = append(at, i)
		}
	}
	return sound, at
}

// refusal says why the store refused a document; nil when it did not.
func refusal(seg *roentgen.Segment, outcome roentgen.Outcome) *roentgen.Rejection {
	switch outcome {
	case roentgen.RefusedTraceTooLarge:
		return &roentgen.Rejection{
			Code: roentgen.InvalidSegment, ID: seg.ID.String(),
			Detail: fmt.Sprintf("trace %s has reached its size limit; send smaller documents, or raise the limit of the server", seg.Trace),
		}
	case roentgen.RefusedTooOld:
		return &roentgen.Rejection{
			Code: roentgen.InvalidSegment, ID: seg.ID.String(),
			Detail: fmt.Sprintf("start_time %s is before what this server retains; check the clock of the sender, or raise the retention", seg.Start.Time().Format(time.RFC3339)),
		}
	}
	return nil
}

// keepOf reads why the sender recorded this trace. Only the segment that began
// it knows.
func keepOf(seg *roentgen.Segment) roentgen.Keep {
	if seg.AWS == nil || seg.AWS.SamplingProbability == 0 {
		return roentgen.Keep{}
	}
	keep := roentgen.Keep{Reason: roentgen.KeepHead, Probability: seg.AWS.SamplingProbability}
	if seg.AWS.SamplingRule == roentgen.ForcedRuleName {
		keep.Reason = roentgen.KeepForced
	}
	return keep
}

// reject counts and logs. Documents are not logged: they may hold what is
// nobody's business.
func (a *Acceptor) reject(door Door, r *roentgen.Rejection) *roentgen.Rejection {
	a.metrics.reject(door, r.Code)
	if a.cfg.OnReject != nil {
		a.cfg.OnReject(door, r)
	}
	if a.warn.Allow() {
		a.cfg.Logger.Warn("document rejected", "door", door, "code", r.Code, "id", r.ID, "detail", r.Detail)
	}
	return r
}
