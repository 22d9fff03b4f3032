package fleet

import (
	"encoding/json"
	"slices"
	"time"
)

// agent is one that has sent a batch. Its JSON is that of a snapshot.
type agent struct {
	ID      string    `json:"agent"`
	Host    string    `json:"host"`
	Version string    `json:"version"`
	Seen    time.Time `json:"seen"`
	Epochs  []*epoch  `json:"epochs"` // the one that spoke last is last

	Earlier       Totals `json:"earlier"` // of epochs that are not told apart any more
	EarlierEpochs int    `json:"earlier_epochs,omitempty"`
	EarlierLate   bool   `json:"earlier_late,omitempty"` // one of them began with another batch than 1

	Said *said `json:"said,omitempty"`

	// By is the name of the token that speaks for it; "": any may.
	By string `json:"by,omitempty"`

	// Copied is when the copy was made out of which the book was restored; zero:
	// this agent was never in one.
	Copied time.Time `json:"copied,omitzero"`
}

// said is the last statement of an agent. Before is what the server had counted
// in front of the batch that brought it: in the epoch of that batch those with
// smaller numbers, and all of the other epochs.
type said struct {
	Epoch     uint64          `json:"epoch"`
	Seq       uint64          `json:"seq"`
	At        time.Time       `json:"at"` // by the server's clock
	Statement json.RawMessage `json:"statement"`
	Before    Totals          `json:"before"`
}

// epoch returns the one of that id and makes it the last.
func (a *agent) epoch(id uint64) *epoch {
	i := slices.IndexFunc(a.Epochs, func(e *epoch) bool { return e.ID == id })
	if i < 0 {
		a.Epochs = append(a.Epochs, &epoch{ID: id})
		if len(a.Epochs) > maxEpochs {
			a.Earlier.Add(a.Epochs[0].Totals)
			a.EarlierLate = a.EarlierLate || a.Epochs[0].startedLate()
			a.EarlierEpochs++
			a.Epochs = slices.Delete(a.Epochs, 0, 1)
		}
	} else if e := a.Epochs[i]; i < len(a.Epochs)-1 {
		a.Epochs = append(slices.Delete(a.Epochs, i, i+1), e)
	}
	return a.Epochs[len(a.Epochs)-1]
}

// answer returns the recorded answer of a batch, or nil.
func (a *agent) answer(epoch, seq uint64) *answered {
	for _, e := range a.Epochs {
		if e.ID == epoch {
			return e.find(seq)
		}
	}
	return nil
}

// take makes what a record says so.
func (a *agent) take(r *batchRecord) {
	a.Host, a.Version, a.Seen = r.Host, r.Version, r.At
	if r.By != "" {
		a.By = r.By
	}
	e := a.epoch(r.Epoch)
	if e.find(r.Seq) != nil {
		e.Totals.Repeated++
	} else {
		e.count(answered{r.Seq, totalsOf(r.Documents, r.Outcomes), r.Codes, r.Rejected})
	}
	if r.Statement == nil || a.Said != nil && a.Said.Epoch == r.Epoch && a.Said.Seq > r.Seq {
		return
	}
	before := a.totals()
	before.combine(e.from(r.Seq), -1)
	a.Said = &said{r.Epoch, r.Seq, r.At, r.Statement, before}
}

// totals is everything that was counted of the agent.
func (a *agent) totals() Totals {
	t := a.Earlier
	for _, e := range a.Epochs {
		t.Add(e.Totals)
	}
	return t
}
