package agent

import (
	"context"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/agent/ledger"
	"github.com/roentgen/roentgen/tail"
)

// spans is the desk behind OpenTelemetry's doors: accept's next step.
type spans struct {
	*desk
	door accept.Door
	rate func() float64 // at which traces are sampled at their root
}

// Append decides about the documents of a request. They are stored when it
// returns, as far as the agent is concerned: in the ring or in the spool.
func (s spans) Append(_ context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error) {
	if !s.room() {
		return nil, roentgen.Unavailablef("the spool of this agent is full, and the upstream does not answer; send the spans again later")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rate := s.rate()
	for _, d := range docs {
		s.books.received(s.door).Add(1)
		mark, probability := s.mark(d, rate)
		s.offer(d.Segment, s.redact(d.Segment.Document), mark, probability)
	}
	return make([]roentgen.Outcome, len(docs)), nil // all of them StoredNew
}

// mark decides at the head, by the trace's id alone, so that all agents agree.
// The SDK has sampled before: what it left out never came here.
func (s spans) mark(d roentgen.Stored, rate float64) (tail.Mark, float64) {
	switch {
	case d.Keep.Reason == roentgen.KeepForced:
		return tail.MarkForced, d.Keep.Probability
	case rate >= 1:
		return tail.MarkSampled, d.Keep.Probability
	case share(d.Segment.Trace) < rate:
		if d.Keep.Probability > 0 {
			return tail.MarkSampled, rate * d.Keep.Probability
		}
		return tail.MarkSampled, rate
	}
	return tail.MarkUndecided, 0
}

// rejected books a document that accept turned away at one of these doors.
func (d *desk) rejected(door accept.Door, r *roentgen.Rejection) {
	d.books.received(door).Add(1)
	d.books.ledger.Counter(ledger.Rejected, string(r.Code)).Add(1)
}
