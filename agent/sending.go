package agent

import (
	"errors"
	"time"

	"github.com/roentgen/roentgen/agent/ledger"
	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/agent/upstream"
	"github.com/roentgen/roentgen/wire"
)

// stateEvery is how often the server hears of an agent that has nothing else
// to say; with documents it hears at most once a second.
const stateEvery = 10 * time.Second

// noticesAtOnce bounds the notices of one batch.
const noticesAtOnce = 8192

// extra is what travels with the next batch beside its documents.
func (a *Agent) extra() upstream.Extra {
	if !a.cfg.Roentgen {
		return upstream.Extra{}
	}
	var e upstream.Extra
	if now := a.cfg.Now(); now.Sub(a.lastStated()) >= time.Second || a.draining.Load() {
		e.Statement = a.statement()
		a.statedAt.Store(now.UnixNano())
	}
	a.desk.mu.Lock()
	e.Notices = a.tail.Unsent(noticesAtOnce)
	a.desk.mu.Unlock()
	if n := len(e.Notices); n > 0 {
		e.Taken = func() {
			a.desk.mu.Lock()
			defer a.desk.mu.Unlock()
			a.tail.Sent(n)
		}
	}
	return e
}

func (a *Agent) lastStated() time.Time { return time.Unix(0, a.statedAt.Load()) }

// settle books what became of a batch. A batch that was refused for good is
// rejected, document by document.
func (a *Agent) settle(cut *spool.Cut, answer wire.BatchAnswer, err error) {
	outcomes := map[ledger.Key]int64{}
	n := int64(len(cut.Documents))
	if aside := new(upstream.SetAsideError); errors.As(err, &aside) {
		outcomes[ledger.Key{Kind: ledger.Lost, Label: causeUpstream}] = n
		n = 0
		a.setAside(cut, aside)
	} else if err != nil {
		outcomes[ledger.Key{Kind: ledger.Rejected, Label: refusalCode(err)}] = n
		n = 0
	} else {
		n -= settleAnswer(outcomes, answer)
	}
	if n != 0 { // the server's count is not ours
		outcomes[ledger.Key{Kind: ledger.Lost, Label: causeSilent}] += n
	}
	if _, err := a.books.ledger.Settle(a.spool.Epoch(), cut.Seq, outcomes); err != nil {
		a.cfg.Logger.Error("book a batch", "seq", cut.Seq, "error", err)
	}
	for _, r := range answer.Rejected {
		if a.warnings.Allow() {
			a.cfg.Logger.Warn("the upstream did not take a document", "code", r.Code, "id", r.ID, "detail", r.Detail)
		}
	}
}

// settleAnswer adds the outcomes of an answer and returns their sum. An
// upstream that does not count rejections by code has them under its own name.
func settleAnswer(outcomes map[ledger.Key]int64, answer wire.BatchAnswer) (sum int64) {
	kinds := map[string]ledger.Kind{
		wire.OutcomeStored: ledger.Stored, wire.OutcomeReplaced: ledger.Replaced,
		wire.OutcomeDuplicate: ledger.Duplicate, wire.OutcomeRefused: ledger.Refused,
	}
	rejected := int64(0)
	for outcome, n := range answer.Outcomes {
		sum += n
		if kind, known := kinds[outcome]; known {
			outcomes[ledger.Key{Kind: kind}] += n
		} else {
			rejected += n
		}
	}
	for code, n := range answer.Codes {
		n = min(n, rejected)
		outcomes[ledger.Key{Kind: ledger.Rejected, Label: code}] += n
		rejected -= n
	}
	outcomes[ledger.Key{Kind: ledger.Rejected, Label: "upstream"}] += rejected
	return sum
}

// refusalCode names why a whole batch was refused.
func refusalCode(err error) string {
	var e *upstream.Error
	if errors.As(err, &e) && e.Code != "" {
		return e.Code
	}
	return "batch_refused"
}

func categoryName(i int) string { return upstream.Category(i).String() }
