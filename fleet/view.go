package fleet

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// AgentView is one agent as the server knows it.
type AgentView struct {
	Agent, Host, Version string
	By                   string    // name of the token that speaks for it; "": any may
	Seen                 time.Time // when its last batch came
	Silent               time.Duration
	// Totals is of every epoch together, Missing the numbers of batches that
	// have not come although later ones of their epoch have.
	Totals  Totals
	Missing uint64
	Epochs  []EpochView // those told apart; the one that spoke last is last
	// EarlierEpochs is how many more there were, which are in Totals alone.
	EarlierEpochs int

	Statement   []byte // as the agent wrote it, JSON; nil: none yet
	StatementAt time.Time
	// Before is what had been counted in front of the batch that brought the
	// statement.
	Before Totals
	// Copied is when the copy was made out of which the book was restored; zero:
	// it was not, or the agent came later.
	Copied time.Time

	startedLate bool // batch 1 of an epoch never came
}

// EpochView is one life of an agent's state.
type EpochView struct {
	ID      uint64
	Totals  Totals
	Highest uint64 // number of a batch
	Missing uint64
}

// Agents returns what is known of every agent, by host and name.
func (f *Fleet) Agents(ctx context.Context) ([]AgentView, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mu.closed {
		return nil, errClosed
	}
	now := f.opt.Now()
	f.forgetLocked(now)
	views := make([]AgentView, 0, len(f.mu.agents))
	for _, a := range f.mu.agents {
		views = append(views, a.view(now))
	}
	slices.SortFunc(views, func(a, b AgentView) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Agent, b.Agent))
	})
	return views, nil
}

// Damage returns what could not be read when the book was opened: the sums may
// be too low by that.
func (f *Fleet) Damage() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.mu.damage)
}

func (a *agent) view(now time.Time) AgentView {
	v := AgentView{
		Agent: a.ID, Host: a.Host, Version: a.Version, By: a.By,
		Seen: a.Seen, Silent: now.Sub(a.Seen), Totals: a.totals(), EarlierEpochs: a.EarlierEpochs,
		Copied: a.Copied, startedLate: a.EarlierLate,
	}
	for _, e := range a.Epochs {
		v.Epochs = append(v.Epochs, EpochView{e.ID, e.Totals, e.Highest, e.missing()})
		v.Missing += e.missing()
		v.startedLate = v.startedLate || e.startedLate()
	}
	if a.Said != nil {
		v.Statement, v.StatementAt, v.Before = a.Said.Statement, a.Said.At, a.Said.Before
	}
	return v
}
