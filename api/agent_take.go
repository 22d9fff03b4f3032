package api

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/wire"
)

// BatchStore makes the documents of a batch durable; accept.Acceptor does.
type BatchStore interface {
	// AcceptBatch returns for each document what the store made of it and why it
	// was not taken; the outcome counts where there is no rejection, or where it
	// is a refusal itself.
	AcceptBatch(ctx context.Context, docs []wire.BatchDocument) ([]roentgen.Outcome, []*roentgen.Rejection, error)
}

// Rates takes the roll-ups of a batch; rates.Book does. Those of a batch that
// comes again are not counted again. An error of kind Invalid means that none
// of them can be read.
type Rates interface {
	Add(agent string, epoch, seq uint64, rollups ...[]byte) error
}

// Book knows which batches were counted; fleet.Fleet does.
type Book interface {
	Begin(ctx context.Context, h wire.BatchHeader) (answered *wire.BatchAnswer, release func(), err error)
	Commit(h wire.BatchHeader, answer wire.BatchAnswer, notices []wire.Notice, statement []byte) error
}

// IntakeConfig is what an Intake needs. Documents and Book are required.
type IntakeConfig struct {
	Documents BatchStore
	Book      Book
	Rates     Rates // nil: roll-ups are passed over

	Logger   *slog.Logger          // default: discard
	Registry prometheus.Registerer // default: counters nobody reads
}

// Intake takes the batches of agents, whichever way they come: over HTTP, or
// from the agent within the same process. It is safe for use by many goroutines.
type Intake struct {
	cfg     IntakeConfig
	batches *prometheus.CounterVec // result
	rollups *prometheus.CounterVec // result
	warn    *rate.Limiter          // one log line a second; counters have the rest
}

// NewIntake returns an Intake in front of what is in cfg.
func NewIntake(cfg IntakeConfig) *Intake {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	i := &Intake{
		cfg: cfg, warn: rate.NewLimiter(rate.Every(time.Second), 5),
		batches: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roentgen_agent_batches_total",
			Help: "Batches of agents, by result: counted, repeated (came before, and got the same answer), failed (has to come again).",
		}, []string{"result"}),
		rollups: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roentgen_agent_rollups_total",
			Help: "Roll-ups in batches of agents, by result: taken, refused (damaged, or of another version).",
		}, []string{"result"}),
	}
	if cfg.Registry != nil {
		cfg.Registry.MustRegister(i.batches, i.rollups)
	}
	return i
}

// Take stores a batch and answers when that is durable. The documents come
// first, then the roll-ups, and at last the book says that the batch was
// counted: whoever dies in between leaves a batch that comes again, whose
// documents are duplicates then and whose roll-ups are known.
//
// An error of kind Invalid means that this batch will never be taken; any other
// that it has to come again. b is the caller's again when Take has returned.
func (i *Intake) Take(ctx context.Context, b *wire.Batch) (wire.BatchAnswer, error) {
	h := b.Header
	h.Documents = len(b.Documents)
	answered, release, err := i.cfg.Book.Begin(ctx, h)
	if err != nil {
		return wire.BatchAnswer{}, i.failed(err)
	}
	defer release()
	answer, result := answerOf(h.Seq), "counted"
	if answered != nil {
		answer, result = *answered, "repeated"
	} else if err := i.store(ctx, b, &answer); err != nil {
		return wire.BatchAnswer{}, i.failed(err)
	}
	if err := i.cfg.Book.Commit(h, answer, b.Notices, i.statement(b)); err != nil {
		return wire.BatchAnswer{}, i.failed(err)
	}
	i.batches.WithLabelValues(result).Inc()
	return answer, nil
}

func (i *Intake) failed(err error) error {
	i.batches.WithLabelValues("failed").Inc()
	return err
}

func answerOf(seq uint64) wire.BatchAnswer {
	return wire.BatchAnswer{Seq: seq, Outcomes: map[string]int64{}}
}

// store makes documents and roll-ups durable and counts the outcomes.
func (i *Intake) store(ctx context.Context, b *wire.Batch, answer *wire.BatchAnswer) error {
	if len(b.Documents) > 0 {
		outcomes, rejections, err := i.cfg.Documents.AcceptBatch(ctx, b.Documents)
		if err != nil {
			return err
		}
		countOutcomes(answer, outcomes, rejections)
	}
	return i.addRollups(b)
}

// addRollups refuses damaged roll-ups alone: the documents beside them are
// worth more than the figures of a minute.
func (i *Intake) addRollups(b *wire.Batch) error {
	if i.cfg.Rates == nil || len(b.Rollups) == 0 {
		return nil
	}
	err, result := i.cfg.Rates.Add(b.Header.Agent, b.Header.Epoch, b.Header.Seq, b.Rollups...), "taken"
	if err != nil {
		if roentgen.KindOf(err) != roentgen.Invalid {
			return err
		}
		result = "refused"
		i.complain("the roll-ups of an agent were refused", b, err)
	}
	i.rollups.WithLabelValues(result).Add(float64(len(b.Rollups)))
	return nil
}

func (i *Intake) complain(what string, b *wire.Batch, err error) {
	if i.warn.Allow() {
		i.cfg.Logger.Warn(what, "agent", b.Header.Agent, "host", b.Header.Host, "seq", b.Header.Seq, "error", err)
	}
}

// statement returns that of b, or nil where nobody could make sense of it.
func (i *Intake) statement(b *wire.Batch) []byte {
	if b.Statement == nil {
		return nil
	}
	s, err := fleet.ParseStatement(b.Statement)
	if err == nil && s.Epoch != b.Header.Epoch {
		err = roentgen.Invalidf("it speaks of epoch %d, and its batch is of epoch %d", s.Epoch, b.Header.Epoch)
	}
	if err != nil {
		i.complain("the statement of an agent cannot be used", b, err)
		return nil
	}
	return b.Statement
}

// longestDetail bounds what is remembered of a rejection, in bytes.
const longestDetail = 400

// countOutcomes fills the answer.
func countOutcomes(answer *wire.BatchAnswer, outcomes []roentgen.Outcome, rejections []*roentgen.Rejection) {
	var counts [len(outcomeNames)]int64
	for j, r := range rejections {
		outcome := outcomeOf(outcomes[j], r)
		counts[outcome]++
		if r == nil {
			continue
		}
		if outcomeNames[outcome] == wire.OutcomeRejected {
			countCode(answer, r.Code)
		}
		if len(answer.Rejected) < wire.MaxRejectedNamed {
			answer.Rejected = append(answer.Rejected, wire.RejectedDocument{
				Index: j, ID: r.ID, Code: string(r.Code), Detail: r.Detail[:min(len(r.Detail), longestDetail)],
			})
		}
	}
	for o, n := range counts {
		if n > 0 {
			answer.Outcomes[outcomeNames[o]] = n
		}
	}
}

func countCode(answer *wire.BatchAnswer, code roentgen.RejectCode) {
	if answer.Codes == nil {
		answer.Codes = map[string]int64{}
	}
	answer.Codes[string(code)]++
}

// outcomeNames are the five words of an answer; outcomeOf says which one.
var outcomeNames = [...]string{wire.OutcomeStored, wire.OutcomeReplaced, wire.OutcomeDuplicate, wire.OutcomeRefused, wire.OutcomeRejected}

func outcomeOf(o roentgen.Outcome, r *roentgen.Rejection) int {
	const refused, rejected = 3, 4
	switch {
	case o == roentgen.RefusedTooOld || o == roentgen.RefusedTraceTooLarge:
		return refused
	case r != nil:
		return rejected
	}
	return slices.Index([]roentgen.Outcome{roentgen.StoredNew, roentgen.Replaced, roentgen.Duplicate}, o)
}
