package accept

import (
	"context"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// AcceptBatch checks and stores the documents of an agent's batch. It returns
// for each what the store made of it, and why it was not taken, where it was
// not: the store refused it where the outcome says so, and otherwise it never
// came there and its outcome means nothing. Why the agent kept a document goes
// into the store, joined with what the document itself says. The texts are the
// caller's again when it has returned.
//
// A text that is an array has the rejection of its last bad document, and the
// outcome of its last good one. An error means that the next step failed:
// nothing of the batch may be relied on, and it has to come again.
func (a *Acceptor) AcceptBatch(ctx context.Context, docs []wire.BatchDocument) ([]roentgen.Outcome, []*roentgen.Rejection, error) {
	return a.AcceptBatchFrom(ctx, DoorAgent, docs)
}

// AcceptBatchFrom is AcceptBatch for the agent within this very process, whose
// door the documents came in at.
func (a *Acceptor) AcceptBatchFrom(ctx context.Context, door Door, docs []wire.BatchDocument) ([]roentgen.Outcome, []*roentgen.Rejection, error) {
	texts := make([]wire.Text, len(docs))
	for i := range docs {
		texts[i] = wire.TextOf(docs[i].Document)
	}
	a.metrics.received.WithLabelValues(string(door)).Add(float64(len(docs)))
	b := &batch{docs, make([]roentgen.Outcome, len(docs))}
	rejections := make([]*roentgen.Rejection, len(docs))
	if err := a.settle(ctx, door, texts, rejections, b); err != nil {
		return nil, nil, err
	}
	return b.outcomes, rejections, nil
}

// Rejected counts a document that came in at a door and was turned away
// before it got here.
func (a *Acceptor) Rejected(door Door, code roentgen.RejectCode) {
	a.metrics.received.WithLabelValues(string(door)).Inc()
	a.metrics.reject(door, code)
}

// batch is what the agent's door adds to the way of documents; a nil one adds
// nothing.
type batch struct {
	docs     []wire.BatchDocument
	outcomes []roentgen.Outcome
}

// keep joins what the agent said into the sound documents, of which at has the
// index of each.
func (b *batch) keep(sound []roentgen.Stored, at []int) {
	if b == nil {
		return
	}
	for j := range sound {
		sound[j].Keep = b.docs[at[j]].Keep.Join(sound[j].Keep)
	}
}

func (b *batch) settled(outcomes []roentgen.Outcome, at []int) {
	if b == nil {
		return
	}
	for j, outcome := range outcomes {
		b.outcomes[at[j]] = outcome
	}
}
