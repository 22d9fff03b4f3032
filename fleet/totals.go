package fleet

import "github.com/roentgen/roentgen/wire"

// Totals is what a server counted of batches. Documents is Stored + Replaced +
// Duplicate + Refused + Rejected.
type Totals struct {
	Batches   int64 `json:"batches,omitempty"` // counted ones
	Documents int64 `json:"documents,omitempty"`
	Stored    int64 `json:"stored,omitempty"`
	Replaced  int64 `json:"replaced,omitempty"`
	Duplicate int64 `json:"duplicate,omitempty"`
	Refused   int64 `json:"refused,omitempty"`
	Rejected  int64 `json:"rejected,omitempty"`
	// Repeated is how often a batch came again and got its recorded answer.
	Repeated int64 `json:"repeated,omitempty"`
	// Recounted documents came in batches that were counted before so long ago
	// that their answer was forgotten: they are in the sums above twice.
	Recounted int64 `json:"recounted,omitempty"`
}

// Add counts u as well.
func (t *Totals) Add(u Totals) { t.combine(u, 1) }

func (t *Totals) combine(u Totals, sign int64) {
	t.Batches += sign * u.Batches
	t.Documents += sign * u.Documents
	t.Stored += sign * u.Stored
	t.Replaced += sign * u.Replaced
	t.Duplicate += sign * u.Duplicate
	t.Refused += sign * u.Refused
	t.Rejected += sign * u.Rejected
	t.Repeated += sign * u.Repeated
	t.Recounted += sign * u.Recounted
}

// Settled is the sum of the outcomes, which Documents has to be.
func (t Totals) Settled() int64 {
	return t.Stored + t.Replaced + t.Duplicate + t.Refused + t.Rejected
}

// totalsOf counts one batch.
func totalsOf(documents int, outcomes map[string]int64) Totals {
	return Totals{
		Batches: 1, Documents: int64(documents),
		Stored: outcomes[wire.OutcomeStored], Replaced: outcomes[wire.OutcomeReplaced], Duplicate: outcomes[wire.OutcomeDuplicate],
		Refused: outcomes[wire.OutcomeRefused], Rejected: outcomes[wire.OutcomeRejected],
	}
}

// outcomes is the other way round; those that did not occur are left out.
func (t Totals) outcomes() map[string]int64 {
	out := map[string]int64{}
	for name, n := range map[string]int64{
		wire.OutcomeStored: t.Stored, wire.OutcomeReplaced: t.Replaced, wire.OutcomeDuplicate: t.Duplicate,
		wire.OutcomeRefused: t.Refused, wire.OutcomeRejected: t.Rejected,
	} {
		if n != 0 {
			out[name] = n
		}
	}
	return out
}
