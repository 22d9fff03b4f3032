package accept

import (
	"context"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// Verdict is what became of one document of a batch.
type Verdict struct {
	// Outcome is the store's; it counts where the document reached the store.
	Outcome roentgen.Outcome
	// Rejection says why the document was not taken; nil where it was. The
	// store refused it where Outcome says so, and otherwise it never came there.
	Rejection *roentgen.Rejection
}

// Refused reports whether it was the store that did not take the document.
func (v *Verdict) Refused() bool {
	return v.Outcome == roentgen.RefusedTooOld || v.Outcome == roentgen.RefusedTraceTooLarge
}

// AcceptBatch checks and stores the documents of an agent's batch. It returns a
// verdict on each; why the agent kept a document goes into the store, joined
// with what the document itself says. The texts are the caller's again when it
// has returned.
//
// A text that is an array has the verdict on its last bad document, and the
// outcome of its last good one. An error means that the next step failed:
// nothing of the batch may be relied on, and it has to come again.
func (a *Acceptor) AcceptBatch(ctx context.Context, docs []wire.BatchDocument) ([]Verdict, error) {
	texts := make([][]byte, len(docs))
	for i := range docs {
		texts[i] = docs[i].Document
	}
	a.metrics.received.WithLabelValues(string(DoorAgent)).Add(float64(len(docs)))
	b := &batch{docs, make([]Verdict, len(docs))}
	rejections := make([]*roentgen.Rejection, len(docs))
	if err := a.settle(ctx, DoorAgent, texts, rejections, b); err != nil {
		return nil, err
	}
	for i, r := range rejections {
		b.verdicts[i].Rejection = r
	}
	return b.verdicts, nil
}

// batch is what the agent's door adds to the way of documents; a nil one adds
// nothing.
type batch struct {
	docs     []wire.BatchDocument
	verdicts []Verdict
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
		b.verdicts[at[j]].Outcome = outcome
	}
}
