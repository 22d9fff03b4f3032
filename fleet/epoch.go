package fleet

import (
	"slices"

	"github.com/roentgen/roentgen/wire"
)

const (
	// window is how many answers are kept for each epoch. An agent has two to
	// eight batches on the way.
	window = 128
	// maxGaps is how many separate gaps in the numbers are remembered.
	maxGaps = 256
	// maxEpochs is how many epochs of an agent are told apart.
	maxEpochs = 4
)

// answered is one batch that was counted, and what was answered.
type answered struct {
	Seq      uint64                  `json:"seq"`
	Totals   Totals                  `json:"totals"`
	Codes    map[string]int64        `json:"codes,omitempty"`
	Rejected []wire.RejectedDocument `json:"rejected,omitempty"`
}

// answer is what is said when the batch comes again.
func (a *answered) answer() *wire.BatchAnswer {
	return &wire.BatchAnswer{Seq: a.Seq, Repeated: true, Outcomes: a.Totals.outcomes(), Codes: a.Codes, Rejected: a.Rejected}
}

// span is numbers of batches, both ends included.
type span struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// epoch is the batches of one life of an agent's state.
type epoch struct {
	ID      uint64     `json:"id"`
	Totals  Totals     `json:"totals"`
	Highest uint64     `json:"highest"`
	Gaps    []span     `json:"gaps,omitempty"` // numbers below Highest that have not come, ascending
	Lost    uint64     `json:"lost,omitempty"` // numbers in gaps that are not remembered any more
	Window  []answered `json:"window"`         // the newest batches, in the order of counting
}

// find returns the recorded answer, or nil.
func (e *epoch) find(seq uint64) *answered {
	for i := len(e.Window) - 1; i >= 0; i-- {
		if e.Window[i].Seq == seq {
			return &e.Window[i]
		}
	}
	return nil
}

// count takes a batch that has no recorded answer.
func (e *epoch) count(a answered) {
	if !e.arrive(a.Seq) {
		a.Totals.Recounted = a.Totals.Documents
	}
	e.Totals.Add(a.Totals)
	if len(e.Window) >= window {
		e.Window = slices.Delete(e.Window, 0, len(e.Window)-window+1)
	}
	e.Window = append(e.Window, a)
}

// arrive keeps account of the numbers. It reports whether seq is new.
func (e *epoch) arrive(seq uint64) bool {
	if seq > e.Highest {
		if seq > e.Highest+1 {
			e.Gaps = append(e.Gaps, span{e.Highest + 1, seq - 1})
			e.forgetGaps()
		}
		e.Highest = seq
		return true
	}
	for i, g := range e.Gaps {
		if seq < g.From || seq > g.To {
			continue
		}
		var rest []span
		if g.From < seq {
			rest = append(rest, span{g.From, seq - 1})
		}
		if seq < g.To {
			rest = append(rest, span{seq + 1, g.To})
		}
		e.Gaps = slices.Replace(e.Gaps, i, i+1, rest...)
		e.forgetGaps()
		return true
	}
	return false
}

func (e *epoch) forgetGaps() {
	for len(e.Gaps) > maxGaps {
		e.Lost += e.Gaps[0].To - e.Gaps[0].From + 1
		e.Gaps = slices.Delete(e.Gaps, 0, 1)
	}
}

// missing is how many numbers below the highest have not come.
func (e *epoch) missing() uint64 {
	n := e.Lost
	for _, g := range e.Gaps {
		n += g.To - g.From + 1
	}
	return n
}

// from is what was counted of batch seq and those behind it, as far as the
// window has them.
func (e *epoch) from(seq uint64) (t Totals) {
	for i := range e.Window {
		if e.Window[i].Seq >= seq {
			t.Add(e.Window[i].Totals)
		}
	}
	return t
}

// startedLate tells whether the first batch has not come.
func (e *epoch) startedLate() bool {
	return e.Lost > 0 || len(e.Gaps) > 0 && e.Gaps[0].From == 1
}
